//! Queued intake: requests that a worker decides, and how full the queue is.

use crate::parse::Preference;
use crate::view::{BookingView, FullQueueView};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::domain::{Caller, EventId};
use evently_core::queue::QueueView;
use evently_core::requests::{BookRequest, Progress};
use evently_core::{Error, Intake};
use http::{HeaderName, StatusCode};

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// `GET /api/admin/queue`: how full the queue is; in direct intake there is none, and nothing in it.
///
/// # Errors
/// 401; 403.
pub async fn view(call: Call) -> Result<Reply, Problem> {
    let admin = call.admin().await?;
    let view = match call.evently().intake() {
        Some(intake) => intake.view(&admin).await?,
        None => QueueView::default(),
    };
    let view = FullQueueView::of(&view, call.evently().now());
    Ok(Reply::json(StatusCode::OK, &view))
}

/// Queues a request for tickets, and waits for its outcome as long as the caller prefers: the answer then is that of
/// direct intake; or 202 with the pending booking, once that time is up.
///
/// # Errors
/// As in direct intake; 503 if the queue is full or fails.
pub(super) async fn place(
    call: &Call,
    intake: Intake<'_>,
    caller: &Caller,
    event_id: EventId,
    request: BookRequest,
) -> Result<Reply, Problem> {
    let preference = Preference::of(&call.request().headers);
    let placed = intake.place(caller, event_id, request, preference.wait()).await;
    let answer = answer(placed);
    match (preference.applied(), answer) {
        (None, answer) => answer,
        (Some(applied), Ok(reply)) => Ok(reply.with(PREFERENCE_APPLIED, applied)),
        (Some(applied), Err(problem)) => Err(problem.headed(PREFERENCE_APPLIED, applied)),
    }
}

fn answer(placed: Result<Progress, Error>) -> Result<Reply, Problem> {
    match placed? {
        Progress::Pending { booking, replayed } => {
            let reply = Reply::json(StatusCode::ACCEPTED, &BookingView::of(&booking));
            Ok(reply
                .located(&format!("/api/bookings/{}", booking.id))
                .replayed_if(replayed))
        }
        Progress::Booked { booking, replayed } => Ok(super::bookings::booked(&booking).replayed_if(replayed)),
        Progress::Waitlisted { entry, replayed, .. } => {
            Ok(super::waitlist::placed(StatusCode::ACCEPTED, &entry).replayed_if(replayed))
        }
        Progress::Rejected { refusal, .. } => Err(refusal.into()),
        Progress::Failed { .. } => Err(Problem::internal()),
    }
}
