//! How jobs are written, and where they stand.
//!
//! Jobs and replies are written as [postcard](https://docs.rs/postcard), a version before each: whoever is older than
//! who wrote it sees the version first, and does not guess. It is a third as long as JSON, and each byte is copied by the
//! server many times. Jobs that are pushed together are written one after the other, each after its length.

use evently_core::queue::{Job, Reply};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// The version that this code writes and reads. Another one is due whenever a type within a job or a reply changes.
const VERSION: u32 = 2;

/// How long a job nearly always is at most: longer ones cost another piece of memory.
const LIKELY_LENGTH: usize = 384;

/// Why what is written is no job, or no replies.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// There is no job under the entry's id.
    #[error("the job is missing")]
    Missing,
    /// It is something else.
    #[error(transparent)]
    Damaged(#[from] postcard::Error),
    /// It was written by another version of this program.
    #[error("it is of version {0}, and this program reads version {VERSION}")]
    Version(u32),
}

/// A job as it is written.
pub(super) struct Written {
    pub(super) id: Uuid,
    /// A hash of its idempotency key with what it is good for, one event and one user; zeros if it has none.
    ///
    /// Half of a SHA-256: nobody can make a key that goes for somebody else's.
    pub(super) key: [u8; 16],
    pub(super) job: Vec<u8>,
}

impl Written {
    /// Writes a job.
    pub(super) fn new(job: &Job) -> Result<Self, postcard::Error> {
        Ok(Self {
            id: job.id().uuid(),
            key: scoped_key(job).unwrap_or_default(),
            job: encode(job)?,
        })
    }
}

fn scoped_key(job: &Job) -> Option<[u8; 16]> {
    let key = job.book.key.as_ref()?;
    let hash = Sha256::new()
        .chain_update(job.event_id().uuid())
        .chain_update(job.book.by.user_id.uuid())
        .chain_update(key.as_str());
    hash.finalize().first_chunk().copied()
}

/// Writes jobs one after the other.
pub(super) fn join<'a>(jobs: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<u8> {
    let mut joined = Vec::with_capacity(jobs.clone().map(|job| 4 + job.len()).sum());
    for job in jobs {
        let length = u32::try_from(job.len()).unwrap_or(u32::MAX);
        joined.extend_from_slice(&length.to_le_bytes());
        joined.extend_from_slice(job);
    }
    joined
}

/// The jobs that were written one after the other, as far as they are whole.
pub(super) fn split(mut joined: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (length, rest) = joined.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (job, rest) = rest.split_at_checked(length)?;
        joined = rest;
        Some(job)
    })
}

/// Writes replies.
pub(super) fn encode_replies(replies: &[Reply]) -> Result<Vec<u8>, postcard::Error> {
    encode(replies)
}

/// Reads replies.
pub(super) fn decode_replies(bytes: &[u8]) -> Result<Vec<Reply>, Unreadable> {
    decode(bytes)
}

/// Reads a job.
pub(super) fn decode_job(bytes: &[u8]) -> Result<Job, Unreadable> {
    decode(bytes)
}

fn encode(what: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_extend(&(VERSION, what), Vec::with_capacity(LIKELY_LENGTH))
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unreadable> {
    match postcard::take_from_bytes::<u32>(bytes)? {
        (VERSION, rest) => Ok(postcard::from_bytes(rest)?),
        (other, _) => Err(Unreadable::Version(other)),
    }
}

/// Where a job stands: its partition, its entry in one of the partition's streams (milliseconds and a number), and, in
/// a chunk of so many, its place there; in a chunk of none it is single.
///
/// As the port's one number it is 16 bits of partition, 48 of milliseconds, 44 of number, and 10 of each of the others:
/// enough until the year 10889.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) partition: u16,
    pub(super) entry: Entry,
    pub(super) chunk: u16,
    /// From 1 on.
    pub(super) nth: u16,
}

/// The id of a stream's entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    millis: u64,
    number: u64,
}

impl Entry {
    /// Reads the id that a stream gave an entry.
    pub(super) fn parse(entry: &str) -> Option<Self> {
        let (millis, number) = entry.split_once('-')?;
        let (millis, number) = (millis.parse().ok()?, number.parse().ok()?);
        (millis < 1 << 48 && number < 1 << 44).then_some(Self { millis, number })
    }
}

/// As the stream gave it.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.millis, self.number)
    }
}

impl Place {
    /// How many bits a chunk's size has.
    const BITS: u32 = 10;
    const MASK: u64 = (1 << Self::BITS) - 1;

    pub(super) fn pack(self) -> u128 {
        let within = u64::from(self.chunk) << Self::BITS | u64::from(self.nth);
        let low = self.entry.number << (2 * Self::BITS) | within;
        u128::from(self.partition) << 112 | u128::from(self.entry.millis) << 64 | u128::from(low)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "each part is cut out of the number"
    )]
    pub(super) fn unpack(place: u128) -> Self {
        let low = place as u64;
        Self {
            partition: (place >> 112) as u16,
            entry: Entry {
                millis: (place >> 64) as u64 & ((1 << 48) - 1),
                number: low >> (2 * Self::BITS),
            },
            chunk: (low >> Self::BITS & Self::MASK) as u16,
            nth: (low & Self::MASK) as u16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_one_number() {
        for entry in ["1732600000000-17592186044415", "281474976710655-3", "0-1"] {
            let read = Entry::parse(entry).unwrap();
            assert_eq!(read.to_string(), entry);
            for (chunk, nth) in [(0, 0), (128, 1), (1_000, 1_000)] {
                let place = Place {
                    partition: u16::MAX,
                    entry: read,
                    chunk,
                    nth,
                };
                assert_eq!(Place::unpack(place.pack()), place);
            }
        }
        for entry in ["", "-", "1", "1-", "x-1", "281474976710656-0", "1-17592186044416"] {
            assert_eq!(Entry::parse(entry), None, "{entry}");
        }
    }

    #[test]
    fn jobs_written_one_after_the_other_are_read_one_by_one() {
        let jobs: [&[u8]; 3] = [b"one", b"", b"three"];
        let joined = join(jobs.into_iter());
        assert_eq!(split(&joined).collect::<Vec<_>>(), jobs);
        let cut = &joined[..joined.len() - 1];
        assert_eq!(split(cut).collect::<Vec<_>>(), jobs[..2]);
    }

    #[test]
    fn what_is_no_job_of_this_version_is_not_read() {
        assert!(matches!(decode_job(b""), Err(Unreadable::Damaged(_))));
        assert!(matches!(decode_job(b"\x02"), Err(Unreadable::Damaged(_))));
        assert!(matches!(decode_job(b"\x02{}"), Err(Unreadable::Damaged(_))));
        assert!(matches!(decode_job(b"\x03{}"), Err(Unreadable::Version(3))));
    }
}
