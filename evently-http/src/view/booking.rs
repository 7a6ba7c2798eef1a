//! A booking.

use crate::code::Code;
use crate::problem::Problem;
use evently_core::Timestamp;
use evently_core::domain::{
    Booking, BookingId, BookingItem, EndReason, EventId, Items, SeatLabel, SectionId, TicketTypeId, UserId,
};
use evently_core::requests::Progress;
use serde::{Serialize, Serializer};

/// A booking as its owner and admins see it.
#[derive(Serialize)]
pub(crate) struct BookingView<'a> {
    id: BookingId,
    reference: String,
    event_id: EventId,
    user_id: UserId,
    status: &'static str,
    quantity: u32,
    #[serde(serialize_with = "each_item")]
    items: &'a Items,
    total_minor: i64,
    currency: &'static str,
    hold_expires_at: Option<Timestamp>,
    payment_reference: Option<&'a str>,
    source: &'static str,
    reason: Option<&'static str>,
    created_at: Timestamp,
    confirmed_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct ItemView<'a> {
    ticket_type_id: TicketTypeId,
    section_id: SectionId,
    quantity: u32,
    seats: &'a [SeatLabel],
    price_minor: i64,
}

impl<'a> BookingView<'a> {
    /// A request's booking as it stands: one that queued intake refused tells why, in a word of the contract.
    pub(crate) fn of_request(progress: &'a Progress) -> Self {
        let reason = match progress {
            Progress::Rejected { refusal, .. } => Some(Problem::from(refusal.clone()).code().as_str()),
            Progress::Failed { .. } => Some(Code::Internal.as_str()),
            Progress::Waitlisted { .. } => Some("waitlisted"),
            Progress::Pending { .. } | Progress::Booked { .. } => None,
        };
        let view = Self::of(progress.booking());
        Self {
            reason: reason.or(view.reason),
            ..view
        }
    }

    /// A booking as it stands.
    pub(crate) fn of(booking: &'a Booking) -> Self {
        Self {
            id: booking.id,
            reference: booking.id.reference(),
            event_id: booking.event_id,
            user_id: booking.user_id,
            status: booking.status.as_str(),
            quantity: booking.quantity(),
            items: &booking.items,
            total_minor: booking.total_minor(),
            currency: booking.currency.code(),
            hold_expires_at: booking.hold_expires_at,
            payment_reference: booking.payment_reference.as_deref(),
            source: booking.source.as_str(),
            reason: booking.reason.map(EndReason::as_str),
            created_at: booking.created_at,
            confirmed_at: booking.confirmed_at,
            ended_at: booking.ended_at,
        }
    }
}

fn each_item<S: Serializer>(items: &&Items, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(items.iter().map(|item: &BookingItem| ItemView {
        ticket_type_id: item.ticket_type_id,
        section_id: item.section_id,
        quantity: item.quantity,
        seats: &item.seats,
        price_minor: item.price_minor,
    }))
}
