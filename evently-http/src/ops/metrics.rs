//! What an operator watches, for Prometheus. Never counted against a limit, like [`health`](super::health).

use crate::metrics::{families_of, gauge, words};
use crate::{call::Call, problem::Problem, reply::Reply};
use http::{HeaderValue, StatusCode, header};
use prometheus::{TEXT_FORMAT, TextEncoder};

/// `GET /metrics`: counts, times and figures as Prometheus' text.
///
/// # Errors
/// None.
pub async fn metrics(call: Call) -> Result<Reply, Problem> {
    let api = call.api();
    let mut families = api.metrics().families();
    families.extend(families_of(&api.evently().lane_figures()));
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
