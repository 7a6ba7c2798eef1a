//! Figures about events: kept in the same commit as what they count (rule 12).

use super::{Currency, EventId, SectionCount, Timestamp};
use serde::{Deserialize, Serialize};

/// An event's running figures, beside its sections' counts. Sold means confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EventStats {
    /// Bookings confirmed now.
    pub bookings: u64,
    /// Bookings once confirmed, then cancelled.
    pub cancellations: u64,
    /// Tickets of those.
    pub tickets_cancelled: u64,
    /// Σ `total_minor` of bookings confirmed now.
    pub revenue_minor: i64,
    /// Waitlist entries with an open offer.
    pub offered: u64,
    /// Waitlist entries that became bookings.
    pub converted: u64,
    /// Waitlist entries whose offer ran out.
    pub lapsed: u64,
    /// Waitlist entries whose offer was declined.
    pub declined: u64,
    /// Waitlist entries whose owner left.
    pub left: u64,
    /// Waitlist entries closed with the sales or the event.
    pub closed: u64,
    /// Since when nothing has been available; `None` while something is.
    pub sold_out_at: Option<Timestamp>,
}

/// What one hour added, gross: sales by `confirmed_at`, cancellations by `ended_at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesRow {
    /// The start of the hour, UTC.
    pub start: Timestamp,
    /// Bookings confirmed.
    pub bookings: u64,
    /// Tickets of those.
    pub tickets: u64,
    /// Tickets of once confirmed bookings cancelled.
    pub cancelled_tickets: u64,
    /// Σ `total_minor` of the bookings confirmed.
    pub revenue_minor: i64,
}

impl SalesRow {
    /// An hour in which nothing happened.
    pub fn empty(start: Timestamp) -> Self {
        Self {
            start,
            bookings: 0,
            tickets: 0,
            cancelled_tickets: 0,
            revenue_minor: 0,
        }
    }

    /// The start of the hour that `at` falls in.
    pub fn hour_of(at: Timestamp) -> Timestamp {
        let second = at.as_second();
        Timestamp::from_second(second - second.rem_euclid(3600)).unwrap_or(Timestamp::MIN)
    }

    /// Adds what another row counts; its start stays.
    pub fn add(&mut self, other: &Self) {
        self.bookings += other.bookings;
        self.tickets += other.tickets;
        self.cancelled_tickets += other.cancelled_tickets;
        self.revenue_minor += other.revenue_minor;
    }
}

/// One event's figures, as analytics lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventFigures {
    /// The event.
    pub event_id: EventId,
    /// Its name.
    pub name: String,
    /// Its start.
    pub starts_at: Timestamp,
    /// Its currency.
    pub currency: Currency,
    /// Its sections' counts, in the event's order.
    pub sections: Vec<SectionCount>,
    /// Its running figures.
    pub stats: EventStats,
}

impl EventFigures {
    /// All places.
    pub fn capacity(&self) -> u64 {
        self.sections
            .iter()
            .map(|section| u64::from(section.capacity))
            .sum()
    }

    /// Tickets of confirmed bookings.
    pub fn tickets_sold(&self) -> u64 {
        self.sections.iter().map(|section| u64::from(section.sold)).sum()
    }

    /// Sold / capacity, 0 to 1.
    pub fn utilization(&self) -> f64 {
        ratio(self.tickets_sold(), self.capacity())
    }

    /// Cancellations / (bookings + cancellations); 0 if there were none.
    pub fn cancellation_rate(&self) -> f64 {
        ratio(
            self.stats.cancellations,
            self.stats.bookings + self.stats.cancellations,
        )
    }
}

/// Figures over the events that start in a span. `events` and `capacity` count the published ones (neither
/// drafts nor cancelled); the rest counts whatever happened, a cancelled event's cancellations included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// How many events.
    pub events: u64,
    /// Bookings confirmed now.
    pub bookings: u64,
    /// Bookings once confirmed, then cancelled.
    pub cancellations: u64,
    /// Tickets of confirmed bookings.
    pub tickets_sold: u64,
    /// Tickets of once confirmed, then cancelled bookings.
    pub tickets_cancelled: u64,
    /// Revenue in minor units by currency, in the order of the codes; currencies of which there is none left out.
    pub revenue: Vec<(Currency, i64)>,
    /// Waitlist entries that wait.
    pub waiting: u64,
    /// All places.
    pub capacity: u64,
}

impl Overview {
    /// Sold / capacity, 0 to 1.
    pub fn utilization(&self) -> f64 {
        ratio(self.tickets_sold, self.capacity)
    }
}

/// What makes an event popular. Ties are broken by id, ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Popularity {
    /// Tickets sold.
    #[default]
    Tickets,
    /// Bookings confirmed now.
    Bookings,
    /// Sold / capacity.
    Utilization,
    /// Revenue, whatever the currency.
    Revenue,
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}
