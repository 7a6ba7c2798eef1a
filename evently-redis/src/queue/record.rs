//! How a job is written, and where it stands.
//!
//! A job is the JSON array `[version, job]`. A worker that is older than whoever wrote the job sees the version
//! first, and does not guess.

use evently_core::queue::Job;
use serde_json::value::RawValue;
use std::fmt;

/// The version that this code writes and reads.
const VERSION: u32 = 1;

/// Why what is stored is no job.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// There is no job under the entry's id.
    #[error("the job is missing")]
    Missing,
    /// It is not JSON, or not that of a job.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It was written by another version of this program.
    #[error("the job is of version {0}, and this worker reads version {VERSION}")]
    Version(u32),
}

/// A job as it is written.
pub(super) struct Written {
    pub(super) id: String,
    /// Its idempotency key with what it is good for, one event and one user; empty if it has none.
    pub(super) key: String,
    pub(super) job: Vec<u8>,
}

impl Written {
    /// Writes a job.
    pub(super) fn new(job: &Job) -> Result<Self, serde_json::Error> {
        let scoped = |key| format!("{}:{}:{key}", job.event_id(), job.book.by.user_id);
        Ok(Self {
            id: job.id().to_string(),
            key: job.book.key.as_ref().map_or_else(String::new, scoped),
            job: serde_json::to_vec(&(VERSION, job))?,
        })
    }
}

/// Reads a job.
pub(super) fn decode(bytes: &[u8]) -> Result<Job, Unreadable> {
    let (version, job): (u32, &RawValue) = serde_json::from_slice(bytes)?;
    match version {
        VERSION => Ok(serde_json::from_str(job.get())?),
        other => Err(Unreadable::Version(other)),
    }
}

/// Where a job stands: its partition, and its entry in the partition's stream (milliseconds and a number).
///
/// As the port's one number it is 16 bits of partition, 48 of milliseconds, 64 of number: enough until the year
/// 10889, and in the stream's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) partition: u16,
    millis: u64,
    number: u64,
}

impl Place {
    /// The place of an entry, by the id that the stream gave it.
    pub(super) fn new(partition: u16, entry: &str) -> Option<Self> {
        let (millis, number) = entry.split_once('-')?;
        let (millis, number) = (millis.parse().ok()?, number.parse().ok()?);
        (millis < 1 << 48).then_some(Self {
            partition,
            millis,
            number,
        })
    }

    pub(super) fn pack(self) -> u128 {
        u128::from(self.partition) << 112 | u128::from(self.millis) << 64 | u128::from(self.number)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "each part is cut out of the number"
    )]
    pub(super) fn unpack(place: u128) -> Self {
        Self {
            partition: (place >> 112) as u16,
            millis: (place >> 64) as u64 & ((1 << 48) - 1),
            number: place as u64,
        }
    }
}

/// The entry's id.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.millis, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_number_in_the_streams_order() {
        let place = |entry| Place::new(7, entry).unwrap();
        let (early, late) = (
            place("1732600000000-18446744073709551615"),
            place("1732600000001-0"),
        );
        assert!(early.pack() < late.pack());
        for place in [early, late, Place::new(u16::MAX, "281474976710655-3").unwrap()] {
            assert_eq!(Place::unpack(place.pack()), place);
        }
        assert_eq!(late.to_string(), "1732600000001-0");
        for entry in ["", "-", "1", "1-", "x-1", "281474976710656-0"] {
            assert_eq!(Place::new(0, entry), None, "{entry}");
        }
    }

    #[test]
    fn what_is_no_job_of_this_version_is_not_read() {
        assert!(matches!(decode(b""), Err(Unreadable::Json(_))));
        assert!(matches!(decode(b"{}"), Err(Unreadable::Json(_))));
        assert!(matches!(decode(b"[1,{}]"), Err(Unreadable::Json(_))));
        assert!(matches!(decode(b"[1,\xff]"), Err(Unreadable::Json(_))));
        assert!(matches!(decode(b"[2,{}]"), Err(Unreadable::Version(2))));
    }
}
