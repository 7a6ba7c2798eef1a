//! The comparison: ways of selling the same tickets, on one machine in one run. What a design is stands here; the
//! designs are in the files beside, by store.

mod designs;
mod evently;
mod hall;
pub(crate) mod http;
mod memory;
mod postgres;
mod redis;
mod rounds;
mod seed;
mod sqlite;

pub(crate) use evently::{EventlyDesign, Place};
pub(crate) use hall::Hall;
pub(crate) use rounds::{Round, run, steady};

use ::evently_core::clock::{Clock, IdSource, RandomIds, SystemClock};
use std::error::Error;
use uuid::Uuid;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// One booking as a caller asks for it: a user who has none yet, under a key never used.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) booking: Uuid,
    pub(crate) user: Uuid,
    pub(crate) key: String,
}

impl Request {
    pub(crate) fn new() -> Self {
        let (now, ids) = (SystemClock.now(), RandomIds);
        let booking = ids.next(now);
        Self {
            booking,
            user: ids.next(now),
            key: booking.simple().to_string(),
        }
    }
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sale {
    Booked,
    SoldOut,
}

/// A way of selling tickets.
#[async_trait::async_trait]
pub(crate) trait Design: Send + Sync {
    /// Books of the event whose turn it is.
    async fn book(&self, turn: usize, request: Request) -> Sale;

    /// Processes of its own, by their ids.
    fn servers(&self) -> Vec<u32> {
        Vec::new()
    }

    /// Bookings a batch so far.
    fn mean_batch(&self) -> Option<f64> {
        None
    }

    /// Ends, and says how many bookings are stored; fails if counters and rows differ or an event is oversold.
    async fn close(&self) -> Result<u64, Failure>;
}

/// The designs that are compared, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What one writes first.
    Naive,
    /// Queue, lock on the event, transaction.
    Seed,
    /// The write itself checks.
    Conditional,
    /// The engine through its public API.
    Evently,
    /// As much as the storage (or the framework) can do without any rule.
    Limit,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Seed => "seed",
            Self::Conditional => "conditional",
            Self::Evently => "evently",
            Self::Limit => "limit",
        }
    }
}
