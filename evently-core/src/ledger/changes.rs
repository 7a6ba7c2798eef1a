//! What a batch of decisions on one event must write: everything or nothing.

use crate::domain::{
    Booking, BookingId, Entry, Event, EventId, EventStats, SalesRow, SeatLabel, SectionCount, Timestamp,
    WriterId,
};
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Which commit an event stands at: how many there were, and who made the last.
///
/// The number alone would do, if no storage ever lost a commit that it had acknowledged. Where one that was behind takes
/// over (a replica, a backup), the next commit gets the number of the lost one, and a server that remembers the lost one
/// must not take the other for it. A writer makes its commits to an event one after the other, so that number and writer
/// together name one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// The inventory's version: counts commits, from 1; 0 if there was none.
    pub version: u64,
    /// Who made the last.
    pub writer: WriterId,
}

impl Revision {
    /// An event that does not exist.
    pub const NONE: Self = Self {
        version: 0,
        writer: WriterId::NOBODY,
    };

    /// A number from 1 to below 2⁶³ that no other commit to the event has, but by chance: a hash.
    pub fn mark(self) -> u64 {
        (xxh3_64_with_seed(self.writer.uuid().as_bytes(), self.version) >> 1).max(1)
    }
}

/// The writes of one commit to one event. Counts and figures are absolute; sales rows are additions.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The event.
    pub event_id: EventId,
    /// What was decided on; [`Revision::NONE`] creates the event.
    pub expected: Revision,
    /// Who commits.
    pub writer: WriterId,
    /// The event's definition, if it changes.
    pub event: Option<EventWrite>,
    /// Every section's counts, in the event's order.
    pub counts: Vec<SectionCount>,
    /// The running figures.
    pub stats: EventStats,
    /// Before this instant nothing is due.
    pub due_at: Option<Timestamp>,
    /// The place that the next waitlist entry takes.
    pub next_seq: u64,
    /// Bookings to insert. A key may have been used before: that is a conflict.
    pub new_bookings: Vec<Arc<Booking>>,
    /// Bookings to update. Only `status`, `hold_expires_at`, `payment_reference`, `reason`, `confirmed_at` and
    /// `ended_at` differ from what is stored.
    pub changed_bookings: Vec<Arc<Booking>>,
    /// Entries to insert.
    pub new_entries: Vec<Arc<Entry>>,
    /// Entries to update. Only `status`, `passes`, `booking_id` and `offer_expires_at` differ.
    pub changed_entries: Vec<Arc<Entry>>,
    /// Seats that a booking gives back. To be written before `taken`.
    pub freed: Vec<(SeatLabel, BookingId)>,
    /// Seats that a booking takes.
    pub taken: Vec<(SeatLabel, BookingId)>,
    /// What is added to hours of sales; each hour once.
    pub sales: Vec<SalesRow>,
}

impl Changes {
    /// Where the event stands after the commit.
    pub fn revision(&self) -> Revision {
        Revision {
            version: self.expected.version + 1,
            writer: self.writer,
        }
    }
}

/// A write of an event's definition.
#[derive(Debug, Clone, PartialEq)]
pub enum EventWrite {
    /// The definition is now this.
    Put(Arc<Event>),
    /// The event is deleted; it has neither bookings nor entries.
    Delete,
}
