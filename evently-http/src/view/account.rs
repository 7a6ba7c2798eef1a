//! An account, and what signing in gives.

use crate::openapi::words::Role;
use evently_core::Timestamp;
use evently_core::domain::{User, UserId};
use serde::Serialize;
use utoipa::ToSchema;

/// An account as its owner sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserView<'a> {
    #[schema(value_type = Uuid)]
    id: UserId,
    /// In lower case.
    #[schema(format = Email, examples("ada@example.org"))]
    email: &'a str,
    #[schema(required, examples("Ada"))]
    name: Option<&'a str>,
    #[schema(value_type = Role)]
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
#[derive(Serialize, ToSchema)]
#[schema(as = SignedIn)]
pub(crate) struct SignedInView<'a> {
    pub(crate) user: UserView<'a>,
    /// A JWT, to be sent as `Authorization: Bearer …`.
    pub(crate) access_token: &'a str,
    /// Good once, for 30 days; a reused one ends its session.
    pub(crate) refresh_token: &'a str,
    #[schema(examples("Bearer"))]
    pub(crate) token_type: &'static str,
    /// Seconds until the access token is good no more.
    #[schema(examples(900))]
    pub(crate) expires_in: u64,
}
