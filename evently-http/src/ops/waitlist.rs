//! The waitlist.

use crate::{call::Call, problem::Problem, reply::Reply};

/// `POST /api/events/{id}/waitlist`
///
/// # Errors
/// As the contract says.
pub async fn join(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/waitlist`
///
/// # Errors
/// As the contract says.
pub async fn list(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/waitlist/{id}`
///
/// # Errors
/// As the contract says.
pub async fn one(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `DELETE /api/waitlist/{id}`
///
/// # Errors
/// As the contract says.
pub async fn leave(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/waitlist/{id}/accept`
///
/// # Errors
/// As the contract says.
pub async fn accept(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/waitlist/{id}/decline`
///
/// # Errors
/// As the contract says.
pub async fn decline(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}
