//! A clock that stands until it is moved, and ids that follow from a seed.

use super::draw::Draw;
use crate::clock::{Clock, IdSource};
use crate::domain::Timestamp;
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};
use uuid::{Builder, Uuid};

/// A clock that stands still until somebody moves it.
#[derive(Debug)]
pub struct ManualClock {
    micros: AtomicI64,
}

impl ManualClock {
    /// A clock that shows this instant, cut to the microsecond.
    pub fn at(start: Timestamp) -> Self {
        Self {
            micros: AtomicI64::new(start.as_microsecond()),
        }
    }

    /// Moves on by a span, and tells the instant it shows then.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let by = i64::try_from(by.as_micros()).expect("a test's span is short");
        instant(self.micros.fetch_add(by, Ordering::SeqCst) + by)
    }

    /// Shows this instant from now on, even an earlier one: clocks of machines do jump.
    pub fn set(&self, at: Timestamp) {
        self.micros.store(at.as_microsecond(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// A clock that shows half past nine (UTC) on New Year's Day of 2030.
    fn default() -> Self {
        Self {
            micros: AtomicI64::new(1_893_490_200_000_000),
        }
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        instant(self.micros.load(Ordering::SeqCst))
    }
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).expect("a test's instants are near")
}

/// UUIDv7 whose random bits follow from a seed: ids made in one millisecond are in no order, as real ones are.
#[derive(Debug)]
pub struct SeededIds {
    draw: Draw,
}

impl SeededIds {
    /// The ids of this seed.
    pub fn from_seed(seed: u64) -> Self {
        Self {
            draw: Draw::from_seed(seed),
        }
    }
}

impl IdSource for SeededIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.draw.bytes()).into_uuid()
    }
}
