//! The in-memory backend: the executable specification of the store contract.
//!
//! Each event's state stands behind its own short lock, which a commit takes to write and everything else to
//! read; what is found by id, by owner or by key stands beside them in shards. No future of this
//! backend ever waits for anything but a lock, and none of its locks is held over an await.
//!
//! The order of locks: events in the order of their ids, then one shard of the index or the list of what is due.
//! The catalogue's lock is let go before an event's is taken.
//!
//! It holds no rule: what it checks (versions, keys, owners of seats, counts within capacity) is the wall behind
//! the ledger that every backend has.

mod analytics;
mod ascending;
mod bookings;
mod changes;
mod events;
mod index;
mod keys;
mod lease;
mod line;
mod owner;
mod page;
mod queue;
mod row;
mod shards;
mod state;
#[cfg(test)]
mod tests;
mod users;
mod waitlist;

use crate::domain::{EventId, Timestamp};
use crate::store::{ConnectionFigures, Durability, Signals, Store, StoreError};
use async_trait::async_trait;
use index::Index;
use parking_lot::{Mutex, RwLock};
use state::EventState;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use users::Accounts;

pub use lease::MemoryLeases;
pub use queue::MemoryQueue;

/// What stands before the colon of this backend's URL, and its name in logs.
const NAME: &str = "memory";

/// A [`Store`] in this process' memory, for tests, demonstrations and as the measure of all others.
///
/// What is acknowledged lives as long as some handle on it does ([`Durability::Volatile`]).
pub struct MemoryStore {
    data: Arc<Data>,
    closed: AtomicBool,
}

/// An event's state, or nothing: before it is created, and after its draft is deleted.
///
/// The cell of a deleted draft stays, so that whoever found it before cannot write past the deletion.
type Cell = RwLock<Option<EventState>>;

#[derive(Default)]
struct Data {
    events: RwLock<BTreeMap<EventId, Arc<Cell>>>,
    index: Index,
    due: Mutex<BTreeSet<(Timestamp, EventId)>>,
    accounts: Mutex<Accounts>,
    signals: Signals,
}

/// An instant so much later, or the last one there is.
fn later(at: Timestamp, span: Duration) -> Timestamp {
    at.checked_add(span).unwrap_or(Timestamp::MAX)
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self {
            data: Arc::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Another handle on the same data, open whether this one is closed or not: what opening a durable store
    /// again is to that.
    #[must_use]
    pub fn reopen(&self) -> Self {
        Self {
            data: Arc::clone(&self.data),
            closed: AtomicBool::new(false),
        }
    }

    /// The data, unless this handle is closed.
    fn data(&self) -> Result<&Data, StoreError> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(StoreError::permanent(NAME, "the store is closed"));
        }
        Ok(&self.data)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}

impl Data {
    /// The event's cell, if it ever had one.
    fn cell(&self, id: EventId) -> Option<Arc<Cell>> {
        self.events.read().get(&id).map(Arc::clone)
    }

    /// Makes the event's cell, if there is none.
    fn make_cell(&self, id: EventId) {
        self.events.write().entry(id).or_default();
    }

    /// Reads one event under its lock.
    fn read<T>(&self, id: EventId, read: impl FnOnce(&EventState) -> T) -> Option<T> {
        self.cell(id)?.read().as_ref().map(read)
    }

    /// Reads every event, each under its own lock, in the order of their ids.
    fn read_all<T>(&self, mut read: impl FnMut(&EventState) -> Option<T>) -> Vec<T> {
        let cells: Vec<_> = self.events.read().values().map(Arc::clone).collect();
        let found = cells
            .iter()
            .filter_map(|cell| cell.read().as_ref().and_then(&mut read));
        found.collect()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn durability(&self) -> Durability {
        Durability::Volatile
    }

    fn connections(&self) -> Option<ConnectionFigures> {
        None
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.data().map(|_| ())
    }

    async fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
