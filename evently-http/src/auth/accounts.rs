//! Accounts kept here: signing up, signing in, refresh tokens, and making admins.

use super::password::{self, PasswordPool, Verdict};
use super::refresh::{REFRESH_LIFETIME, RefreshToken};
use super::secret::JwtSecret;
use super::token::{ACCESS_LIFETIME, AccessTokens};
use crate::code::Code;
use crate::parse::{Credentials, NewAccount};
use crate::problem::Problem;
use evently_core::domain::{Caller, Email, Role, Session, SessionId, User, UserId};
use evently_core::store::{Rotation, StoreError, UserWritten};
use evently_core::{Error, Evently};

/// The accounts of an engine's store, and the tokens that they sign in with.
#[derive(Debug)]
pub(crate) struct Accounts {
    tokens: AccessTokens,
    passwords: PasswordPool,
}

/// Somebody who has just signed in.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: User,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

impl SignedIn {
    /// The seconds that the access token is good for.
    pub(crate) const EXPIRES_IN: u64 = ACCESS_LIFETIME.as_secs();
}

impl Accounts {
    pub(crate) fn new(secret: &JwtSecret) -> Self {
        Self {
            tokens: AccessTokens::new(secret),
            passwords: PasswordPool::new(),
        }
    }

    pub(crate) fn tokens(&self) -> &AccessTokens {
        &self.tokens
    }

    /// Makes an account, with the role of a user whatever was asked for, and signs it in.
    pub(crate) async fn sign_up(&self, evently: &Evently, account: NewAccount) -> Result<SignedIn, Problem> {
        let user = User {
            id: UserId::from_uuid(evently.new_id()),
            email: account.email,
            name: account.name,
            role: Role::User,
            password_hash: self.passwords.hash(account.password).await?,
            disabled: false,
            created_at: evently.now(),
        };
        match evently.store().create_user(&user).await? {
            UserWritten::Done => self.open_session(evently, user).await,
            UserWritten::EmailTaken => Err(Problem::new(
                Code::EmailTaken,
                "There is an account with this e-mail address already.",
            )),
        }
    }

    /// Signs in with a password. Whether the address, the password or the account's being disabled was wrong, is
    /// told neither by the answer nor by the time it takes.
    pub(crate) async fn sign_in(
        &self,
        evently: &Evently,
        with: Credentials<'_>,
    ) -> Result<SignedIn, Problem> {
        let user = match with.email.parse::<Email>() {
            Ok(email) => evently.store().user_by_email(&email).await?,
            Err(_) => None,
        };
        let hash = user.as_ref().map(|user| user.password_hash.clone());
        let verdict = self.passwords.verify(with.password.to_owned(), hash).await?;
        match user.filter(|user| verdict == Verdict::Right && !user.disabled) {
            Some(user) => self.open_session(evently, user).await,
            None => Err(Problem::new(
                Code::BadCredentials,
                "The e-mail address or the password is wrong.",
            )),
        }
    }

    /// Takes a refresh token back and gives new ones for it, with the role that the account has now. One that was
    /// taken back before ends its session: somebody has a copy.
    pub(crate) async fn refresh(&self, evently: &Evently, token: &str) -> Result<SignedIn, Problem> {
        let presented = RefreshToken::parse(token).ok_or_else(bad_refresh_token)?;
        let session_id = presented.session_id();
        let next = RefreshToken::new(session_id);
        let now = evently.now();
        let store = evently.store();
        let rotation = store
            .rotate_session(
                session_id,
                presented.hash(),
                next.hash(),
                now + REFRESH_LIFETIME,
                now,
            )
            .await?;
        let Rotation::Rotated(user_id) = rotation else {
            return Err(bad_refresh_token());
        };
        match store.user(user_id).await?.filter(|user| !user.disabled) {
            Some(user) => self.signed_in(evently, user, &next),
            None => {
                store.end_session(session_id).await?;
                Err(bad_refresh_token())
            }
        }
    }

    /// Ends the session of a refresh token, whichever of its tokens it is; an unknown one has ended already.
    pub(crate) async fn sign_out(&self, evently: &Evently, token: &str) -> Result<(), Problem> {
        if let Some(token) = RefreshToken::parse(token) {
            evently.store().end_session(token.session_id()).await?;
        }
        Ok(())
    }

    async fn open_session(&self, evently: &Evently, user: User) -> Result<SignedIn, Problem> {
        let session_id = SessionId::from_uuid(evently.new_id());
        let token = RefreshToken::new(session_id);
        let session = Session {
            id: session_id,
            user_id: user.id,
            token_hash: token.hash(),
            expires_at: evently.now() + REFRESH_LIFETIME,
        };
        evently.store().create_session(&session).await?;
        self.signed_in(evently, user, &token)
    }

    fn signed_in(&self, evently: &Evently, user: User, token: &RefreshToken) -> Result<SignedIn, Problem> {
        let caller = Caller {
            user_id: user.id,
            role: user.role,
        };
        Ok(SignedIn {
            access_token: self
                .tokens
                .issue(&caller, evently.now())
                .ok_or_else(Problem::internal)?,
            refresh_token: token.text(),
            user,
        })
    }
}

fn bad_refresh_token() -> Problem {
    Problem::new(
        Code::Unauthorized,
        "The refresh token is not good (any more): sign in again.",
    )
}

/// Why an account could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The text is no e-mail address.
    #[error("this is no e-mail address")]
    InvalidEmail,
    /// The password is too short, too long or too common.
    #[error("the password {0}")]
    InvalidPassword(
        /// What it must be.
        &'static str,
    ),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// Makes an account with the role of an admin, or gives an existing one that role and this password and lets it
/// sign in again if it was disabled. A promoted account's sessions end.
///
/// # Errors
/// [`AccountError`] by variant.
pub async fn make_admin(evently: &Evently, email: &str, password: &str) -> Result<UserId, AccountError> {
    let email: Email = email.parse().map_err(|_| AccountError::InvalidEmail)?;
    password::check(password).map_err(AccountError::InvalidPassword)?;
    let hash = password::hash_apart(password.to_owned())
        .await
        .ok_or(Error::Closed)?;
    let store = evently.store();
    let fresh = User {
        id: UserId::from_uuid(evently.new_id()),
        email: email.clone(),
        name: None,
        role: Role::Admin,
        password_hash: hash.clone(),
        disabled: false,
        created_at: evently.now(),
    };
    if store.create_user(&fresh).await? == UserWritten::Done {
        return Ok(fresh.id);
    }
    let known = store.user_by_email(&email).await?.ok_or(Error::Closed)?;
    let promoted = User {
        role: Role::Admin,
        password_hash: hash,
        disabled: false,
        ..known
    };
    store.update_user(&promoted).await?;
    Ok(promoted.id)
}
