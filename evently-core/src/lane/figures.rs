//! What the lanes have done so far, in counts.

use crate::domain::{BookingStatus, Source};
use crate::ledger::Changes;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What an engine's lanes have done since its start. Batches a second, commands a batch and the share of conflicts
/// follow from these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneFigures {
    /// Commands taken from queues.
    pub commands: u64,
    /// Commands that wait in queues now.
    pub waiting: u64,
    /// Batches that they came in.
    pub batches: u64,
    /// The batches by size: at place n those of more than half of 2ⁿ and up to 2ⁿ commands, at the last all larger.
    pub batch_sizes: [u64; BATCH_SIZES],
    /// Calls of the store's `load`.
    pub loads: u64,
    /// Calls of the store's `commit`.
    pub commits: u64,
    /// Events whose changes met a conflict and were decided again.
    pub conflicts: u64,
    /// Calls of the store repeated after a transient error.
    pub retries: u64,
    /// What became of bookings.
    pub bookings: BookingFigures,
}

/// How many bookings came into each state by this engine's commits. One whose commit's answer was lost may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BookingFigures {
    /// Confirmed, at once or after a hold.
    pub confirmed: u64,
    /// Held, offers included.
    pub held: u64,
    /// Cancelled, released holds included.
    pub cancelled: u64,
    /// Holds and offers whose time was over.
    pub expired: u64,
    /// Made for a waitlist entry, confirmed or held.
    pub promoted: u64,
}

/// The sizes of batches that are told apart: up to 1, 2, 4 … 512, and more.
const BATCH_SIZES: usize = 11;

#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) commands: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) loads: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) conflicts: AtomicU64,
    pub(super) retries: AtomicU64,
    batch_sizes: [AtomicU64; BATCH_SIZES],
    confirmed: AtomicU64,
    held: AtomicU64,
    cancelled: AtomicU64,
    expired: AtomicU64,
    promoted: AtomicU64,
}

impl Counters {
    /// The figures, with so many commands waiting.
    pub(super) fn figures(&self, waiting: usize) -> LaneFigures {
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        LaneFigures {
            commands: read(&self.commands),
            waiting: waiting as u64,
            batches: read(&self.batches),
            batch_sizes: std::array::from_fn(|place| read(&self.batch_sizes[place])),
            loads: read(&self.loads),
            commits: read(&self.commits),
            conflicts: read(&self.conflicts),
            retries: read(&self.retries),
            bookings: BookingFigures {
                confirmed: read(&self.confirmed),
                held: read(&self.held),
                cancelled: read(&self.cancelled),
                expired: read(&self.expired),
                promoted: read(&self.promoted),
            },
        }
    }

    /// Counts a batch of so many commands.
    pub(super) fn batch(&self, commands: usize) {
        count(&self.commands, commands);
        count(&self.batches, 1);
        let place = commands.next_power_of_two().trailing_zeros() as usize;
        count(&self.batch_sizes[place.min(BATCH_SIZES - 1)], 1);
    }

    /// Counts what became of bookings by changes that are stored.
    pub(super) fn stored(&self, figures: &BookingFigures) {
        for (counter, by) in [
            (&self.confirmed, figures.confirmed),
            (&self.held, figures.held),
            (&self.cancelled, figures.cancelled),
            (&self.expired, figures.expired),
            (&self.promoted, figures.promoted),
        ] {
            if by > 0 {
                counter.fetch_add(by, Relaxed);
            }
        }
    }
}

impl BookingFigures {
    /// Adds what became of bookings by these changes.
    pub(super) fn add(&mut self, changes: &Changes) {
        for booking in &changes.new_bookings {
            self.promoted += u64::from(booking.source == Source::Waitlist);
            self.held += u64::from(booking.status == BookingStatus::Held);
        }
        // A hold that is changed and still held was extended.
        for booking in changes.new_bookings.iter().chain(&changes.changed_bookings) {
            match booking.status {
                BookingStatus::Confirmed => self.confirmed += 1,
                BookingStatus::Cancelled => self.cancelled += 1,
                BookingStatus::Expired => self.expired += 1,
                BookingStatus::Held | BookingStatus::Pending | BookingStatus::Rejected => {}
            }
        }
    }
}

/// Adds to a counter.
pub(super) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Relaxed);
}
