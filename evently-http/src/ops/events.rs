//! The catalogue.

use crate::{call::Call, problem::Problem, reply::Reply};

/// `GET /api/events`
///
/// # Errors
/// As the contract says.
pub async fn list(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/events/{id}`
///
/// # Errors
/// As the contract says.
pub async fn one(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/events/{id}/availability`
///
/// # Errors
/// As the contract says.
pub async fn availability(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/events/{id}/seats`
///
/// # Errors
/// As the contract says.
pub async fn seats(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}
