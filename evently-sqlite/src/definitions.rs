//! Parsed event definitions, kept so that a load need not parse JSON each time.

use crate::error::Fault;
use crate::query;
use crate::statements::DEFINITION;
use evently_core::domain::{Event, EventId};
use lru::LruCache;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::sync::Arc;

/// The definitions used last, within bounds.
///
/// Each is known by the inventory's version in which it was written, which is read with every use: what another
/// process wrote is never missed.
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
    defined_in: u64,
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

    /// The definition of an event that was written in this version of its inventory.
    ///
    /// # Errors
    /// It cannot be read, or is not there although its inventory is.
    pub(crate) fn of(
        &self,
        connection: &Connection,
        id: EventId,
        defined_in: u64,
    ) -> Result<Arc<Event>, Fault> {
        if let Some(event) = self.kept.lock().get(id, defined_in) {
            return Ok(event);
        }
        let text: Option<String> = query::first(connection, DEFINITION, [id.uuid().as_bytes()], |row| {
            Ok(row.get(0)?)
        })?;
        let text = text.ok_or_else(|| Fault::damaged(format!("event {id} has no definition")))?;
        let event = Arc::new(serde_json::from_str(&text).map_err(Fault::damaged)?);
        self.kept.lock().put(
            id,
            Definition {
                defined_in,
                bytes: text.len(),
                event: Arc::clone(&event),
            },
        );
        Ok(event)
    }

    /// Forgets a deleted event: one made anew under its id counts its versions from 1 again.
    pub(crate) fn forget(&self, id: EventId) {
        self.kept.lock().forget(id);
    }
}

impl Kept {
    fn get(&mut self, id: EventId, defined_in: u64) -> Option<Arc<Event>> {
        let kept = self.events.get(&id)?;
        (kept.defined_in == defined_in).then(|| Arc::clone(&kept.event))
    }

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
