//! Accounts and signing in.

use crate::auth::{Accounts, Auth, SignedIn};
use crate::code::Code;
use crate::parse::{Credentials, NewAccount, refresh_token, required_body};
use crate::rate::Attempt;
use crate::view::{SignedInView, UserView};
use crate::{call::Call, problem::Problem, reply::Reply};
use http::StatusCode;

/// `POST /api/auth/signup`: makes an account and signs it in.
///
/// # Errors
/// 409 `email_taken`; 422; 404 where accounts are kept elsewhere.
pub async fn signup(call: Call) -> Result<Reply, Problem> {
    call.visitor().await?;
    let accounts = accounts(&call)?;
    let account = NewAccount::read(&required_body(call.request())?)?;
    let signed_in = accounts.sign_up(call.evently(), account).await?;
    Ok(reply(StatusCode::CREATED, &signed_in))
}

/// `POST /api/auth/login`: signs in with a password.
///
/// # Errors
/// 401 `bad_credentials`; 429 after too many of them; 422; 404 where accounts are kept elsewhere.
pub async fn login(call: Call) -> Result<Reply, Problem> {
    call.visitor().await?;
    let accounts = accounts(&call)?;
    let body = required_body(call.request())?;
    let credentials = Credentials::read(&body)?;
    let attempt = Attempt::new(credentials.email, call.address());
    let _turn = call.api().sign_ins().take(attempt).await;
    let limiter = call.api().limiter();
    limiter
        .sign_in_begins(attempt)
        .await
        .map_err(Problem::rate_limited)?;
    let signed_in = accounts.sign_in(call.evently(), credentials).await;
    let has_failed = matches!(&signed_in, Err(problem) if problem.code() == Code::BadCredentials);
    if !has_failed {
        limiter.sign_in_did_not_fail(attempt).await;
    }
    Ok(reply(StatusCode::OK, &signed_in?))
}

/// `POST /api/auth/refresh`: new tokens for a refresh token, which is used up.
///
/// # Errors
/// 401 for one that is not good (any more); 422; 404 where accounts are kept elsewhere.
pub async fn refresh(call: Call) -> Result<Reply, Problem> {
    call.visitor().await?;
    let accounts = accounts(&call)?;
    let body = required_body(call.request())?;
    let signed_in = accounts.refresh(call.evently(), refresh_token(&body)?).await?;
    Ok(reply(StatusCode::OK, &signed_in))
}

/// `POST /api/auth/logout`: ends the session of a refresh token; an unknown one has ended already.
///
/// # Errors
/// 422; 404 where accounts are kept elsewhere.
pub async fn logout(call: Call) -> Result<Reply, Problem> {
    call.visitor().await?;
    let accounts = accounts(&call)?;
    let body = required_body(call.request())?;
    accounts.sign_out(call.evently(), refresh_token(&body)?).await?;
    Ok(Reply::empty(StatusCode::NO_CONTENT).no_store())
}

/// `GET /api/auth/me`: the caller's account.
///
/// # Errors
/// 401; 404 for a caller whose account is kept elsewhere.
pub async fn me(call: Call) -> Result<Reply, Problem> {
    let caller = call.user().await?;
    let user = call.evently().store().user(caller.user_id).await?;
    let user = user.ok_or_else(Problem::not_found)?;
    Ok(Reply::json(StatusCode::OK, &UserView::of(&user)))
}

fn accounts(call: &Call) -> Result<&Accounts, Problem> {
    match call.api().auth() {
        Auth::Accounts(accounts) => Ok(accounts),
        Auth::External(_) => Err(Problem::not_found()),
    }
}

fn reply(status: StatusCode, signed_in: &SignedIn) -> Reply {
    let view = SignedInView {
        user: UserView::of(&signed_in.user),
        access_token: &signed_in.access_token,
        refresh_token: &signed_in.refresh_token,
        token_type: "Bearer",
        expires_in: SignedIn::EXPIRES_IN,
    };
    Reply::json(status, &view)
}
