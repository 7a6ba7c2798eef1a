//! Round by round, each design in turn: what disturbs one round disturbs all its designs.

use super::designs::{Designs, Started};
use super::{Failure, Kind};
use crate::args::SellOut;
use crate::measure::{Sample, Until, check, measure};
use crate::report;
use std::sync::Arc;
use std::time::Duration;

/// A round whose baseline moved by more than this between its two ends is dropped.
const STEADY: f64 = 1.35;
/// Fewer steady rounds than this prove nothing.
const LEAST_ROUNDS: usize = 2;

/// One round: every design's sample, the baseline measured at both ends.
pub(crate) type Round = Vec<(Kind, Sample)>;

pub(crate) async fn run(args: &SellOut) -> Result<(), Failure> {
    let designs = Designs::new(args).await?;
    if args.profile {
        println!("{:#?}", one_design(&designs, args, Kind::Evently, 1).await?);
        return Ok(());
    }
    let rounds = steady(args.rounds, async || one_round(&designs, args).await).await?;
    report::write(args, &rounds)
}

/// Runs so many rounds, each telling how far its baseline moved, and keeps the steady ones.
pub(crate) async fn steady<R>(
    count: usize,
    mut one_round: impl AsyncFnMut() -> Result<(R, f64), Failure>,
) -> Result<Vec<R>, Failure> {
    let mut rounds = Vec::new();
    for number in 1..=count {
        let (round, moved) = one_round().await?;
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
    Ok(rounds)
}

/// Runs every design once, and the baseline once more; how far the baseline moved meanwhile.
async fn one_round(designs: &Designs<'_>, args: &SellOut) -> Result<(Round, f64), Failure> {
    let kinds = designs.kinds();
    let mut round = Vec::new();
    // The limit inserts in batches as large as Evently's were.
    let mut batch = 1;
    for kind in kinds {
        let sample = one_design(designs, args, *kind, batch).await?;
        batch = sample.mean_batch.map_or(batch, whole);
        round.push((*kind, sample));
    }
    let first = round[0].1.per_second;
    let last = one_design(designs, args, kinds[0], batch).await?.per_second;
    round[0].1.per_second = (first + last) / 2.0;
    Ok((round, first.max(last) / first.min(last).max(f64::MIN_POSITIVE)))
}

/// The next whole number.
fn whole(mean: f64) -> usize {
    (1..)
        .find(|number| f64::from(*number) >= mean)
        .map_or(1, |number: u32| number as usize)
}

/// One design once; void if what is stored is not what was acknowledged.
async fn one_design(
    designs: &Designs<'_>,
    args: &SellOut,
    kind: Kind,
    batch: usize,
) -> Result<Sample, Failure> {
    let span = Duration::from_secs_f64(args.seconds);
    let design = match designs.start(kind, batch, span).await? {
        Started::Design(design) => design,
        Started::Measured(sample) => return Ok(sample),
    };
    let servers = [designs.servers(), &design.servers()].concat();
    let sample = measure(Arc::clone(&design), args.callers, Until::Over(span), &servers).await;
    let stored = design.close().await?;
    check(stored, sample.bookings).map_err(|error| format!("{}: {error}", kind.as_str()))?;
    Ok(sample)
}
