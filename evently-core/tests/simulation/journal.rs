//! What callers were told, and what they do not know: the claims that the end of a history is held against.

use evently_core::domain::{Booking, BookingId, BookingStatus, EntryId, EventId, UserId};
use evently_core::requests::BookRequest;
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// What a key made, as callers were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Made {
    Booking(BookingId),
    Entry(EntryId),
}

/// The scope of a key, and the key.
pub(crate) type Keyed = (EventId, UserId, String);

/// All that callers know at the end.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The last that was said of each booking.
    pub(crate) bookings: BTreeMap<BookingId, BookingStatus>,
    /// Entries that were acknowledged.
    pub(crate) entries: BTreeSet<EntryId>,
    /// What each key was said to have made.
    pub(crate) keys: BTreeMap<Keyed, BTreeSet<Made>>,
    /// Requests whose outcome their caller never learnt.
    pub(crate) unknown: BTreeMap<Keyed, BookRequest>,
    /// Ids of requests that were said to have had no effect.
    pub(crate) without_effect: BTreeSet<BookingId>,
    /// Bookings that somebody asked to cancel, whatever the answer.
    pub(crate) cancels_asked: BTreeSet<BookingId>,
    /// Bookings that somebody asked to confirm, whatever the answer.
    pub(crate) confirms_asked: BTreeSet<BookingId>,
    /// Events that an admin asked to cancel, whatever the answer.
    pub(crate) events_cancelled: BTreeSet<EventId>,
    /// What was wrong already while the history ran.
    pub(crate) faults: Vec<String>,
}

/// What callers know, written by all of them.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    known: Mutex<Known>,
    totals: Mutex<Totals>,
}

impl Journal {
    /// Writes something down.
    pub(crate) fn note<T>(&self, write: impl FnOnce(&mut Known) -> T) -> T {
        write(&mut self.known.lock())
    }

    pub(crate) fn count(&self, add: impl FnOnce(&mut Totals)) {
        add(&mut self.totals.lock());
    }

    pub(crate) fn totals(&self) -> Totals {
        *self.totals.lock()
    }

    /// A caller was shown a booking.
    pub(crate) fn told(&self, booking: &Booking) {
        self.note(|known| known.bookings.insert(booking.id, booking.status));
    }

    /// Something is wrong.
    pub(crate) fn fault(&self, what: String) {
        self.note(|known| known.faults.push(what));
    }
}

/// What happened, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) commands: u64,
    pub(crate) done: u64,
    pub(crate) refused: u64,
    pub(crate) replayed: u64,
    pub(crate) vanished: u64,
    pub(crate) storage_errors: u64,
    pub(crate) commits: u64,
    pub(crate) conflicts: u64,
    pub(crate) calls_failed: u64,
    pub(crate) answers_lost: u64,
    pub(crate) calls_delayed: u64,
    pub(crate) unknowns_resolved: u64,
    pub(crate) promotions: u64,
    pub(crate) expiries: u64,
    pub(crate) events_cancelled: u64,
}

impl Totals {
    /// Every number with its name.
    pub(crate) fn named(&self) -> [(&'static str, u64); 15] {
        [
            ("commands", self.commands),
            ("done", self.done),
            ("refused", self.refused),
            ("replayed", self.replayed),
            ("callers vanished", self.vanished),
            ("storage errors answered", self.storage_errors),
            ("commits", self.commits),
            ("conflicts", self.conflicts),
            ("store calls failed", self.calls_failed),
            ("store answers lost", self.answers_lost),
            ("store calls delayed", self.calls_delayed),
            ("unknown outcomes resolved", self.unknowns_resolved),
            ("waitlist promotions", self.promotions),
            ("holds expired", self.expiries),
            ("events cancelled", self.events_cancelled),
        ]
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.commands += other.commands;
        self.done += other.done;
        self.refused += other.refused;
        self.replayed += other.replayed;
        self.vanished += other.vanished;
        self.storage_errors += other.storage_errors;
        self.commits += other.commits;
        self.conflicts += other.conflicts;
        self.calls_failed += other.calls_failed;
        self.answers_lost += other.answers_lost;
        self.calls_delayed += other.calls_delayed;
        self.unknowns_resolved += other.unknowns_resolved;
        self.promotions += other.promotions;
        self.expiries += other.expiries;
        self.events_cancelled += other.events_cancelled;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.named().map(|(what, times)| format!("{times} {what}"));
        f.write_str(&numbers.join(", "))
    }
}
