//! The comparison: designs in turn, round by round, on one machine.

mod evently;
mod memory;
mod sqlite;

use crate::args::{SellOut, StoreKind};
use crate::measure::{Sample, measure};
use crate::report;
use ::evently_core::clock::{Clock, IdSource, RandomIds, SystemClock};
use std::{error::Error, sync::Arc, time::Duration};
use uuid::Uuid;

pub(crate) type Failure = Box<dyn Error>;

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

/// A way of selling tickets.
#[async_trait::async_trait]
pub(crate) trait Design: Send + Sync {
    /// Books one ticket of the event whose turn it is.
    async fn book(&self, turn: usize, request: Request);

    /// Bookings a batch so far.
    fn mean_batch(&self) -> Option<f64> {
        None
    }

    /// Ends, and says how many bookings are stored; fails if counters and rows differ.
    async fn close(&self) -> Result<u64, Failure>;
}

/// The designs that one store is compared by, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Naive,
    Conditional,
    Evently,
    Limit,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Conditional => "conditional",
            Self::Evently => "evently",
            Self::Limit => "limit",
        }
    }

    fn of(store: StoreKind) -> &'static [Self] {
        match store {
            StoreKind::Memory => &[Self::Naive, Self::Evently, Self::Limit],
            StoreKind::Sqlite => &[Self::Naive, Self::Conditional, Self::Evently, Self::Limit],
        }
    }
}

/// A round whose baseline moved by more than this between its two ends is dropped.
const STEADY: f64 = 1.35;
/// Fewer steady rounds than this prove nothing.
const LEAST_ROUNDS: usize = 2;

/// One round: every design's sample, the baseline measured at both ends.
pub(crate) type Round = Vec<(Kind, Sample)>;

pub(crate) async fn run(args: &SellOut) -> Result<(), Failure> {
    if args.profile {
        println!("{:#?}", one_design(args, Kind::Evently, 1).await?);
        return Ok(());
    }
    let mut rounds: Vec<Round> = Vec::new();
    for number in 1..=args.rounds {
        let (round, moved) = one_round(args).await?;
        let steady = moved <= STEADY;
        eprintln!(
            "round {number}: baseline moved {moved:.2} x{}",
            if steady { "" } else { ": dropped" }
        );
        if steady {
            rounds.push(round);
        }
    }
    if rounds.len() < LEAST_ROUNDS {
        return Err(format!(
            "only {} steady rounds: this machine is too noisy now",
            rounds.len()
        )
        .into());
    }
    report::write(args, &rounds)
}

/// Runs every design once, and the baseline once more; how far the baseline moved meanwhile.
async fn one_round(args: &SellOut) -> Result<(Round, f64), Failure> {
    let kinds = Kind::of(args.store);
    let mut round = Vec::new();
    // The limit inserts in batches as large as Evently's were.
    let mut batch = 1;
    for kind in kinds {
        let sample = one_design(args, *kind, batch).await?;
        batch = sample.mean_batch.map_or(batch, whole);
        round.push((*kind, sample));
    }
    let first = round[0].1.per_second;
    let last = one_design(args, kinds[0], batch).await?.per_second;
    round[0].1.per_second = (first + last) / 2.0;
    Ok((round, first.max(last) / first.min(last).max(f64::MIN_POSITIVE)))
}

/// The next whole number.
fn whole(mean: f64) -> usize {
    (1..)
        .find(|number| f64::from(*number) >= mean)
        .map_or(1, |number: u32| number as usize)
}

async fn one_design(args: &SellOut, kind: Kind, batch: usize) -> Result<Sample, Failure> {
    let design: Arc<dyn Design> = match (args.store, kind) {
        (StoreKind::Memory, Kind::Evently) => evently::in_memory(args.events).await?,
        (StoreKind::Memory, Kind::Limit) => Arc::new(memory::Limit::new(args.events)),
        (StoreKind::Memory, _) => Arc::new(memory::Naive::new(args.events)),
        (StoreKind::Sqlite, Kind::Evently) => evently::in_sqlite(args.events).await?,
        (StoreKind::Sqlite, kind) => Arc::new(sqlite::Writer::start(kind, args.events, batch)?),
    };
    let sample = measure(
        Arc::clone(&design),
        args.callers,
        Duration::from_secs_f64(args.seconds),
    )
    .await;
    let stored = design.close().await?;
    if stored != sample.bookings {
        return Err(format!(
            "{}: {} stored, {} acknowledged",
            kind.as_str(),
            stored,
            sample.bookings
        )
        .into());
    }
    Ok(sample)
}
