//! What the lanes have done so far, in counts.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What an engine's lanes have done since its start. Batches a second, commands a batch and the share of conflicts
/// follow from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneFigures {
    /// Commands taken from queues.
    pub commands: u64,
    /// Batches that they came in.
    pub batches: u64,
    /// Calls of the store's `load`.
    pub loads: u64,
    /// Calls of the store's `commit`.
    pub commits: u64,
    /// Events whose changes met a conflict and were decided again.
    pub conflicts: u64,
    /// Calls of the store repeated after a transient error.
    pub retries: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commands: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) loads: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) retries: AtomicU64,
}

impl Counters {
    pub(super) fn figures(&self) -> LaneFigures {
        LaneFigures {
            commands: self.commands.load(Relaxed),
            batches: self.batches.load(Relaxed),
            loads: self.loads.load(Relaxed),
            commits: self.commits.load(Relaxed),
            conflicts: self.conflicts.load(Relaxed),
            retries: self.retries.load(Relaxed),
        }
    }
}

/// Adds to a counter.
pub(super) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Relaxed);
}
