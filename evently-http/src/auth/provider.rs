//! Callers whom an identity provider has signed in: its JSON Web Tokens, checked with the keys that it publishes as a
//! JSON Web Key Set (RFC 7517). How the set is fetched is the embedder's; when, is decided here.

use super::keys::Keys;
use super::known::Vouched;
use super::{Authenticator, NotAuthenticated, bearer};
use async_trait::async_trait;
use evently_core::Timestamp;
use evently_core::domain::{Caller, UserId};
use futures::future::BoxFuture;
use http::HeaderMap;
use jsonwebtoken::{Header, decode_header};
use parking_lot::RwLock;
use serde_json::{Map, Value};
use std::{
    error::Error,
    fmt::{self, Debug},
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use uuid::Uuid;

/// What a token says, by claim.
pub type Claims = Map<String, Value>;

type Fetch = dyn Fn() -> BoxFuture<'static, Result<String, FetchError>> + Send + Sync;
type FetchError = Box<dyn Error + Send + Sync>;
type Callers = dyn Fn(UserId, &Claims) -> Option<Caller> + Send + Sync;

/// An identity provider, as an [`Authenticator`].
///
/// A token is good that one of the provider's RSA, EC or Ed25519 keys has signed with that key's algorithm, that
/// names this issuer and this audience, and whose time (`exp`, and `nbf` if there is one) it is. Its caller is the
/// user of its `sub`: `sub` itself where that is a UUID, else the UUIDv5 (RFC 9562) of issuer and `sub`, which is
/// always the same. Nobody is an admin, unless [`callers`](Self::callers) makes them so.
///
/// ```
/// use evently_core::Caller;
/// use evently_http::auth::{IdentityProvider, SignIn};
///
/// # async fn get(_url: &str) -> Result<String, std::io::Error> { Ok(r#"{"keys": []}"#.to_owned()) }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// // `get` stands for your HTTP client.
/// let keys = || get("https://id.example.org/.well-known/jwks.json");
/// match IdentityProvider::open("https://id.example.org", "box-office", keys).await {
///     Ok(provider) => {
///         let staff = provider.callers(|id, claims| match claims.get("groups")?.as_array()? {
///             groups if groups.iter().any(|group| group == "box-office-staff") => Some(Caller::admin(id)),
///             _ => Some(Caller::user(id)),
///         });
///         drop(SignIn::external(staff));
///     }
///     Err(unusable) => assert_eq!(unusable.to_string(), "the key set has no key that signatures can be checked with"),
/// }
/// # }
/// ```
pub struct IdentityProvider {
    issuer: String,
    audience: String,
    fetch: Box<Fetch>,
    callers: Box<Callers>,
    keys: RwLock<Arc<Keys>>,
    /// When the keys were last asked for, however that ended. Held while they are.
    asked: Mutex<Instant>,
}

/// Why a provider's keys cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKeys {
    /// They could not be fetched.
    #[error("the key set could not be fetched")]
    Fetch(#[source] FetchError),
    /// They did not come in time.
    #[error("the key set did not come within {} s", IdentityProvider::FETCH_TIMEOUT.as_secs())]
    Late,
    /// What was fetched is no key set.
    #[error("this is no JSON Web Key Set")]
    Malformed(#[source] serde_json::Error),
    /// The set has no public key for signatures.
    #[error("the key set has no key that signatures can be checked with")]
    Empty,
}

impl IdentityProvider {
    /// How long fetching the keys may take.
    pub const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
    /// How old keys may grow before they are fetched again: as long can a key be used that was withdrawn.
    pub const KEYS_LIFETIME: Duration = Duration::from_secs(60 * 60);
    /// The shortest time between two fetches, so that tokens with made-up key ids do the provider no harm.
    pub const FETCH_INTERVAL: Duration = Duration::from_secs(30);

    /// A provider by the `iss` of its tokens, the `aud` among theirs that stands for this service, and how its key
    /// set (a JSON document) is fetched: now, when a token names an unknown key, and when the keys have grown old.
    /// If a later fetch fails, the keys that are there stay, and a warning is logged.
    ///
    /// # Errors
    /// [`UnusableKeys`] by variant.
    pub async fn open<F, T, E>(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        fetch: F,
    ) -> Result<Self, UnusableKeys>
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<String, E>> + Send + 'static,
        E: Into<FetchError>,
    {
        let fetch = move || -> BoxFuture<'static, Result<String, FetchError>> {
            let fetched = fetch();
            Box::pin(async move { fetched.await.map_err(Into::into) })
        };
        let keys = Self::fetched(&fetch).await?;
        Ok(Self {
            issuer: issuer.into(),
            audience: audience.into(),
            fetch: Box::new(fetch),
            callers: Box::new(|id, _| Some(Caller::user(id))),
            keys: RwLock::new(Arc::new(keys)),
            asked: Mutex::new(Instant::now()),
        })
    }

    /// Who a good token's bearer is here, by the user of its `sub` and its claims; `None` for nobody: the token is
    /// then as bad as any.
    #[must_use]
    pub fn callers<F>(mut self, callers: F) -> Self
    where
        F: Fn(UserId, &Claims) -> Option<Caller> + Send + Sync + 'static,
    {
        self.callers = Box::new(callers);
        self
    }

    /// The user of a `sub`.
    pub fn user(&self, sub: &str) -> UserId {
        sub.parse().unwrap_or_else(|_| {
            let issuer = Uuid::new_v5(&Uuid::NAMESPACE_URL, self.issuer.as_bytes());
            UserId::from_uuid(Uuid::new_v5(&issuer, sub.as_bytes()))
        })
    }

    /// The keys to check a token of this header with, fetched again if need be.
    async fn keys(&self, header: &Header) -> Arc<Keys> {
        let keys = self.keys.read().clone();
        let has_key = keys.has(header);
        if has_key && keys.age() < Self::KEYS_LIFETIME {
            return keys;
        }
        let asked = if has_key {
            self.asked.try_lock().ok()
        } else {
            Some(self.asked.lock().await)
        };
        let Some(mut asked) = asked else { return keys };
        // Another request may have fetched them while this one waited.
        if asked.elapsed() >= Self::FETCH_INTERVAL {
            *asked = Instant::now();
            match Self::fetched(&*self.fetch).await {
                Ok(fresh) => *self.keys.write() = Arc::new(fresh),
                Err(error) => tracing::warn!(
                    error = &error as &dyn Error,
                    issuer = self.issuer,
                    "the identity provider's keys could not be renewed; the old ones stay"
                ),
            }
        }
        self.keys.read().clone()
    }

    async fn fetched(fetch: &Fetch) -> Result<Keys, UnusableKeys> {
        let document = timeout(Self::FETCH_TIMEOUT, fetch())
            .await
            .map_err(|_| UnusableKeys::Late)?
            .map_err(UnusableKeys::Fetch)?;
        Keys::parse(&document)
    }
}

#[async_trait]
impl Authenticator for IdentityProvider {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Option<Caller>, NotAuthenticated> {
        let Some(token) = bearer(headers)? else {
            return Ok(None);
        };
        let header = decode_header(token).map_err(|_| NotAuthenticated)?;
        let keys = self.keys(&header).await;
        let verify = || {
            let vouched = keys.verify(token, &header, &self.issuer, &self.audience)?;
            let user = self.user(&vouched.sub);
            Ok(Vouched {
                caller: (self.callers)(user, &vouched.claims).ok_or(NotAuthenticated)?,
                from: vouched.from,
                until: vouched.until,
            })
        };
        keys.known.caller(token, now, verify).map(Some)
    }
}

impl Debug for IdentityProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityProvider")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
