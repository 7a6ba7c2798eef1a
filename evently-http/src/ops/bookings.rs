//! Bookings and holds.

use crate::parse::{
    Cursor, IdCursors, book_request, idempotency_key, optional_body, payment_reference, required_body,
};
use crate::view::{BookingView, list as list_of};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::domain::{Booking, BookingFilter, BookingStatus};
use evently_core::ledger::BookingKind;
use evently_core::requests::Outcome;
use http::StatusCode;

/// `POST /api/events/{id}/book`: tickets, confirmed at once. In queued intake: 202 if the caller prefers not to wait.
///
/// # Errors
/// 401; 404; 409 `sold_out`, `seat_taken`, `not_on_sale`, `limit_exceeded`; 422 `invalid`,
/// `idempotency_mismatch`; 400, 415.
pub async fn book(call: Call) -> Result<Reply, Problem> {
    place(call, BookingKind::Confirmed).await
}

/// `POST /api/events/{id}/holds`: tickets, held for a while.
///
/// # Errors
/// As [`book`].
pub async fn hold(call: Call) -> Result<Reply, Problem> {
    place(call, BookingKind::Held).await
}

async fn place(call: Call, kind: BookingKind) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let event_id = call.path_id()?;
    let key = idempotency_key(&call.request().headers)?;
    let body = required_body(call.request())?;
    let request = book_request(&body, kind, key, call.evently().limits())?;
    if let Some(intake) = call.evently().intake() {
        return super::queue::place(&call, intake, &caller, event_id, request).await;
    }
    let placed = call.evently().book(&caller, event_id, request).await?;
    let reply = match &placed.outcome {
        Outcome::Booking(booking) => booked(booking),
        Outcome::Entry(entry) => super::waitlist::placed(StatusCode::ACCEPTED, entry),
    };
    Ok(reply.replayed_if(placed.replayed))
}

/// The answer to a request that made a booking.
pub(super) fn booked(booking: &Booking) -> Reply {
    Reply::json(StatusCode::CREATED, &BookingView::of(booking))
        .located(&format!("/api/bookings/{}", booking.id))
}

/// `GET /api/bookings`: the caller's bookings, newest first.
///
/// # Errors
/// 401; 400 for a parameter that is none.
pub async fn list(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let query = call.query()?;
    let filter = BookingFilter {
        status: query.word(
            "status",
            BookingStatus::ALL.map(|status| (status.as_str(), status)),
        )?,
        event_id: query.id("event_id")?,
    };
    let cursors = IdCursors::BOOKINGS;
    let page = call
        .evently()
        .bookings(&caller, filter, cursors.page(&query)?)
        .await?;
    Ok(list_of(call.request(), &page, &cursors, |booking| {
        BookingView::of(booking)
    }))
}

/// `GET /api/bookings/{id}`: one booking; in queued intake also one that is not decided yet, or was rejected.
///
/// # Errors
/// 401; 404, also for somebody else's.
pub async fn one(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let progress = call.evently().progress(&caller, call.path_id()?).await?;
    Ok(Reply::json(StatusCode::OK, &BookingView::of_request(&progress)))
}

/// `POST /api/bookings/{id}/confirm`: makes a hold a confirmed booking.
///
/// # Errors
/// 401; 404; 409 `not_held`; 410 `hold_expired`; 422; 400, 415.
pub async fn confirm(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let id = call.path_id()?;
    let reference = payment_reference(&optional_body(call.request())?)?;
    let booking = call.evently().confirm(&caller, id, reference).await?;
    Ok(show(&booking))
}

/// `POST /api/bookings/{id}/extend`: gives a hold more time.
///
/// # Errors
/// 401; 404; 409 `hold_limit`, `not_held`; 410 `hold_expired`.
pub async fn extend(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let booking = call.evently().extend(&caller, call.path_id()?).await?;
    Ok(show(&booking))
}

/// `POST /api/bookings/{id}/cancel`: cancels a booking, or releases a hold.
///
/// # Errors
/// 401; 404; 409 `cancel_closed`; 410 `hold_expired`.
pub async fn cancel(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let booking = call.evently().cancel(&caller, call.path_id()?).await?;
    Ok(show(&booking))
}

fn show(booking: &Booking) -> Reply {
    Reply::json(StatusCode::OK, &BookingView::of(booking))
}
