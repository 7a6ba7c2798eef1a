//! The store contract: all that a backend does.
//!
//! A backend sells tickets by implementing [`BookingStore::load`] and [`BookingStore::commit`]; it holds no
//! rule. The other traits are reads of the same data ([`EventStore`], [`WaitlistStore`], [`AnalyticsStore`]) and
//! the accounts ([`UserStore`]). [`Store`] is their sum. The in-memory backend ([`crate::memory`]) is the
//! executable specification, and the suite in `crate::conformance` the proof.
//!
//! Every method ends within a time that the backend bounds, and may be called from many tasks at once.

mod analytics;
mod bookings;
mod error;
mod events;
mod signals;
mod users;
mod waitlist;

pub use analytics::{AnalyticsStore, Span};
pub use bookings::{BookingStore, Committed, Conflict};
pub use error::{ErrorKind, StoreError};
pub use events::{EventStore, Listing};
pub use signals::Signals;
pub use users::{Rotation, UserStore, UserWritten};
pub use waitlist::{PlacedEntry, WaitlistStore};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// What an acknowledged commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// The crash of any process and of the machine.
    Durable,
    /// All but the last moments before a crash of the storage.
    BoundedLoss,
    /// Nothing: it lives as long as the storage's process.
    Volatile,
}

impl Durability {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Durable => "durable",
            Self::BoundedLoss => "bounded-loss",
            Self::Volatile => "volatile",
        }
    }
}

/// The connections of a store that has a bounded number of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionFigures {
    /// Lent to calls that run now.
    pub in_use: usize,
    /// Open, and waiting for a call.
    pub idle: usize,
    /// The most that may be lent at once; one more call waits.
    pub most: usize,
}

/// A whole backend: bookings, events, waitlist, analytics and accounts over one storage.
#[async_trait]
pub trait Store: BookingStore + EventStore + WaitlistStore + AnalyticsStore + UserStore {
    /// The backend's name in logs, errors and `/health`.
    fn name(&self) -> &'static str;

    /// What an acknowledged commit survives, as the storage is configured now.
    fn durability(&self) -> Durability;

    /// The store's connections now, for its operator; nothing where there is no bounded number of them.
    fn connections(&self) -> Option<ConnectionFigures>;

    /// Answers if the storage does.
    ///
    /// # Errors
    /// The storage did not answer, or not in time.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Ends background work and connections. Calls after it fail; what was acknowledged stays.
    async fn close(&self);
}
