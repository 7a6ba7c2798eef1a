//! Running callers against a design for a while, and what came of it.

use crate::sell_out::{Design, Request};
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
    /// Processor time of this process for 1,000 bookings, in milliseconds.
    pub(crate) cpu_ms_per_1000: f64,
    /// Bookings a batch, where the design has batches.
    pub(crate) mean_batch: Option<f64>,
}

/// Callers book, one after the other each, until the time is up.
pub(crate) async fn measure(design: Arc<dyn Design>, callers: usize, span: Duration) -> Sample {
    let over = Arc::new(AtomicBool::new(false));
    let (cpu, started) = (cpu_time(), Instant::now());
    let callers: Vec<_> = (0..callers)
        .map(|caller| {
            let (design, over) = (Arc::clone(&design), Arc::clone(&over));
            tokio::spawn(async move {
                let mut latencies = Histogram::default();
                let mut turn = caller;
                while !over.load(Relaxed) {
                    let began = Instant::now();
                    design.book(turn, Request::new()).await;
                    latencies.add(began.elapsed());
                    turn = turn.wrapping_add(1);
                }
                latencies
            })
        })
        .collect();
    // A thread of its own keeps the time: designs that never wait would starve the runtime's timer.
    let clock = {
        let over = Arc::clone(&over);
        std::thread::spawn(move || {
            std::thread::sleep(span);
            over.store(true, Relaxed);
        })
    };
    let mut latencies = Histogram::default();
    for caller in callers {
        latencies.merge(&caller.await.unwrap_or_default());
    }
    clock.join().map_err(|_| ()).unwrap_or_default();
    let seconds = started.elapsed().as_secs_f64();
    let cpu_ms = (cpu_time() - cpu).as_secs_f64() * 1000.0;
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

/// Latencies in buckets of 1/16 of their power of two, so that counting costs no memory that grows.
struct Histogram(Box<[u64]>);

impl Histogram {
    const STEPS: u32 = 16;
    const OCTAVES: u32 = 40;

    fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1);
        let octave = micros.ilog2();
        let step = (micros << 4 >> octave) - 16;
        let place = u64::from(octave * Self::STEPS) + step;
        if let Some(count) = usize::try_from(place)
            .ok()
            .and_then(|place| self.0.get_mut(place))
        {
            *count += 1;
        }
    }

    fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }

    fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The upper end of the bucket that so many of a hundred latencies do not exceed.
    fn percentile_ms(&self, percent: u64) -> f64 {
        let mut left = (self.count() * percent).div_ceil(100);
        for (place, count) in (0_u32..).zip(&self.0) {
            left = left.saturating_sub(*count);
            if left == 0 {
                let (octave, step) = (place / Self::STEPS, place % Self::STEPS);
                return 2_f64.powf(f64::from(octave)) * (1.0 + f64::from(step + 1) / 16.0) / 1000.0;
            }
        }
        0.0
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self(vec![0; (Self::STEPS * Self::OCTAVES) as usize].into())
    }
}

/// Processor time of this process so far, from the kernel's own account; zero where there is none.
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks = |place: usize| {
        fields
            .get(place)
            .and_then(|field| field.parse::<u64>().ok())
            .unwrap_or(0)
    };
    // Fields 14 and 15 of proc(5), counted from the one after the name, in ticks of a hundredth.
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}
