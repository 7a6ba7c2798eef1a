//! Parsed event definitions, kept so that a load need not carry and parse them each time.

use crate::error::Fault;
use evently_core::domain::{Event, EventId};
use lru::LruCache;
use parking_lot::Mutex;
use std::sync::Arc;

/// The definitions used last, within bounds.
///
/// Each is known by the mark of the commit that wrote it, which comes with every read: what another process wrote is
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

#[derive(Debug)]
struct Definition {
    defined_in: i64,
    /// The length of its text, for what it takes up in memory.
    bytes: usize,
    event: Arc<Event>,
}

impl Definitions {
    /// The most text that the kept definitions were parsed from.
    const MAX_BYTES: usize = 32 << 20;

    pub(crate) fn new() -> Self {
        Self {
            kept: Mutex::new(Kept {
                events: LruCache::unbounded(),
                bytes: 0,
            }),
        }
    }

    /// The event as far as it is known, with the mark of the commit that wrote it; 0 if it is not known.
    pub(crate) fn known(&self, id: EventId) -> (i64, Option<Arc<Event>>) {
        let mut kept = self.kept.lock();
        let known = kept.events.get(&id);
        known.map_or((0, None), |known| {
            (known.defined_in, Some(Arc::clone(&known.event)))
        })
    }

    /// Parses a definition and keeps it.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn learn(&self, id: EventId, defined_in: i64, text: &str) -> Result<Arc<Event>, Fault> {
        let event: Arc<Event> = Arc::new(serde_json::from_str(text).map_err(Fault::damaged)?);
        let definition = Definition {
            defined_in,
            bytes: text.len(),
            event: Arc::clone(&event),
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
