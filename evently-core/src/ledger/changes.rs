//! What a batch of decisions on one event must write: everything or nothing.

use crate::domain::{
    Booking, BookingId, Entry, Event, EventId, EventStats, SalesRow, SeatLabel, SectionCount, Timestamp,
};
use std::sync::Arc;

/// The writes of one commit to one event. Counts and figures are absolute; sales rows are additions.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The event.
    pub event_id: EventId,
    /// The inventory version that was decided on; it is one higher after the commit. 0 creates the event.
    pub expected: u64,
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

/// A write of an event's definition.
#[derive(Debug, Clone, PartialEq)]
pub enum EventWrite {
    /// The definition is now this.
    Put(Arc<Event>),
    /// The event is deleted; it has neither bookings nor entries.
    Delete,
}
