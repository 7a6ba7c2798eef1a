//! An account, and what signing in gives.

use evently_core::Timestamp;
use evently_core::domain::{User, UserId};
use serde::Serialize;

/// An account as its owner sees it.
#[derive(Serialize)]
pub(crate) struct UserView<'a> {
    id: UserId,
    email: &'a str,
    name: Option<&'a str>,
    role: &'static str,
    created_at: Timestamp,
}

impl<'a> UserView<'a> {
    /// An account as it stands.
    pub(crate) fn of(user: &'a User) -> Self {
        Self {
            id: user.id,
            email: user.email.as_str(),
            name: user.name.as_deref(),
            role: user.role.as_str(),
            created_at: user.created_at,
        }
    }
}

/// An account with its tokens.
#[derive(Serialize)]
pub(crate) struct SignedInView<'a> {
    pub(crate) user: UserView<'a>,
    pub(crate) access_token: &'a str,
    pub(crate) refresh_token: &'a str,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u64,
}
