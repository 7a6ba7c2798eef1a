//! The limiter of one process.

use super::attempts::Attempts;
use super::{Attempt, Quota, RateLimiter, RateLimits, Standing, Subject};
use async_trait::async_trait;
use evently_core::Evently;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// Counts in this process' memory, by the engine's clock.
#[derive(Debug)]
pub struct LocalLimiter {
    signed_in: Option<Counter>,
    anonymous: Option<Counter>,
    attempts: Attempts,
    clock: EngineClock,
}

impl LocalLimiter {
    /// A limiter that has counted nothing yet.
    pub fn new(limits: RateLimits, evently: &Evently) -> Self {
        let clock = EngineClock(evently.clone());
        let counter = |quota: Option<Quota>| quota.map(|quota| Counter::new(quota, &clock));
        Self {
            signed_in: counter(limits.signed_in),
            anonymous: counter(limits.anonymous),
            attempts: Attempts::default(),
            clock,
        }
    }
}

#[async_trait]
impl RateLimiter for LocalLimiter {
    async fn admit(&self, subject: Subject) -> Option<Standing> {
        let counter = match subject {
            Subject::User(_) => &self.signed_in,
            Subject::Address(_) => &self.anonymous,
        };
        counter.as_ref().map(|counter| counter.count(&subject))
    }

    async fn sign_in_begins(&self, attempt: Attempt) -> Result<(), Duration> {
        self.attempts.begin(attempt, self.clock.now())
    }

    async fn sign_in_did_not_fail(&self, attempt: Attempt) {
        self.attempts.take_back(attempt);
    }
}

type Limiter =
    governor::RateLimiter<Subject, DefaultKeyedStateStore<Subject>, EngineClock, StateInformationMiddleware>;

/// Counts each subject's requests under one quota.
#[derive(Debug)]
struct Counter {
    quota: Quota,
    limiter: Limiter,
    clock: EngineClock,
    counted: AtomicU32,
}

impl Counter {
    /// After so many requests, subjects that use nothing of their allowance are forgotten.
    const FORGET_EVERY: u32 = 1 << 16;

    fn new(quota: Quota, clock: &EngineClock) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let rule = governor::Quota::per_second(at_least_one(quota.per_second))
            .allow_burst(at_least_one(quota.burst));
        Self {
            quota,
            limiter: Limiter::new(rule, DefaultKeyedStateStore::default(), clock.clone()),
            clock: clock.clone(),
            counted: AtomicU32::new(0),
        }
    }

    fn count(&self, subject: &Subject) -> Standing {
        if self.counted.fetch_add(1, Ordering::Relaxed) % Self::FORGET_EVERY == Self::FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let quota = self.quota;
        match self.limiter.check_key(subject) {
            Ok(state) => Standing {
                quota,
                remaining: state.remaining_burst_capacity(),
                retry_after: None,
            },
            Err(until) => Standing {
                quota,
                remaining: 0,
                retry_after: Some(until.wait_time_from(self.clock.now())),
            },
        }
    }
}

/// The engine's clock, as the limiter reads it: the span since 1970.
#[derive(Debug, Clone)]
struct EngineClock(Evently);

impl Clock for EngineClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::try_from(self.0.now().as_duration()).unwrap_or_default()
    }
}
