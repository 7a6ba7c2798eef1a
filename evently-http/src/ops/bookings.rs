//! Bookings and holds.

use crate::{call::Call, problem::Problem, reply::Reply};

/// `POST /api/events/{id}/book`
///
/// # Errors
/// As the contract says.
pub async fn book(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/events/{id}/holds`
///
/// # Errors
/// As the contract says.
pub async fn hold(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/bookings`
///
/// # Errors
/// As the contract says.
pub async fn list(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/bookings/{id}`
///
/// # Errors
/// As the contract says.
pub async fn one(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/bookings/{id}/confirm`
///
/// # Errors
/// As the contract says.
pub async fn confirm(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/bookings/{id}/extend`
///
/// # Errors
/// As the contract says.
pub async fn extend(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/bookings/{id}/cancel`
///
/// # Errors
/// As the contract says.
pub async fn cancel(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}
