//! Accounts as rows.

use evently_core::domain::{Email, Role, Timestamp, User, UserId};
use serde::{Deserialize, Serialize};

/// A row of `evently.account`.
#[derive(Serialize, Deserialize)]
pub(crate) struct AccountRow {
    user_id: UserId,
    email: Email,
    name: Option<String>,
    role: Role,
    password_hash: String,
    disabled: bool,
    created_at: Timestamp,
}

impl AccountRow {
    /// The row of an account.
    pub(crate) fn of(user: &User) -> Self {
        Self {
            user_id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            role: user.role,
            password_hash: user.password_hash.clone(),
            disabled: user.disabled,
            created_at: user.created_at,
        }
    }

    /// The account of a row.
    pub(crate) fn user(self) -> User {
        User {
            id: self.user_id,
            email: self.email,
            name: self.name,
            role: self.role,
            password_hash: self.password_hash,
            disabled: self.disabled,
            created_at: self.created_at,
        }
    }
}
