//! What an operator watches, for Prometheus. Never counted against a limit, like [`health`](super::health).

use crate::metrics::{families_of, families_of_connections, families_of_queue, gauge, words};
use crate::{call::Call, problem::Problem, reply::Reply};
use evently_core::domain::{Caller, UserId};
use evently_core::queue::QueueView;
use http::{HeaderValue, StatusCode, header};
use prometheus::{TEXT_FORMAT, TextEncoder};
use std::time::Duration;

/// How long a queue may take to tell how full it is; one that takes longer is left out.
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /metrics`: counts, times and figures as Prometheus' text.
///
/// # Errors
/// None.
pub async fn metrics(call: Call) -> Result<Reply, Problem> {
    let api = call.api();
    let mut families = api.metrics().families();
    families.extend(families_of(&api.evently().lane_figures()));
    if let Some(figures) = api.evently().store().connections() {
        families.extend(families_of_connections(&figures));
    }
    if let Some(view) = queue(&call).await {
        families.extend(families_of_queue(&view));
    }
    families.push(gauge(
        "process_start_time_seconds",
        "When the process began, in seconds since 1970.",
        api.started_at().as_duration().as_secs_f64(),
    ));
    families.push(words(
        "evently_build_info",
        "What runs here.",
        &[
            ("store", api.evently().store().name()),
            ("version", api.version()),
        ],
    ));
    // What nothing was counted in yet has nothing to say.
    families.retain(|family| !family.get_metric().is_empty());
    let text = TextEncoder::new().encode_to_string(&families);
    let mut reply = Reply::empty(StatusCode::OK).no_store();
    reply.body = text.map_err(|_| Problem::internal())?.into_bytes().into();
    Ok(reply.with(header::CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT)))
}

/// How full the queue is, if there is one and it answers.
async fn queue(call: &Call) -> Option<QueueView> {
    let intake = call.evently().intake()?;
    // Whoever may read the figures may read these: they name nobody.
    let operator = Caller::admin(UserId::from_uuid(uuid::Uuid::nil()));
    let view = tokio::time::timeout(PATIENCE, intake.view(&operator)).await;
    view.ok()?.ok()
}
