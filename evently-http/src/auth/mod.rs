//! Who makes a call: the accounts kept here, or an embedder's own sign-in.

mod accounts;
mod jwt;
mod keys;
mod known;
pub(crate) mod password;
mod provider;
mod refresh;
mod secret;
mod token;

pub use accounts::{AccountError, make_admin};
pub use provider::{Claims, IdentityProvider, UnusableKeys};
pub use secret::{JwtSecret, WeakSecret};
pub(crate) use token::AccessTokens;
pub use token::bearer;

pub(crate) use accounts::{Accounts, SignedIn};

use async_trait::async_trait;
use evently_core::{Caller, Timestamp};
use http::HeaderMap;
use std::{
    fmt::{self, Debug},
    sync::Arc,
};

/// How callers are known.
#[derive(Debug, Clone)]
pub struct SignIn(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Accounts(JwtSecret),
    External(Arc<dyn Authenticator>),
}

impl SignIn {
    /// By accounts kept in the engine's store: signing up, signing in and refreshing are served, and access
    /// tokens signed with this secret.
    pub fn accounts(secret: JwtSecret) -> Self {
        Self(Kind::Accounts(secret))
    }

    /// By access tokens of the contract's form that somebody else signs with this secret. The routes of accounts
    /// are 404.
    pub fn tokens(secret: &JwtSecret) -> Self {
        Self::external(AccessTokens::new(secret))
    }

    /// By an embedder's own means, such as an [`IdentityProvider`] whose keys are public. The routes of accounts
    /// are 404.
    pub fn external(authenticator: impl Authenticator) -> Self {
        Self(Kind::External(Arc::new(authenticator)))
    }

    /// By an embedder's own function of the headers and the present instant.
    ///
    /// ```
    /// use evently_core::{Caller, domain::UserId};
    /// use evently_http::auth::{NotAuthenticated, SignIn, bearer};
    ///
    /// let sign_in = SignIn::by(|headers, _now| match bearer(headers)? {
    ///     None => Ok(None),
    ///     Some(token) => token.parse::<UserId>().map(|id| Some(Caller::user(id))).map_err(|_| NotAuthenticated),
    /// });
    /// # drop(sign_in);
    /// ```
    pub fn by<F>(function: F) -> Self
    where
        F: Fn(&HeaderMap, Timestamp) -> Result<Option<Caller>, NotAuthenticated> + Send + Sync + 'static,
    {
        Self::external(Function(function))
    }
}

/// How the API knows its callers.
#[derive(Debug)]
pub(crate) enum Auth {
    Accounts(Box<Accounts>),
    External(Arc<dyn Authenticator>),
}

impl Auth {
    pub(crate) fn new(sign_in: SignIn) -> Self {
        match sign_in.0 {
            Kind::Accounts(secret) => Self::Accounts(Box::new(Accounts::new(&secret))),
            Kind::External(authenticator) => Self::External(authenticator),
        }
    }
}

/// Tells who makes a request, from its headers.
#[async_trait]
pub trait Authenticator: Debug + Send + Sync + 'static {
    /// Who makes the request; `None` for nobody in particular (no credentials at all).
    ///
    /// # Errors
    /// [`NotAuthenticated`]: there are credentials, and they are not good.
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<Caller>, NotAuthenticated>;
}

/// Credentials are not good. Why, the caller is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credentials are not good")]
pub struct NotAuthenticated;

/// A function as an authenticator.
struct Function<F>(F);

impl<F> Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function(…)")
    }
}

#[async_trait]
impl<F> Authenticator for Function<F>
where
    F: Fn(&HeaderMap, Timestamp) -> Result<Option<Caller>, NotAuthenticated> + Send + Sync + 'static,
{
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<Caller>, NotAuthenticated> {
        self.0(headers, now)
    }
}
