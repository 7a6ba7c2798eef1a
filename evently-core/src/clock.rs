//! Time and new ids: the two things a pure core cannot make itself, as ports.

use crate::domain::Timestamp;
use rand::RngExt;
use std::fmt::Debug;
use uuid::{Builder, Uuid};

/// Where the time comes from. Instants are whole microseconds: what every store can keep exactly.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present instant, cut to the microsecond.
    fn now(&self) -> Timestamp;
}

/// Where new ids come from: UUIDv7, so that ids made later sort later (to the millisecond).
pub trait IdSource: Debug + Send + Sync + 'static {
    /// A new id for something that happens at `now`.
    fn next(&self, now: Timestamp) -> Uuid;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port that the rest goes through"
    )]
    fn now(&self) -> Timestamp {
        to_micros(Timestamp::now())
    }
}

/// UUIDv7 with random bits from the operating system's seeded generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        let random: [u8; 10] = rand::rng().random();
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

/// An instant cut to the microsecond.
pub fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
