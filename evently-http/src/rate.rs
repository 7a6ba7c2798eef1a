//! How many requests somebody may make: the port, its settings, and the limiter of one process.

use async_trait::async_trait;
use evently_core::domain::UserId;
use http::HeaderValue;
use std::{fmt::Debug, net::IpAddr, str::FromStr, time::Duration};

/// A steady rate and how far it may be run ahead of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests a second, in the long run; at least 1.
    pub per_second: u32,
    /// Requests at once, after a pause; at least 1.
    pub burst: u32,
}

impl Quota {
    /// The time in which an empty allowance fills up, in whole seconds: the `w` of `RateLimit-Policy`.
    pub fn window_seconds(self) -> u32 {
        self.burst.div_ceil(self.per_second.max(1)).max(1)
    }
}

/// The rate limits of the API; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// For each user who is signed in (default: 100 a second, 500 at once).
    pub signed_in: Option<Quota>,
    /// For each address without a sign-in (default: 200 a second, 1,000 at once).
    pub anonymous: Option<Quota>,
}

impl RateLimits {
    /// No limits.
    pub const OFF: Self = Self {
        signed_in: None,
        anonymous: None,
    };
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            signed_in: Some(Quota {
                per_second: 100,
                burst: 500,
            }),
            anonymous: Some(Quota {
                per_second: 200,
                burst: 1000,
            }),
        }
    }
}

/// The text is no rate limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be off, or RATE:BURST with two whole numbers from 1 to 1000000, such as 100:500")]
pub struct InvalidRateLimits;

impl FromStr for RateLimits {
    type Err = InvalidRateLimits;

    /// Reads `off` or `RATE:BURST`: so many a second and at once for each user, and twice that for each address
    /// without a sign-in.
    fn from_str(text: &str) -> Result<Self, InvalidRateLimits> {
        if text == "off" {
            return Ok(Self::OFF);
        }
        let number = |text: &str| match text.parse::<u32>() {
            Ok(number @ 1..=1_000_000) => Ok(number),
            _ => Err(InvalidRateLimits),
        };
        let (rate, burst) = text.split_once(':').ok_or(InvalidRateLimits)?;
        let (per_second, burst) = (number(rate)?, number(burst)?);
        Ok(Self {
            signed_in: Some(Quota { per_second, burst }),
            anonymous: Some(Quota {
                per_second: per_second * 2,
                burst: burst * 2,
            }),
        })
    }
}

/// Whose requests are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A user who is signed in.
    User(UserId),
    /// An address; the first 64 bits of a longer one, since that is what one household has.
    Address(IpAddr),
}

/// How somebody stands with their allowance after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The allowance.
    pub quota: Quota,
    /// Requests left at once.
    pub remaining: u32,
    /// How long until one more is allowed; `None` for a request that was allowed.
    pub retry_after: Option<Duration>,
}

impl Standing {
    /// The value of `RateLimit-Policy`.
    pub fn policy_header(&self) -> Option<HeaderValue> {
        let quota = self.quota;
        HeaderValue::try_from(format!(
            "\"default\";q={};w={}",
            quota.burst,
            quota.window_seconds()
        ))
        .ok()
    }

    /// The value of `RateLimit`: what is left, and the seconds until more is.
    pub fn limit_header(&self) -> Option<HeaderValue> {
        let wait = self
            .retry_after
            .map_or(1, |wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
        HeaderValue::try_from(format!("\"default\";r={};t={}", self.remaining, wait.max(1))).ok()
    }
}

/// Counts requests. One that is shared between processes counts for all of them.
#[async_trait]
pub trait RateLimiter: Debug + Send + Sync + 'static {
    /// Counts one request of the subject's; `None` if the subject has no limit. A limiter that cannot reach its
    /// storage lets requests pass.
    async fn admit(&self, subject: Subject) -> Option<Standing>;
}
