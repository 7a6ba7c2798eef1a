//! Rate limits that several processes share.
//!
//! Left out: who is limited, and what happens when Redis is down: that is the server's business.

use crate::NAME;
use crate::connection::{Connection, Place};
use crate::error::Fault;
use crate::{keys, scripts};
use evently_core::clock::Clock;
use evently_core::store::StoreError;
use std::{sync::Arc, time::Duration};

/// How long an answer may take. A request is not held up for longer by being counted.
const DEADLINE: Duration = Duration::from_millis(100);

/// Counts requests against allowances, for all processes that use one Redis.
///
/// The algorithm is GCRA: what an allowance gives at once comes back at a steady rate, by the server's clock.
#[derive(Debug)]
pub struct SharedRates {
    connection: Connection,
    clock: Option<Arc<dyn Clock>>,
}

/// How somebody stands with their allowance after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests left at once.
    pub remaining: u32,
    /// How long until the allowance is whole again, if no more requests come.
    pub reset: Duration,
    /// How long until one more request is allowed; `None` for a request that was counted.
    pub retry_after: Option<Duration>,
}

impl SharedRates {
    /// Connects to the server or the cluster at a URL: `redis://`, `rediss://`, `redis+cluster://`.
    ///
    /// # Errors
    /// Transient: nobody answers there. Permanent: the URL is none of these, or the login is refused.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let place = Place::parse(url)
            .ok_or_else(|| StoreError::permanent(NAME, "the rate limits' URL is not one of Redis"))?;
        Ok(Self {
            connection: Connection::open(&place, DEADLINE).await?,
            clock: None,
        })
    }

    /// Takes the time from this clock instead of the server's: for tests.
    #[must_use]
    pub fn by_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Counts one request of a subject's, unless it is one too many: then it is not counted.
    ///
    /// A subject has one allowance: `each` request takes this long to come back, and there are `burst` at once.
    /// At least one microsecond and one request are reckoned with.
    ///
    /// # Errors
    /// Redis failed. The request may have been counted.
    pub async fn admit(&self, subject: &str, each: Duration, burst: u32) -> Result<Allowance, StoreError> {
        let clock = self.clock.as_ref();
        let now = clock.map_or_else(String::new, |clock| clock.now().as_microsecond().to_string());
        let mut call = scripts::RATE.call(&[keys::rate(subject)]);
        call.arg(now).arg(micros(each)).arg(burst.max(1));
        let answer = self.connection.ask(call).await?;
        let (counted, remaining, reset, wait): (bool, u32, u64, u64) =
            redis::from_redis_value(answer).map_err(Fault::damaged)?;
        Ok(Allowance {
            remaining,
            reset: Duration::from_micros(reset),
            retry_after: (!counted).then_some(Duration::from_micros(wait)),
        })
    }

    /// Takes the count of one request back.
    ///
    /// # Errors
    /// Redis failed. The count may have been taken back.
    pub async fn take_back(&self, subject: &str, each: Duration) -> Result<(), StoreError> {
        let mut call = scripts::RATE_TAKE_BACK.call(&[keys::rate(subject)]);
        call.arg(micros(each));
        self.connection.ask(call).await?;
        Ok(())
    }
}

fn micros(span: Duration) -> u64 {
    // A day for each request is as slow as anybody would be.
    u64::try_from(span.as_micros())
        .unwrap_or(u64::MAX)
        .clamp(1, 86_400_000_000)
}
