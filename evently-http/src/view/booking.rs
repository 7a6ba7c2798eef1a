//! A booking.

use crate::code::Code;
use crate::openapi::words::{BookingStatus, Source};
use crate::problem::Problem;
use evently_core::Timestamp;
use evently_core::domain::{
    Booking, BookingId, BookingItem, EndReason, EventId, Items, SeatLabel, SectionId, TicketTypeId, UserId,
};
use evently_core::requests::Progress;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

/// A booking as its owner and admins see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Booking)]
pub(crate) struct BookingView<'a> {
    #[schema(value_type = Uuid)]
    id: BookingId,
    /// Short, for people.
    #[schema(examples("5GCK0KM9ES"))]
    reference: String,
    #[schema(value_type = Uuid)]
    event_id: EventId,
    #[schema(value_type = Uuid)]
    user_id: UserId,
    #[schema(value_type = BookingStatus)]
    status: &'static str,
    /// Tickets of all items.
    quantity: u32,
    #[serde(serialize_with = "each_item")]
    #[schema(value_type = Vec<ItemView>)]
    items: &'a Items,
    /// What all its tickets cost, in minor units.
    total_minor: i64,
    /// ISO 4217.
    #[schema(examples("EUR"))]
    currency: &'static str,
    /// Of a hold, when it is over.
    #[schema(required)]
    hold_expires_at: Option<Timestamp>,
    /// What the payer calls the payment.
    #[schema(required)]
    payment_reference: Option<&'a str>,
    #[schema(value_type = Source)]
    source: &'static str,
    /// Why it ended or was rejected, where the status alone does not tell.
    #[schema(required, examples("event_cancelled"))]
    reason: Option<&'static str>,
    created_at: Timestamp,
    #[schema(required)]
    confirmed_at: Option<Timestamp>,
    /// When it was cancelled or expired.
    #[schema(required)]
    ended_at: Option<Timestamp>,
}

/// Tickets of one type.
#[derive(Serialize, ToSchema)]
#[schema(as = BookingItem)]
struct ItemView<'a> {
    #[schema(value_type = Uuid)]
    ticket_type_id: TicketTypeId,
    #[schema(value_type = Uuid)]
    section_id: SectionId,
    quantity: u32,
    /// Labels of reserved seats; none in a general section.
    #[schema(value_type = Vec<String>, examples(json!(["A-1", "A-2"])))]
    seats: &'a [SeatLabel],
    /// What one ticket cost when it was booked, in minor units.
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
