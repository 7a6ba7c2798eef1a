//! Rate limits that all servers on one Redis share.
//!
//! While Redis does not answer, this process counts by itself: a request is never refused, nor held up for long,
//! because it could not be counted.

use crate::settings::RedisUrl;
use async_trait::async_trait;
use evently_core::Evently;
use evently_http::{Attempt, LocalLimiter, Quota, RateLimiter, RateLimits, Standing, Subject};
use evently_redis::{Allowance, SharedRates};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::{CancellationToken, DropGuard};

/// How long Redis is left alone after it failed.
const REST: Duration = Duration::from_secs(1);

/// How long one failed sign-in weighs: as many as are allowed fill a minute.
const SIGN_IN: Duration = Duration::from_secs(60 / Attempt::PER_MINUTE as u64);

/// Counts in Redis, and by itself while it cannot.
#[derive(Debug)]
pub(crate) struct SharedLimiter {
    limits: RateLimits,
    shared: Arc<OnceLock<SharedRates>>,
    rests_until: Mutex<Option<Instant>>,
    local: LocalLimiter,
    _connecting: DropGuard,
}

impl SharedLimiter {
    /// A limiter on the Redis at this URL, which is connected to in the background.
    pub(crate) fn new(url: &RedisUrl, limits: RateLimits, evently: &Evently) -> Self {
        let (shared, stop) = (Arc::new(OnceLock::new()), CancellationToken::new());
        tokio::spawn(
            stop.clone()
                .run_until_cancelled_owned(connect(url.clone(), Arc::clone(&shared))),
        );
        Self {
            limits,
            shared,
            rests_until: Mutex::new(None),
            local: LocalLimiter::new(limits, evently),
            _connecting: stop.drop_guard(),
        }
    }

    /// What may be asked now: not while it rests, or is not connected yet.
    fn shared(&self) -> Option<&SharedRates> {
        let rests_until = *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        let rests = rests_until.is_some_and(|until| Instant::now() < until);
        self.shared.get().filter(|_| !rests)
    }

    async fn count(&self, subject: &str, each: Duration, burst: u32) -> Option<Allowance> {
        match self.shared()?.admit(subject, each, burst).await {
            Ok(allowance) => Some(allowance),
            Err(error) => {
                tracing::warn!(error = %error, "shared rate limits: this process counts by itself for now");
                *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Instant::now() + REST);
                None
            }
        }
    }

    fn quota(&self, subject: Subject) -> Option<Quota> {
        match subject {
            Subject::User(_) => self.limits.signed_in,
            Subject::Address(_) => self.limits.anonymous,
        }
    }
}

async fn connect(url: RedisUrl, shared: Arc<OnceLock<SharedRates>>) {
    loop {
        match SharedRates::connect(url.as_str()).await {
            Ok(rates) => {
                let _ = shared.set(rates);
                return;
            }
            Err(error) => tracing::warn!(error = %error, "shared rate limits: Redis does not answer yet"),
        }
        tokio::time::sleep(REST).await;
    }
}

#[async_trait]
impl RateLimiter for SharedLimiter {
    async fn admit(&self, subject: Subject) -> Option<Standing> {
        let quota = self.quota(subject)?;
        let name = match subject {
            Subject::User(user) => format!("user:{user}"),
            Subject::Address(address) => format!("address:{address}"),
        };
        let each = Duration::from_secs(1) / quota.per_second.max(1);
        match self.count(&name, each, quota.burst).await {
            Some(allowance) => Some(Standing {
                quota,
                remaining: allowance.remaining,
                retry_after: allowance.retry_after,
            }),
            None => self.local.admit(subject).await,
        }
    }

    async fn sign_in_begins(&self, attempt: Attempt) -> Result<(), Duration> {
        match self.count(&name_of(attempt), SIGN_IN, Attempt::PER_MINUTE).await {
            Some(allowance) => allowance.retry_after.map_or(Ok(()), Err),
            None => self.local.sign_in_begins(attempt).await,
        }
    }

    async fn sign_in_did_not_fail(&self, attempt: Attempt) {
        let shared = async { self.shared()?.take_back(&name_of(attempt), SIGN_IN).await.ok() };
        if shared.await.is_none() {
            self.local.sign_in_did_not_fail(attempt).await;
        }
    }
}

fn name_of(attempt: Attempt) -> String {
    let account = u128::from_be_bytes(attempt.account);
    let address = attempt.address.map(|address| address.to_string());
    format!("sign_in:{account:032x}:{}", address.unwrap_or_default())
}
