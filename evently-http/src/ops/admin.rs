//! What admins do.

use crate::export::{csv_of_bookings, wants_csv};
use crate::parse::{Cursor, IdCursors, SeqCursors, draft, if_match, patched_draft, required_body};
use crate::view::{BookingView, EntryView, EventView, PreviewView, etag, list as list_of};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::Refusal;
use evently_core::domain::{BookingFilter, BookingStatus, EntryFilter, EntryStatus};
use evently_core::store::Listing;
use http::{HeaderValue, StatusCode, header};

/// `POST /api/admin/events`: makes an event.
///
/// # Errors
/// 401; 403; 422; 400, 415.
pub async fn create_event(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let draft = draft(&required_body(call.request())?, call.evently().limits())?;
    let listing = call.evently().create_event(&admin, draft).await?;
    let location = format!("/api/events/{}", listing.event.id);
    Ok(show(&call, StatusCode::CREATED, &listing).located(&location))
}

/// `PATCH /api/admin/events/{id}`: changes an event by a merge patch (RFC 7396) of the body that made it; with
/// `?dry_run=true`, tells what that would do.
///
/// # Errors
/// 401; 403; 404; 428 without `If-Match`, 412 for a version that is no more; 409 `below_sold`,
/// `event_cancelled`; 422; 400, 415.
pub async fn change_event(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let id = call.path_id()?;
    let evently = call.evently();
    let is_dry = call
        .query()?
        .word("dry_run", [("true", true), ("false", false)])?;
    let named = if_match(&call.request().headers)?;
    let patch = required_body(call.request())?;
    let current = evently.event(Some(&admin), id).await?.event;
    if !named.names(current.version) {
        return Err(Refusal::VersionConflict {
            current: current.version,
        }
        .into());
    }
    let draft = patched_draft(&current, patch, evently.limits())?;
    if is_dry == Some(true) {
        let preview = evently.preview_change(&admin, id, current.version, draft).await?;
        let figures = evently.figures(&admin, id).await?;
        let view = PreviewView::of(&preview, &figures, evently.now());
        return Ok(Reply::json(StatusCode::OK, &view));
    }
    let listing = evently.change_event(&admin, id, current.version, draft).await?;
    Ok(show(&call, StatusCode::OK, &listing))
}

/// `POST /api/admin/events/{id}/publish`: shows a draft to everybody, and sells it.
///
/// # Errors
/// 401; 403; 404; 409 `event_cancelled`.
pub async fn publish_event(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let listing = call.evently().publish_event(&admin, call.path_id()?).await?;
    Ok(show(&call, StatusCode::OK, &listing))
}

/// `POST /api/admin/events/{id}/cancel`: cancels an event with all its bookings.
///
/// # Errors
/// 401; 403; 404; 409 `not_published`.
pub async fn cancel_event(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let listing = call.evently().cancel_event(&admin, call.path_id()?).await?;
    Ok(show(&call, StatusCode::OK, &listing))
}

/// `DELETE /api/admin/events/{id}`: deletes a draft.
///
/// # Errors
/// 401; 403; 404; 409 `not_draft`.
pub async fn delete_event(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    call.evently().delete_event(&admin, call.path_id()?).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).no_store())
}

/// `GET /api/admin/events/{id}/bookings`: an event's bookings, newest first; a page of them as JSON, all of them as
/// CSV.
///
/// # Errors
/// 401; 403; 404; 400 for a parameter that is none.
pub async fn bookings(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let id = call.path_id()?;
    let query = call.query()?;
    let filter = BookingFilter {
        status: query.word(
            "status",
            BookingStatus::ALL.map(|status| (status.as_str(), status)),
        )?,
        event_id: None,
    };
    let cursors = IdCursors::BOOKINGS;
    let page = cursors.page(&query)?;
    let evently = call.evently();
    let reply = if wants_csv(&call.request().headers) {
        csv_of_bookings(evently, admin, id, filter).await?
    } else {
        let page = evently.bookings_of_event(&admin, id, filter, page).await?;
        list_of(call.request(), &page, &cursors, |booking| {
            BookingView::of(booking)
        })
    };
    Ok(reply.with(header::VARY, HeaderValue::from_static("accept, authorization")))
}

/// `GET /api/admin/events/{id}/waitlist`: an event's waitlist entries in the order of joining.
///
/// # Errors
/// 401; 403; 404; 400 for a parameter that is none.
pub async fn waitlist(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let id = call.path_id()?;
    let query = call.query()?;
    let filter = EntryFilter {
        status: query.word("status", EntryStatus::ALL.map(|status| (status.as_str(), status)))?,
    };
    let page = SeqCursors.page(&query)?;
    let page = call.evently().entries_of_event(&admin, id, filter, page).await?;
    Ok(list_of(call.request(), &page, &SeqCursors, EntryView::of))
}

fn show(call: &Call, status: StatusCode, listing: &Listing) -> Reply {
    let now = call.evently().now();
    let reply = Reply::json(status, &EventView::of(listing, now));
    match etag(listing, now) {
        Some(tag) => reply.with(header::ETAG, tag),
        None => reply,
    }
}
