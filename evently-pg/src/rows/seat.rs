//! Taken seats and hours of sales as rows.

use evently_core::domain::{BookingId, EventId, SalesRow, SeatLabel, Timestamp};
use serde::{Deserialize, Serialize};

/// A row of `evently.taken_seat`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SeatRow {
    pub(crate) event_id: EventId,
    pub(crate) booking_id: BookingId,
    pub(crate) label: SeatLabel,
}

impl SeatRow {
    /// The row of a seat that a booking has.
    pub(crate) fn of(event_id: EventId, (label, booking_id): &(SeatLabel, BookingId)) -> Self {
        Self {
            event_id,
            booking_id: *booking_id,
            label: label.clone(),
        }
    }
}

/// A row of `evently.sales_hour`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct HourRow {
    event_id: EventId,
    start: Timestamp,
    bookings: u64,
    tickets: u64,
    cancelled_tickets: u64,
    revenue_minor: i64,
}

impl HourRow {
    /// The row of an event's hour.
    pub(crate) fn of(event_id: EventId, hour: &SalesRow) -> Self {
        Self {
            event_id,
            start: hour.start,
            bookings: hour.bookings,
            tickets: hour.tickets,
            cancelled_tickets: hour.cancelled_tickets,
            revenue_minor: hour.revenue_minor,
        }
    }

    /// The hour of a row.
    pub(crate) fn hour(self) -> SalesRow {
        SalesRow {
            start: self.start,
            bookings: self.bookings,
            tickets: self.tickets,
            cancelled_tickets: self.cancelled_tickets,
            revenue_minor: self.revenue_minor,
        }
    }
}
