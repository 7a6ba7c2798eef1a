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

/// Where new ids come from: UUIDv7, so that ids made later sort later (to the microsecond).
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
///
/// The microseconds stand in the twelve bits after the milliseconds (RFC 9562, 6.2, method 3): a list by id is in
/// the order of making, also of what one caller makes within a millisecond.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn next(&self, now: Timestamp) -> Uuid {
        let micros = u64::try_from(now.as_microsecond()).unwrap_or(0);
        let mut tail: [u8; 10] = rand::rng().random();
        // Thousandths of a millisecond, as 4096ths of it.
        let [.., high, low] = (micros % 1000 * 4096 / 1000).to_be_bytes();
        (tail[0], tail[1]) = (high, low);
        Builder::from_unix_timestamp_millis(micros / 1000, &tail).into_uuid()
    }
}

/// An instant cut to the microsecond.
pub fn to_micros(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_microsecond_they_were_made_in() {
        let at = |micros: i64| Timestamp::from_microsecond(1_893_456_000_000_000 + micros).unwrap();
        let ids: Vec<Uuid> = (0..3000).map(|micros| RandomIds.next(at(micros))).collect();
        assert!(ids.is_sorted());
        assert_ne!(RandomIds.next(at(0)), RandomIds.next(at(0)));
        let id = RandomIds.next(at(1999));
        assert_eq!(
            (id.get_version_num(), id.get_variant()),
            (7, uuid::Variant::RFC4122)
        );
        assert_eq!(id.get_timestamp().unwrap().to_unix(), (1_893_456_000, 1_000_000));
    }
}
