//! How the service is.

use crate::{call::Call, problem::Problem, reply::Reply};

/// `GET /health`
///
/// # Errors
/// As the contract says.
pub async fn health(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /health/live`
///
/// # Errors
/// As the contract says.
pub async fn live(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /health/ready`
///
/// # Errors
/// As the contract says.
pub async fn ready(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}
