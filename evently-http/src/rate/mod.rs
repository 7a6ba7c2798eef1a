//! How many requests somebody may make: the port and its settings.
//!
//! The limiter of one process is `local.rs`; one that several processes share is the server's to bring.

mod attempts;
mod local;
mod turns;

pub use local::LocalLimiter;
pub(crate) use turns::Turns;

use async_trait::async_trait;
use evently_core::domain::UserId;
use http::HeaderValue;
use sha2::{Digest, Sha256};
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
    /// The seconds in which so many requests are allowed again, at least one.
    fn seconds_for(self, requests: u32) -> u32 {
        requests.div_ceil(self.per_second.max(1)).max(1)
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

    /// Reads `off` or `RATE:BURST`: so many a second and at once for each user, and for each address without a
    /// sign-in.
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
        let quota = Some(Quota { per_second, burst });
        Ok(Self {
            signed_in: quota,
            anonymous: quota,
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
    /// The value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): requests, seconds.
    pub fn policy_header(&self) -> Option<HeaderValue> {
        let Quota { burst, .. } = self.quota;
        let window = self.quota.seconds_for(burst);
        HeaderValue::try_from(format!("\"default\";q={burst};w={window}")).ok()
    }

    /// The value of `RateLimit`: what is left, and the seconds until nothing is used.
    pub fn limit_header(&self) -> Option<HeaderValue> {
        let remaining = self.remaining;
        let full = self.quota.seconds_for(self.quota.burst.saturating_sub(remaining));
        HeaderValue::try_from(format!("\"default\";r={remaining};t={full}")).ok()
    }
}

/// Counts requests and sign-ins. One that is shared between processes counts for all of them; one that cannot
/// reach its storage lets everything pass.
#[async_trait]
pub trait RateLimiter: Debug + Send + Sync + 'static {
    /// Counts one request of the subject's; `None` if the subject has no limit.
    async fn admit(&self, subject: Subject) -> Option<Standing>;

    /// Counts a sign-in that begins, as if it had failed.
    ///
    /// # Errors
    /// Too many failed of late; how long until another may begin.
    async fn sign_in_begins(&self, attempt: Attempt) -> Result<(), Duration>;

    /// Takes the count of a sign-in back: it succeeded, or was not looked at.
    async fn sign_in_did_not_fail(&self, attempt: Attempt);
}

/// What failed sign-ins are counted by: the account that was named and the address it was named from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// A hash of the e-mail address in lower case: addresses are not kept.
    pub account: [u8; 16],
    /// Where it came from; the first 64 bits of a longer address, `None` where there is none.
    pub address: Option<IpAddr>,
}

impl Attempt {
    /// How many may fail in a minute.
    pub const PER_MINUTE: u32 = 10;

    /// An attempt to sign in as this e-mail address.
    pub fn new(email: &str, address: Option<IpAddr>) -> Self {
        let digest: [u8; 32] = Sha256::digest(email.trim().to_lowercase()).into();
        let mut account = [0; 16];
        account.iter_mut().zip(digest).for_each(|(own, byte)| *own = byte);
        Self {
            account,
            address: address.map(household),
        }
    }
}

impl Subject {
    /// Whoever is at an address.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(household(address))
    }
}

/// The part of an address that one customer of a provider has: all of a short one, 64 bits of a longer one.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        short => short,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_from_a_setting() {
        let read = |text: &str| text.parse::<RateLimits>();
        assert_eq!(read("off"), Ok(RateLimits::OFF));
        let quota = |per_second, burst| Some(Quota { per_second, burst });
        assert_eq!(
            read("5:10"),
            Ok(RateLimits {
                signed_in: quota(5, 10),
                anonymous: quota(5, 10)
            })
        );
        for text in [
            "",
            "on",
            "5",
            "5:",
            ":5",
            "0:5",
            "5:0",
            "-1:5",
            "5:1000001",
            "1.5:2",
            "5:10:15",
        ] {
            assert_eq!(read(text), Err(InvalidRateLimits), "{text}");
        }
    }

    #[test]
    fn headers_say_what_is_left_and_until_when() {
        let standing = Standing {
            quota: Quota {
                per_second: 100,
                burst: 500,
            },
            remaining: 499,
            retry_after: None,
        };
        assert_eq!(standing.policy_header().unwrap(), "\"default\";q=500;w=5");
        assert_eq!(standing.limit_header().unwrap(), "\"default\";r=499;t=1");
        let empty = Standing {
            remaining: 0,
            ..standing
        };
        assert_eq!(empty.limit_header().unwrap(), "\"default\";r=0;t=5");
    }

    #[test]
    fn a_household_is_counted_together() {
        let of = |text: &str| Subject::address(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::2:3"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn an_account_is_counted_under_any_spelling() {
        assert_eq!(
            Attempt::new(" Ada@Example.org", None),
            Attempt::new("ada@example.org", None)
        );
        assert_ne!(
            Attempt::new("ada@example.org", None),
            Attempt::new("eve@example.org", None)
        );
    }
}
