//! The API as a value: an engine, who may use it, how often, and a few settings.

use crate::auth::{Auth, SignIn};
use crate::call::Call;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::proxy::ProxyNetwork;
use crate::rate::{LocalLimiter, RateLimiter, RateLimits, Turns};
use crate::reply::Reply;
use crate::request::{Request, RequestId};
use evently_core::{Evently, Timestamp};
use http::HeaderMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The API over one engine. Cheap to clone; all clones are one API.
#[derive(Debug, Clone)]
pub struct Api {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    evently: Evently,
    auth: Auth,
    limiter: Arc<dyn RateLimiter>,
    sign_ins: Turns,
    proxies: Vec<ProxyNetwork>,
    version: &'static str,
    started_at: Timestamp,
    live: Live,
    metrics: Metrics,
    draining: CancellationToken,
}

/// Sets an API up.
#[derive(Debug)]
pub struct ApiBuilder {
    evently: Evently,
    sign_in: SignIn,
    limits: RateLimits,
    limiter: Option<Arc<dyn RateLimiter>>,
    proxies: Vec<ProxyNetwork>,
    version: &'static str,
}

impl ApiBuilder {
    /// Limits requests so, counted in this process.
    #[must_use]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Has requests counted by this limiter instead, which may be shared between processes.
    #[must_use]
    pub fn rate_limiter(mut self, limiter: Arc<dyn RateLimiter>) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// Believes `X-Forwarded-For` from these proxies (default: from nobody).
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: Vec<ProxyNetwork>) -> Self {
        self.proxies = proxies;
        self
    }

    /// Says so as `version` on `/health` (default: this crate's).
    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// The API.
    pub fn build(self) -> Api {
        let started_at = self.evently.now();
        let local = || Arc::new(LocalLimiter::new(self.limits, &self.evently)) as Arc<dyn RateLimiter>;
        let limiter = self.limiter.unwrap_or_else(local);
        Api {
            inner: Arc::new(Inner {
                evently: self.evently,
                auth: Auth::new(self.sign_in),
                limiter,
                sign_ins: Turns::default(),
                proxies: self.proxies,
                version: self.version,
                started_at,
                live: Live::default(),
                metrics: Metrics::new(),
                draining: CancellationToken::new(),
            }),
        }
    }
}

impl Api {
    /// Begins setting an API up over an engine.
    pub fn builder(evently: Evently, sign_in: SignIn) -> ApiBuilder {
        ApiBuilder {
            evently,
            sign_in,
            limits: RateLimits::default(),
            limiter: None,
            proxies: Vec::new(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The engine.
    pub fn evently(&self) -> &Evently {
        &self.inner.evently
    }

    /// What a request with these headers is called: by its caller's id if that is a sane one, else by a new one.
    pub fn request_id(&self, headers: &HeaderMap) -> RequestId {
        RequestId::from_caller(headers).unwrap_or_else(|| RequestId::from_uuid(self.evently().new_id()))
    }

    /// Runs an operation and finishes its answer: problems as problem+json, request id, rate-limit headers.
    pub async fn serve<Op, Answer>(&self, request: Request, op: Op) -> Reply
    where
        Op: FnOnce(Call) -> Answer + Send,
        Answer: Future<Output = Result<Reply, Problem>> + Send,
    {
        let call = Call::new(self.clone(), request);
        let outcome = op(call.clone()).await;
        call.finish(outcome)
    }

    /// The answer that a problem is, counted among the refusals: `path` is the request's, as it was sent.
    pub fn refuse(&self, problem: Problem, path: &str, request_id: &RequestId) -> Reply {
        self.metrics().problem(problem.code());
        problem.into_reply(path, request_id)
    }

    /// From now on `/health/ready` answers 503, so that no new work is sent here, and streams end.
    pub fn start_draining(&self) {
        self.inner.draining.cancel();
    }

    /// Whether [`start_draining`](Self::start_draining) was called.
    pub fn is_draining(&self) -> bool {
        self.inner.draining.is_cancelled()
    }

    /// Returns once [`start_draining`](Self::start_draining) was called.
    pub(crate) async fn draining(&self) {
        self.inner.draining.cancelled().await;
    }

    /// What is counted of this API's requests.
    pub fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn live(&self) -> &Live {
        &self.inner.live
    }

    pub(crate) fn auth(&self) -> &Auth {
        &self.inner.auth
    }

    pub(crate) fn limiter(&self) -> &dyn RateLimiter {
        &*self.inner.limiter
    }

    /// The sign-ins that are being looked at.
    pub(crate) fn sign_ins(&self) -> &Turns {
        &self.inner.sign_ins
    }

    pub(crate) fn proxies(&self) -> &[ProxyNetwork] {
        &self.inner.proxies
    }

    pub(crate) fn version(&self) -> &'static str {
        self.inner.version
    }

    pub(crate) fn started_at(&self) -> Timestamp {
        self.inner.started_at
    }
}
