//! What admins do.

use crate::{call::Call, problem::Problem, reply::Reply};

/// `POST /api/admin/events`
///
/// # Errors
/// As the contract says.
pub async fn create_event(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `PATCH /api/admin/events/{id}`
///
/// # Errors
/// As the contract says.
pub async fn change_event(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `DELETE /api/admin/events/{id}`
///
/// # Errors
/// As the contract says.
pub async fn delete_event(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/admin/events/{id}/publish`
///
/// # Errors
/// As the contract says.
pub async fn publish_event(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/admin/events/{id}/cancel`
///
/// # Errors
/// As the contract says.
pub async fn cancel_event(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/admin/events/{id}/bookings`
///
/// # Errors
/// As the contract says.
pub async fn bookings(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/admin/events/{id}/waitlist`
///
/// # Errors
/// As the contract says.
pub async fn waitlist(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}
