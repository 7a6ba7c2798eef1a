//! How the service is. Never counted against a limit: whoever watches it must not be turned away.

use crate::code::Code;
use crate::openapi::words::Durability;
use crate::{call::Call, problem::Problem, reply::Reply};
use http::StatusCode;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long the storage may take to answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// That the service works.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(examples("ok"))]
    status: &'static str,
    version: &'static str,
    store: &'static str,
    uptime_seconds: u64,
}

/// That the process answers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Live {
    #[schema(examples("ok"))]
    status: &'static str,
}

/// That requests may be sent here.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    #[schema(examples("ok"))]
    status: &'static str,
    store: &'static str,
    /// What an acknowledged write survives.
    #[schema(value_type = Durability)]
    durability: &'static str,
}

/// `GET /health`: whether the service works, its storage included.
///
/// # Errors
/// 503.
pub async fn health(call: Call) -> Result<Reply, Problem> {
    require_store(&call).await?;
    let evently = call.evently();
    let up = evently.now().duration_since(call.api().started_at());
    let view = Health {
        status: "ok",
        version: call.api().version(),
        store: evently.store().name(),
        uptime_seconds: u64::try_from(up.as_secs()).unwrap_or(0),
    };
    Ok(Reply::json(StatusCode::OK, &view))
}

/// `GET /health/live`: whether the process answers at all, whatever it depends on.
///
/// # Errors
/// None.
pub async fn live(_: Call) -> Result<Reply, Problem> {
    Ok(Reply::json(StatusCode::OK, &Live { status: "ok" }))
}

/// `GET /health/ready`: whether requests should be sent here.
///
/// # Errors
/// 503 while the storage does not answer, and from the beginning of a shutdown on.
pub async fn ready(call: Call) -> Result<Reply, Problem> {
    let store = call.evently().store();
    if call.api().is_draining() {
        return Err(unavailable("The service is shutting down."));
    }
    require_store(&call).await?;
    let view = Ready {
        status: "ok",
        store: store.name(),
        durability: store.durability().as_str(),
    };
    Ok(Reply::json(StatusCode::OK, &view))
}

async fn require_store(call: &Call) -> Result<(), Problem> {
    let store = call.evently().store();
    let failure = match tokio::time::timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::warn!(store = store.name(), error = %failure, "the storage does not answer");
    Err(unavailable("The storage does not answer.")
        .with("store", store.name())
        .with("durability", store.durability().as_str()))
}

fn unavailable(detail: &'static str) -> Problem {
    Problem::new(Code::Unavailable, detail).retry_after(PATIENCE)
}
