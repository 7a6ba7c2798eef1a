//! Running callers against a design for a while, and what came of it.

use crate::cpu;
use crate::histogram::Histogram;
use crate::sell_out::{Design, Failure, Request, Sale};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// One design in one round.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sample {
    /// Bookings acknowledged.
    pub(crate) bookings: u64,
    /// Bookings a second.
    pub(crate) per_second: f64,
    /// The time that half of the bookings took at most, in milliseconds.
    pub(crate) p50_ms: f64,
    /// The time that 99 of 100 bookings took at most, in milliseconds.
    pub(crate) p99_ms: f64,
    /// Processor time of this process and of the servers it uses for 1,000 bookings, in milliseconds.
    pub(crate) cpu_ms_per_1000: f64,
    /// Bookings a batch, where the design has batches.
    pub(crate) mean_batch: Option<f64>,
}

/// When callers stop; they do anyway when everything is sold.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// When the time is up.
    Over(Duration),
    /// When each caller has booked so often.
    EachBooked(usize),
}

/// Callers book, one booking after the other each.
///
/// The processor time counted is that of this process and of these `servers`.
pub(crate) async fn measure(
    design: Arc<dyn Design>,
    callers: usize,
    until: Until,
    servers: &[u32],
) -> Sample {
    let (span, most) = match until {
        Until::Over(span) => (span, usize::MAX),
        Until::EachBooked(most) => (Duration::MAX, most),
    };
    let over = Arc::new(AtomicBool::new(false));
    let (cpu, started) = (cpu::used(servers), Instant::now());
    let callers: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(book_until(Arc::clone(&design), Arc::clone(&over), caller, most)))
        .collect();
    // A thread of its own keeps the time: designs that never wait would starve the runtime's timer.
    let (ended, clock) = std::sync::mpsc::channel::<()>();
    let clock = std::thread::spawn(move || {
        let _ = clock.recv_timeout(span);
        over.store(true, Relaxed);
    });
    let mut latencies = Histogram::default();
    for caller in callers {
        latencies.merge(&caller.await.unwrap_or_default());
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu_ms = cpu::used(servers).saturating_sub(cpu).as_secs_f64() * 1000.0;
    drop(ended);
    clock.join().map_err(|_| ()).unwrap_or_default();
    let count = latencies.count() as f64;
    Sample {
        bookings: latencies.count(),
        per_second: count / seconds,
        p50_ms: latencies.percentile_ms(50),
        p99_ms: latencies.percentile_ms(99),
        cpu_ms_per_1000: cpu_ms * 1000.0 / count.max(1.0),
        mean_batch: design.mean_batch(),
    }
}

/// A run counts only if what is stored is what was acknowledged.
pub(crate) fn check(stored: u64, acknowledged: u64) -> Result<(), Failure> {
    if stored == acknowledged {
        return Ok(());
    }
    Err(format!("{stored} stored, {acknowledged} acknowledged").into())
}

async fn book_until(design: Arc<dyn Design>, over: Arc<AtomicBool>, caller: usize, most: usize) -> Histogram {
    let mut latencies = Histogram::default();
    for turn in (caller..).take(most) {
        if over.load(Relaxed) {
            break;
        }
        let began = Instant::now();
        match design.book(turn, Request::new()).await {
            Sale::Booked => latencies.add(began.elapsed()),
            Sale::SoldOut => break,
        }
    }
    latencies
}
