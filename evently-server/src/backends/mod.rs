//! Which stores there are: URL scheme → how to open it. A backend is one crate, one file here and one line in
//! [`BACKENDS`]; nothing else of the server knows any.

mod memory;
mod postgres;
mod redis;
mod sqlite;

use crate::secret::SecretHome;
use crate::settings::{Schema, public};
use evently_core::store::Store;
use futures::future::BoxFuture;
use std::{error::Error, fmt, str::FromStr, sync::Arc, time::Duration};

/// Why a store could not be opened, as its backend says it; shown to whoever runs the server.
pub(crate) type OpenError = Box<dyn Error + Send + Sync>;

/// What comes of a store that is being opened.
type Opening<T> = BoxFuture<'static, Result<T, OpenError>>;

/// One kind of store.
pub(crate) struct Backend {
    /// What stands before the colon.
    scheme: &'static str,
    /// The whole URL's form, for messages.
    form: &'static str,
    /// Opens the store at what stands after the scheme (and its slashes).
    open: fn(String, Schema) -> Opening<Arc<dyn Store>>,
    /// Brings its schema up to date and says what that came to.
    migrate: fn(String) -> Opening<String>,
    /// Where the secret for sign-ins is, if no setting names it.
    secret: fn(&str) -> SecretHome,
}

/// Every kind of store.
const BACKENDS: &[&Backend] = &[
    &memory::BACKEND,
    &sqlite::BACKEND,
    &postgres::BACKEND,
    &postgres::POSTGRESQL,
    &redis::SERVER,
    &redis::SERVER_BY_TLS,
    &redis::CLUSTER,
];

/// Which store: a backend and what it is to open.
#[derive(Clone)]
pub(crate) struct StoreUrl {
    backend: &'static Backend,
    place: String,
}

/// How long a store may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(9);

impl StoreUrl {
    /// Opens the store.
    ///
    /// # Errors
    /// It cannot be opened, or not within 9 s.
    pub(crate) async fn open(&self, schema: Schema) -> Result<Arc<dyn Store>, OpenError> {
        in_time((self.backend.open)(self.place.clone(), schema)).await
    }

    /// Brings the store's schema up to date and says what that came to. Takes as long as it takes.
    ///
    /// # Errors
    /// It cannot be opened or changed, or is of a newer version.
    pub(crate) async fn migrate(&self) -> Result<String, OpenError> {
        (self.backend.migrate)(self.place.clone()).await
    }

    /// Where the secret for sign-ins is, if no setting names it.
    pub(crate) fn secret_home(&self) -> SecretHome {
        (self.backend.secret)(&self.place)
    }
}

async fn in_time<T>(opening: Opening<T>) -> Result<T, OpenError> {
    match tokio::time::timeout(OPEN_TIMEOUT, opening).await {
        Ok(outcome) => outcome,
        Err(_) => Err("it does not answer".into()),
    }
}

/// The text names no store that is built in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidStoreUrl {
    #[error("must be a URL: {}", forms())]
    NoUrl,
    #[error("`{scheme}:` is not built in; there is {}", forms())]
    NotBuiltIn { scheme: String },
}

fn forms() -> String {
    let forms: Vec<_> = BACKENDS.iter().map(|backend| backend.form).collect();
    forms.join(", ")
}

impl FromStr for StoreUrl {
    type Err = InvalidStoreUrl;

    fn from_str(text: &str) -> Result<Self, InvalidStoreUrl> {
        let (scheme, place) = text.split_once(':').ok_or(InvalidStoreUrl::NoUrl)?;
        let is_scheme = |byte: u8| byte.is_ascii_lowercase() || byte == b'+';
        if scheme.is_empty() || scheme.len() > 20 || !scheme.bytes().all(is_scheme) {
            return Err(InvalidStoreUrl::NoUrl);
        }
        let backend = BACKENDS.iter().find(|backend| backend.scheme == scheme);
        let backend = backend.ok_or_else(|| InvalidStoreUrl::NotBuiltIn {
            scheme: scheme.to_owned(),
        })?;
        let place = place.strip_prefix("//").unwrap_or(place).to_owned();
        Ok(Self { backend, place })
    }
}

/// What is kept when nothing is set.
impl Default for StoreUrl {
    fn default() -> Self {
        Self {
            backend: &sqlite::BACKEND,
            place: "evently.db".to_owned(),
        }
    }
}

/// Without credentials and options: fit for logs.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.backend.scheme, public(&self.place))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
