//! Accounts and signing in.

use crate::{call::Call, problem::Problem, reply::Reply};

/// `POST /api/auth/signup`
///
/// # Errors
/// As the contract says.
pub async fn signup(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/auth/login`
///
/// # Errors
/// As the contract says.
pub async fn login(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/auth/refresh`
///
/// # Errors
/// As the contract says.
pub async fn refresh(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `POST /api/auth/logout`
///
/// # Errors
/// As the contract says.
pub async fn logout(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}

/// `GET /api/auth/me`
///
/// # Errors
/// As the contract says.
pub async fn me(call: Call) -> Result<Reply, Problem> {
    let _ = call;
    Err(Problem::not_found())
}
