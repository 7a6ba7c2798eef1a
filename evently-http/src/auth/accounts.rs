//! Accounts kept here: sign-up, sign-in, refresh tokens, and making admins.

use evently_core::{Error, Evently, domain::UserId};

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The text is no e-mail address.
    #[error("the e-mail address is not one")]
    InvalidEmail,
    /// The password is too short, too long or too common.
    #[error("the password {0}")]
    InvalidPassword(
        /// What it must be.
        &'static str,
    ),
    /// The storage failed.
    #[error(transparent)]
    Engine(#[from] Error),
}

/// Makes an account with the role of an admin, or gives an existing one that role and this password. Signs out
/// an account whose role changed.
///
/// # Errors
/// [`AccountError`] by variant.
pub async fn make_admin(evently: &Evently, email: &str, password: &str) -> Result<UserId, AccountError> {
    let _ = (evently, email, password);
    Err(AccountError::InvalidEmail)
}
