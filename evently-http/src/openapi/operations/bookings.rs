//! Bookings and holds.

use super::super::bodies::{Confirmation, TicketRequest};
use super::super::operation::{Operation, Who};
use super::super::parameters::{idempotency_key, page, prefer, query_id, query_word};
use super::BOOKINGS;
use crate::code::Code;
use crate::view::{BookingView, EntryView};
use evently_core::domain::BookingStatus;

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| Operation::new(op, BOOKINGS, Who::User, summary);
    vec![
        asking("bookings::book", "Book tickets")
            .about("All that is asked for or nothing: tickets that are confirmed at once."),
        asking("bookings::hold", "Hold tickets").about(
            "As booking, but the tickets are held for a while (`policy.hold_seconds`), to be confirmed or released.",
        ),
        new("bookings::list", "Own bookings")
            .query([
                query_word(
                    "status",
                    "In this state only.",
                    BookingStatus::ALL.map(BookingStatus::as_str),
                    None,
                ),
                query_id("event_id", "Of this event only."),
            ])
            .query(page())
            .answers_page::<BookingView<'_>>("A page of the caller's bookings, newest first."),
        new("bookings::one", "One booking").answers::<BookingView<'_>>(200, "The booking."),
        new("bookings::confirm", "Confirm a hold")
            .about("Makes a hold a confirmed booking. Confirming again answers the same.")
            .optional_body::<Confirmation>()
            .answers::<BookingView<'_>>(200, "The confirmed booking.")
            .refuses([Code::NotHeld, Code::HoldExpired]),
        new("bookings::extend", "Extend a hold")
            .about("Gives a hold another `hold_seconds` from now, up to `hold_max_seconds` after its making.")
            .answers::<BookingView<'_>>(200, "The hold.")
            .refuses([Code::HoldLimit, Code::NotHeld, Code::HoldExpired]),
        new("bookings::cancel", "Cancel a booking")
            .about(
                "Cancels a booking or releases a hold. Cancelling again answers the same. In queued intake, a booking that \
                 is not decided yet, or was rejected, is `not_held`.",
            )
            .answers::<BookingView<'_>>(200, "The cancelled booking.")
            .refuses([Code::CancelClosed, Code::HoldExpired, Code::NotHeld]),
    ]
}

/// A request for tickets.
fn asking(op: &'static str, summary: &'static str) -> Operation {
    const REPLAYED: &str = "`true` if an earlier request with the same key made it.";
    const APPLIED: &str = "In queued intake: what of `Prefer` was done.";
    Operation::new(op, BOOKINGS, Who::User, summary)
        .headers(idempotency_key())
        .headers([prefer()])
        .body::<TicketRequest>()
        .answers::<BookingView<'_>>(201, "The booking.")
        .with_header("Location", "Where the booking is.")
        .with_header("Idempotent-Replayed", REPLAYED)
        .with_header("Preference-Applied", APPLIED)
        .answers_either::<EntryView, BookingView<'_>>(
            202,
            "The place in line, where that was asked for and the tickets are not to be had; in queued intake, the \
             `pending` booking that a worker will decide.",
        )
        .with_header("Location", "Where the waitlist entry or the booking is.")
        .with_header("Idempotent-Replayed", REPLAYED)
        .with_header("Preference-Applied", APPLIED)
        .refuses([
            Code::SoldOut,
            Code::SeatTaken,
            Code::NotOnSale,
            Code::LimitExceeded,
            Code::AlreadyWaitlisted,
            Code::IdempotencyMismatch,
        ])
}
