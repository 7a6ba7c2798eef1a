//! Who makes a call: the accounts kept here, or an embedder's own sign-in.

mod accounts;

pub use accounts::{AccountError, make_admin};

use async_trait::async_trait;
use evently_core::{Caller, Timestamp};
use http::HeaderMap;
use std::{fmt::Debug, sync::Arc};

/// How callers are known.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SignIn {
    /// By accounts kept in the engine's store: sign-up, sign-in and refresh are served, and tokens signed with
    /// this secret.
    Accounts(JwtSecret),
    /// By somebody else. The routes under `/api/auth` but `me` are 404.
    External(Arc<dyn Authenticator>),
}

impl SignIn {
    /// By accounts kept here.
    pub fn accounts(secret: JwtSecret) -> Self {
        Self::Accounts(secret)
    }

    /// By an embedder's own means.
    pub fn external(authenticator: impl Authenticator) -> Self {
        Self::External(Arc::new(authenticator))
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

/// Credentials are not good. Why is nobody's business but the log's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credentials are not good")]
pub struct NotAuthenticated;

/// The secret that access tokens are signed with: the setting's bytes, at least 32 of them.
#[derive(Clone)]
pub struct JwtSecret(Arc<[u8]>);

/// The secret could be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakSecret {
    /// It is shorter than 32 bytes.
    #[error("the JWT secret must be at least 32 bytes long")]
    Short,
    /// It is a sample from documentation, or hardly varies.
    #[error("the JWT secret must be a random one, not a sample")]
    Sample,
}

impl JwtSecret {
    /// The fewest bytes of a secret.
    pub const MIN_BYTES: usize = 32;

    /// A secret of these bytes.
    ///
    /// # Errors
    /// [`WeakSecret`] by variant.
    pub fn new(bytes: &[u8]) -> Result<Self, WeakSecret> {
        if bytes.len() < Self::MIN_BYTES {
            return Err(WeakSecret::Short);
        }
        Ok(Self(bytes.into()))
    }

    /// A new random secret.
    pub fn random() -> Self {
        Self(Arc::new(rand::random::<[u8; 32]>()))
    }
}

impl Debug for JwtSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JwtSecret(…)")
    }
}
