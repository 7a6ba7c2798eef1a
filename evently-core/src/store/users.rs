//! Accounts and their sign-in sessions.

use super::StoreError;
use crate::domain::{Email, Session, SessionId, Timestamp, User, UserId};
use async_trait::async_trait;
use std::fmt::Debug;

/// What became of a write of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserWritten {
    /// It is stored.
    Done,
    /// Another account has the e-mail address.
    EmailTaken,
}

/// What became of a refresh token that was presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// It was the good one; the next one is good now.
    Rotated(UserId),
    /// It was a former one: somebody has a copy. The session is ended.
    Reused,
    /// There is no such session (any more), or it has run out.
    Unknown,
}

/// Accounts and sessions. Each method is one atomic step.
#[async_trait]
pub trait UserStore: Debug + Send + Sync + 'static {
    /// Stores a new account.
    ///
    /// # Errors
    /// The storage failed.
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError>;

    /// Replaces an account's name, role, password hash and `disabled`, found by its id. Where its role changed or
    /// it is disabled, its sessions end in the same step.
    ///
    /// # Errors
    /// The storage failed.
    async fn update_user(&self, user: &User) -> Result<(), StoreError>;

    /// The account with this id.
    ///
    /// # Errors
    /// The storage failed.
    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The account with this e-mail address.
    ///
    /// # Errors
    /// The storage failed.
    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError>;

    /// Stores a new session. Sessions that ran out may be forgotten.
    ///
    /// # Errors
    /// The storage failed.
    async fn create_session(&self, session: &Session) -> Result<(), StoreError>;

    /// Takes a refresh token back and makes the next one good: compare and swap on the token's hash.
    ///
    /// Of several calls with the same token one is `Rotated`; the others are `Reused`, which ends the session.
    ///
    /// # Errors
    /// The storage failed.
    async fn rotate_session(
        &self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError>;

    /// Ends a session; one that does not exist is ended already.
    ///
    /// # Errors
    /// The storage failed.
    async fn end_session(&self, id: SessionId) -> Result<(), StoreError>;
}
