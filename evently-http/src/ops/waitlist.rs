//! The waitlist.

use crate::parse::{Cursor, IdCursors, idempotency_key, join_request, optional_body};
use crate::view::{BookingView, EntryView, ExplainedEntry, list as list_of};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::requests::Outcome;
use evently_core::store::PlacedEntry;
use http::StatusCode;

/// `POST /api/events/{id}/waitlist`: a place in the line for tickets that free.
///
/// # Errors
/// 401; 404; 409 `not_full`, `already_waitlisted`, `waitlist_off`, `not_on_sale`, `limit_exceeded`; 422
/// `invalid`, `idempotency_mismatch`; 400, 415.
pub async fn join(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let event_id = call.path_id()?;
    let key = idempotency_key(&call.request().headers)?;
    let body = optional_body(call.request())?;
    let request = join_request(&body, key, call.evently().limits())?;
    let joined = call.evently().join(&caller, event_id, request).await?;
    let reply = match &joined.outcome {
        Outcome::Entry(entry) => placed(StatusCode::CREATED, entry),
        // Only a key that made a booking could bring one here, and its request was another.
        Outcome::Booking(_) => return Err(Problem::internal()),
    };
    Ok(reply.replayed_if(joined.replayed))
}

/// The answer with a place in the line that was taken.
pub(super) fn placed(status: StatusCode, entry: &PlacedEntry) -> Reply {
    Reply::json(status, &EntryView::of(entry)).located(&format!("/api/waitlist/{}", entry.entry.id))
}

/// `GET /api/waitlist`: the caller's entries, newest first.
///
/// # Errors
/// 401; 400 for a parameter that is none.
pub async fn list(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let cursors = IdCursors::ENTRIES;
    let page = call
        .evently()
        .entries(&caller, cursors.page(&call.query()?)?)
        .await?;
    Ok(list_of(call.request(), &page, &cursors, EntryView::of))
}

/// `GET /api/waitlist/{id}`: one entry, and why it was not served yet.
///
/// # Errors
/// 401; 404, also for somebody else's.
pub async fn one(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let entry = call.evently().entry(&caller, call.path_id()?).await?;
    Ok(Reply::json(StatusCode::OK, &ExplainedEntry::of(&entry)))
}

/// `DELETE /api/waitlist/{id}`: leaves the line.
///
/// # Errors
/// 401; 404; 409 `not_waiting`.
pub async fn leave(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    call.evently().leave(&caller, call.path_id()?).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).no_store())
}

/// `POST /api/waitlist/{id}/accept`: takes the offered tickets.
///
/// # Errors
/// 401; 404; 409 `not_offered`; 410 `offer_lapsed`.
pub async fn accept(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let booking = call.evently().accept(&caller, call.path_id()?).await?;
    Ok(Reply::json(StatusCode::OK, &BookingView::of(&booking)))
}

/// `POST /api/waitlist/{id}/decline`: leaves the offered tickets to the next in line.
///
/// # Errors
/// 401; 404; 409 `not_offered`; 410 `offer_lapsed`.
pub async fn decline(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let entry = call.evently().decline(&caller, call.path_id()?).await?;
    // An entry that declined stands nowhere in the line.
    Ok(Reply::json(StatusCode::OK, &EntryView::at(&entry, None)))
}
