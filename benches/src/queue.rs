//! Queued intake beside direct intake: how many bookings a second are accepted and confirmed through Redis Streams and
//! worker processes into PostgreSQL, and what each costs, where all of it shares one machine.

use crate::args::{Framework, Queue, StoreKind};
use crate::measure::{Sample, Until, check, measure};
use crate::report::median;
use crate::sell_out::http::{binary, process::Process};
use crate::sell_out::{Design, EventlyDesign, Failure, Hall, Place, Request, Sale, steady};
use crate::servers::Servers;
use evently_core::Evently;
use evently_core::queue::QueueSettings;
use evently_redis::StreamQueue;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// How long callers book before it counts: workers share the partitions out among themselves meanwhile.
const WARM_UP: Duration = Duration::from_secs(4);

/// One round: direct intake, then queued intake with each number of workers.
struct Round {
    direct: Sample,
    queued: Vec<Sample>,
}

pub(crate) async fn run(args: &Queue) -> Result<(), Failure> {
    let servers = Servers::start(StoreKind::Postgres, None).await?;
    let processes = servers.processes().await?;
    let rounds = steady(args.rounds, async || one_round(args, &servers, &processes).await).await?;
    report(args, &rounds)
}

/// Runs each way once, and direct intake once more; how far that moved meanwhile.
async fn one_round(args: &Queue, servers: &Servers, processes: &[u32]) -> Result<(Round, f64), Failure> {
    let one = async |design: Arc<dyn Design>| one_design(args, design, processes).await;
    let direct =
        async || EventlyDesign::open(StoreKind::Postgres, servers, 1, args.events, Hall::Places).await;
    let first = one(direct().await?).await?;
    let mut queued = Vec::new();
    for workers in &args.workers {
        queued.push(one(Arc::new(Queued::start(args, servers, *workers).await?)).await?);
    }
    let last = one(direct().await?).await?;
    let (a, b) = (first.per_second, last.per_second);
    let direct = Sample {
        per_second: (a + b) / 2.0,
        ..first
    };
    Ok((Round { direct, queued }, a.max(b) / a.min(b)))
}

/// Books for a while; void if what is stored is not what was acknowledged.
async fn one_design(args: &Queue, design: Arc<dyn Design>, processes: &[u32]) -> Result<Sample, Failure> {
    let servers = [processes, &design.servers()].concat();
    let book = async |span| measure(Arc::clone(&design), args.callers, Until::Over(span), &servers).await;
    let warm_up = book(WARM_UP).await;
    let sample = book(Duration::from_secs_f64(args.seconds)).await;
    let (stored, acknowledged) = (design.close().await?, warm_up.bookings + sample.bookings);
    check(stored, acknowledged)?;
    Ok(sample)
}

/// An engine that only accepts, and worker processes as `evently-axum worker` starts them.
struct Queued {
    intake: EventlyDesign,
    workers: Vec<Process>,
}

impl Queued {
    async fn start(args: &Queue, servers: &Servers, workers: usize) -> Result<Self, Failure> {
        let redis = servers.empty_redis().await?;
        let place = Place::make(StoreKind::Postgres, servers).await?;
        let queue = StreamQueue::connect(redis, QueueSettings::default()).await?;
        let engine = Evently::builder(place.open().await?)
            .queue(Arc::new(queue))
            .workers(0);
        let intake = EventlyDesign::over(vec![engine.build()], place, args.events, Hall::Places).await?;
        let worker = || {
            Process::start(&binary(Framework::Axum)?, &["worker"], |command| {
                command
                    .env("EVENTLY_STORE", intake.url())
                    .env("EVENTLY_REDIS", redis);
            })
        };
        Ok(Self {
            workers: (0..workers).map(|_| worker()).collect::<Result<_, _>>()?,
            intake,
        })
    }
}

#[async_trait::async_trait]
impl Design for Queued {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        self.intake.book(turn, request).await
    }

    fn servers(&self) -> Vec<u32> {
        self.workers.iter().map(Process::id).collect()
    }

    async fn close(&self) -> Result<u64, Failure> {
        self.intake.close().await
    }
}

fn report(args: &Queue, rounds: &[Round]) -> Result<(), Failure> {
    println!(
        "queued intake into PostgreSQL, {} callers, {} events, {} rounds of {} s\n\n\
         | intake | bookings/s | of direct | p50 ms | p99 ms | CPU ms per 1,000 |\n|---|---|---|---|---|---|",
        args.callers,
        args.events,
        rounds.len(),
        args.seconds
    );
    let mut rows = vec![row("direct", rounds, |round| &round.direct)];
    for (place, workers) in args.workers.iter().enumerate() {
        let name = format!("queued, {workers} worker{}", if *workers == 1 { "" } else { "s" });
        rows.push(row(&name, rounds, |round| &round.queued[place]));
    }
    std::fs::create_dir_all(&args.out)?;
    let path = args.out.join("queue.json");
    std::fs::write(&path, serde_json::to_string_pretty(&rows)?)?;
    println!("\nwritten: {}", path.display());
    Ok(())
}

/// Prints one line of the table: medians of the rounds.
fn row(name: &str, rounds: &[Round], sample: impl Fn(&Round) -> &Sample) -> serde_json::Value {
    let over = |figure: &dyn Fn(&Round) -> f64| median(rounds.iter().map(figure).collect());
    let per_second = over(&|round| sample(round).per_second);
    let of_direct = over(&|round| sample(round).per_second / round.direct.per_second);
    let (p50_ms, p99_ms) = (
        over(&|round| sample(round).p50_ms),
        over(&|round| sample(round).p99_ms),
    );
    let cpu_ms = over(&|round| sample(round).cpu_ms_per_1000);
    println!("| {name} | {per_second:.0} | {of_direct:.2} | {p50_ms:.2} | {p99_ms:.2} | {cpu_ms:.1} |");
    json!({
        "intake": name, "per_second": per_second, "of_direct": of_direct, "p50_ms": p50_ms, "p99_ms": p99_ms,
        "cpu_ms_per_1000": cpu_ms,
    })
}
