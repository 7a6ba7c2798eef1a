//! Users with an account here, their sign-in sessions, and whoever makes a call.

use super::{Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Books for themselves.
    User,
    /// Runs events.
    Admin,
}

impl Role {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

/// Whoever makes a call, as their sign-in vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
}

impl Caller {
    /// A caller who books for themselves.
    pub fn user(user_id: UserId) -> Self {
        Self {
            user_id,
            role: Role::User,
        }
    }

    /// A caller who runs events.
    pub fn admin(user_id: UserId) -> Self {
        Self {
            user_id,
            role: Role::Admin,
        }
    }

    /// Whether the caller runs events.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}

/// An e-mail address in lower case: what an account is found by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an e-mail address")]
pub struct InvalidEmail;

impl Email {
    /// The longest address, in bytes (RFC 5321's limit on a path, less its brackets).
    pub const MAX_BYTES: usize = 254;

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = InvalidEmail;

    /// One `@` with something before it (at most 64 bytes) and a dotted or bare host after it; no spaces or
    /// control characters. Whether anybody reads mail there, only a mail can tell.
    fn from_str(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, host) = text.split_once('@').ok_or(InvalidEmail)?;
        let sane = |part: &str| {
            !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control() || c == '@')
        };
        let host_ok = sane(host)
            && host.contains('.')
            && host
                .split('.')
                .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'));
        if text.len() > Self::MAX_BYTES || local.len() > 64 || !sane(local) || !host_ok {
            return Err(InvalidEmail);
        }
        Ok(Self(text.to_lowercase()))
    }
}

impl fmt::Debug for Email {
    /// Addresses stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

/// An account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What it is found by; unique.
    pub email: Email,
    /// How its owner wants to be called.
    pub name: Option<String>,
    /// What its owner may do.
    pub role: Role,
    /// The password's argon2id hash (PHC string).
    pub password_hash: String,
    /// A disabled account cannot sign in.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl fmt::Debug for User {
    /// Hashes and addresses stay out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A family of refresh tokens: one sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(Uuid);

impl SessionId {
    /// The session with this UUID.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The UUID of this session.
    pub const fn uuid(self) -> Uuid {
        self.0
    }
}

/// One sign-in: of its refresh tokens, only the last one given out is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose sign-in it is.
    pub user_id: UserId,
    /// SHA-256 of the one refresh token that is good now.
    pub token_hash: [u8; 32],
    /// When the refresh token stops being good.
    pub expires_at: Timestamp,
}
