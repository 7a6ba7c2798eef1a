//! What one booking costs when a million are sold, beside what it costs when none is.
//!
//! Round by round the same number of bookings is made in a store that is new and in one that was filled once. The
//! ratio is of processor time, which other programs on the machine disturb least, and of time.

use crate::args::Growth;
use crate::measure::{Sample, Until, check, measure};
use crate::sell_out::{Design, EventlyDesign, Failure, Hall};
use crate::servers::Servers;
use serde_json::json;
use std::sync::Arc;

/// One round's two samples.
struct Round {
    new: Sample,
    full: Sample,
}

pub(crate) async fn run(args: &Growth) -> Result<(), Failure> {
    let servers = Servers::start(args.store, None).await?;
    let processes = servers.processes().await?;
    let open = async || EventlyDesign::open(args.store, &servers, 1, 1, Hall::Places).await;
    let book = async |design: &Arc<dyn Design>, bookings: usize| {
        let each = Until::EachBooked(bookings.div_ceil(args.callers));
        measure(Arc::clone(design), args.callers, each, &processes).await
    };
    let full = open().await?;
    eprintln!("selling {} tickets", args.sold);
    let filled = book(&full, args.sold).await;
    let mut booked = filled.bookings;
    let mut rounds = Vec::new();
    for number in 1..=args.rounds {
        let new = open().await?;
        let round = Round {
            new: book(&new, args.window).await,
            full: book(&full, args.window).await,
        };
        check(new.close().await?, round.new.bookings)?;
        booked += round.full.bookings;
        eprintln!(
            "round {number}: {:.3} of the time, {:.3} of the processor time",
            round.time(),
            round.cpu()
        );
        rounds.push(round);
    }
    check(full.close().await?, booked)?;
    report(args, &rounds)
}

impl Round {
    fn time(&self) -> f64 {
        self.new.per_second / self.full.per_second
    }

    fn cpu(&self) -> f64 {
        self.full.cpu_ms_per_1000 / self.new.cpu_ms_per_1000
    }
}

fn report(args: &Growth, rounds: &[Round]) -> Result<(), Failure> {
    let median = |pick: fn(&Round) -> f64| crate::report::median(rounds.iter().map(pick).collect());
    let (time, cpu) = (median(Round::time), median(Round::cpu));
    println!(
        "{} store: a booking at {} sold takes {time:.2} of the time and {cpu:.2} of the processor time of one at 0 \
         sold ({} rounds of {} bookings, medians)",
        args.store.as_str(),
        args.sold,
        rounds.len(),
        args.window
    );
    let path = args.out.join(format!("growth-{}.json", args.store.as_str()));
    std::fs::create_dir_all(&args.out)?;
    let rounds: Vec<_> = rounds
        .iter()
        .map(|round| json!({ "time": round.time(), "cpu": round.cpu() }))
        .collect();
    let whole = json!({ "sold": args.sold, "time": time, "cpu": cpu, "rounds": rounds });
    std::fs::write(&path, serde_json::to_string_pretty(&whole)?)?;
    println!("written: {}", path.display());
    Ok(())
}
