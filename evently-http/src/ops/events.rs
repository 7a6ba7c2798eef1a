//! The catalogue.

use crate::live::{Update, Viewer};
use crate::parse::{Cursor, EventCursors, Query, none_match};
use crate::view::{AvailabilityView, EventView, etag, list as list_of, seats_view};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::Timestamp;
use evently_core::domain::{EventFilter, EventSort, EventStatus, Phase, SectionId};
use evently_core::store::Listing;
use http::{HeaderName, HeaderValue, StatusCode, header};

/// The orders of the catalogue.
pub(crate) const SORTS: [(&str, EventSort); 4] = [
    ("starts_at", EventSort::StartsAt),
    ("-starts_at", EventSort::StartsAtDescending),
    ("name", EventSort::Name),
    ("-created_at", EventSort::CreatedAtDescending),
];

/// `GET /api/events`: a page of the catalogue.
///
/// # Errors
/// 400 for a parameter that is none; 401 for credentials that are not good.
pub async fn list(call: Call) -> Result<Reply, Problem> {
    let viewer = call.viewer().await?;
    let query = call.query()?;
    let filter = filter(&query, call.evently().now())?;
    let (cursors, now) = (EventCursors(filter.sort), filter.now);
    let page = cursors.page(&query)?;
    let page = call.evently().events(viewer.as_ref(), filter, page).await?;
    let reply = list_of(call.request(), &page, &cursors, |listing| {
        EventView::of(listing, now)
    });
    let shows_drafts = viewer.is_some_and(|viewer| viewer.is_admin());
    Ok(if shows_drafts { reply } else { reply.public() })
}

fn filter(query: &Query<'_>, now: Timestamp) -> Result<EventFilter, Problem> {
    let span = query.span()?;
    Ok(EventFilter {
        text: query.text("q")?,
        venue: query.text("venue")?,
        from: span.from,
        to: span.to,
        phase: query.word("phase", Phase::ALL.map(|phase| (phase.as_str(), phase)))?,
        available_only: query
            .word("available", [("true", true), ("false", false)])?
            .unwrap_or(false),
        include_drafts: true,
        sort: query.word("sort", SORTS)?.unwrap_or_default(),
        now,
    })
}

/// `GET /api/events/{id}`: an event with what is left of it.
///
/// # Errors
/// 404, for drafts too to all but admins; 401 for credentials that are not good.
pub async fn one(call: Call) -> Result<Reply, Problem> {
    let viewer = call.viewer().await?;
    let listing = call.evently().event(viewer.as_ref(), call.path_id()?).await?;
    let now = call.evently().now();
    let tag = etag(&listing, now);
    let known = tag.as_ref().and_then(|tag| tag.to_str().ok());
    let reply = if known.is_some_and(|tag| none_match(&call.request().headers, tag)) {
        Reply::empty(StatusCode::NOT_MODIFIED).no_store()
    } else {
        Reply::json(StatusCode::OK, &EventView::of(&listing, now))
    };
    let reply = shown_to_all(reply, &listing);
    Ok(match tag {
        Some(tag) => reply.with(header::ETAG, tag),
        None => reply,
    })
}

/// `GET /api/events/{id}/availability`: what is left, in numbers.
///
/// # Errors
/// 404, for drafts too to all but admins; 401 for credentials that are not good.
pub async fn availability(call: Call) -> Result<Reply, Problem> {
    let viewer = call.viewer().await?;
    let listing = call.evently().event(viewer.as_ref(), call.path_id()?).await?;
    let view = AvailabilityView::of(&listing, call.evently().now());
    Ok(shown_to_all(Reply::json(StatusCode::OK, &view), &listing))
}

/// `GET /api/events/{id}/seats`: what is left, seat by seat, of all reserved sections or of one section.
///
/// # Errors
/// 404, for drafts too to all but admins, and for a section of another event; 400 for what is no id; 401 for
/// credentials that are not good.
pub async fn seats(call: Call) -> Result<Reply, Problem> {
    let viewer = call.viewer().await?;
    let id = call.path_id()?;
    let section_id: Option<SectionId> = call.query()?.id("section_id")?;
    let (listing, taken) = call.evently().taken_seats(viewer.as_ref(), id).await?;
    if section_id.is_some_and(|id| listing.event.section(id).is_none()) {
        return Err(Problem::not_found());
    }
    let view = seats_view(&listing, &taken, section_id);
    Ok(shown_to_all(Reply::json(StatusCode::OK, &view), &listing))
}

/// `GET /api/events/{id}/stream`: what is left, at once and after each change, as server-sent events.
///
/// Each event is the whole of what is left, so who comes back (`Last-Event-ID`) is sent it at once like everybody: though
/// the version may be the one that was seen last, time may have changed the phase. The stream ends when the event is
/// deleted and when the service shuts down.
///
/// # Errors
/// 404, for drafts too to all but admins; 401 for credentials that are not good.
pub async fn stream(call: Call) -> Result<Reply, Problem> {
    const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
    let viewer = call.viewer().await?;
    let (api, evently) = (call.api(), call.evently());
    let listing = evently.event(viewer.as_ref(), call.path_id()?).await?;
    let latest = api.live().follow(api, listing.event.id);
    let first = Update::of(&listing, evently.now());
    let viewer = Viewer::new(api.clone(), latest, first);
    // Proxies that gather what they pass on would gather for ever.
    Ok(Reply::streamed("text/event-stream", viewer.into_body())
        .with(BUFFERING, HeaderValue::from_static("no")))
}

/// Only admins see drafts; everything else of an event everybody sees alike.
fn shown_to_all(reply: Reply, listing: &Listing) -> Reply {
    match listing.event.status {
        EventStatus::Draft => reply,
        EventStatus::Published | EventStatus::Cancelled => reply.public(),
    }
}
