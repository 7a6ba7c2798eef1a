//! Idempotency keys (rule 10) and the fingerprint that tells one request from another.

use super::{BookingId, EntryId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, sync::Arc};
use xxhash_rust::xxh3::xxh3_128;

/// A caller's name for one request: 1–255 visible ASCII characters. Scope: one user, one event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(Arc<str>);

/// The text cannot be an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 255 visible ASCII characters")]
pub struct InvalidKey;

impl IdempotencyKey {
    /// The longest key, in characters.
    pub const MAX_CHARS: usize = 255;

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for IdempotencyKey {
    type Err = InvalidKey;

    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        let visible = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        if text.is_empty() || text.len() > Self::MAX_CHARS || !visible {
            return Err(InvalidKey);
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Tells whether two requests under one key are the same request: XXH3-128 of the request's canonical bytes.
///
/// Stable across versions and machines, since it is stored with its booking. A collision can only make a
/// caller's own second request read as a repeat of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint([u8; 16]);

impl Fingerprint {
    /// The fingerprint of a request's canonical bytes.
    pub fn of(canonical: &[u8]) -> Self {
        Self(xxh3_128(canonical).to_be_bytes())
    }

    /// As stores keep it: 16 bytes, big-endian.
    pub fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// Back from [`to_bytes`](Self::to_bytes).
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

/// What a key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyUse {
    /// It made this booking.
    Booking(BookingId),
    /// It made this waitlist entry.
    Entry(EntryId),
}
