//! Parsed event definitions, kept so that a load need neither fetch nor parse them each time.

use crate::error::Fault;
use evently_core::domain::{Event, EventId};
use lru::LruCache;
use parking_lot::Mutex;
use std::sync::Arc;

/// The definitions used last, within bounds.
///
/// Each is known by the mark of the commit that wrote it, which is read with every use: what another process wrote is
/// never missed.
#[derive(Debug)]
pub(crate) struct Definitions {
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    events: LruCache<EventId, Definition>,
    bytes: usize,
}

/// A definition and the mark of the commit that wrote it.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    pub(crate) defined_in: u64,
    pub(crate) event: Arc<Event>,
    /// The length of its text, for what it takes up in memory.
    bytes: usize,
}

impl Definitions {
    /// The most text that the kept definitions were parsed from.
    const MAX_BYTES: usize = 64 << 20;

    pub(crate) fn new() -> Self {
        Self {
            kept: Mutex::new(Kept {
                events: LruCache::unbounded(),
                bytes: 0,
            }),
        }
    }

    /// The definition that is kept of an event, in whatever version.
    pub(crate) fn kept(&self, id: EventId) -> Option<Definition> {
        self.kept.lock().events.get(&id).cloned()
    }

    /// Parses and keeps a definition.
    ///
    /// # Errors
    /// It is damaged.
    pub(crate) fn parse(&self, id: EventId, defined_in: u64, text: &[u8]) -> Result<Arc<Event>, Fault> {
        let event: Arc<Event> = Arc::new(serde_json::from_slice(text).map_err(Fault::damaged)?);
        let definition = Definition {
            defined_in,
            event: Arc::clone(&event),
            bytes: text.len(),
        };
        self.kept.lock().put(id, definition);
        Ok(event)
    }

    /// Forgets a deleted event: one made anew under its id counts its versions from 1 again.
    pub(crate) fn forget(&self, id: EventId) {
        self.kept.lock().forget(id);
    }
}

impl Kept {
    fn forget(&mut self, id: EventId) {
        if let Some(former) = self.events.pop(&id) {
            self.bytes -= former.bytes;
        }
    }

    fn put(&mut self, id: EventId, definition: Definition) {
        self.bytes += definition.bytes;
        if let Some((_, former)) = self.events.push(id, definition) {
            self.bytes -= former.bytes;
        }
        while self.bytes > Definitions::MAX_BYTES {
            let Some((_, oldest)) = self.events.pop_lru() else {
                return;
            };
            self.bytes -= oldest.bytes;
        }
    }
}
