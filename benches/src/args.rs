//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Measures Evently beside other designs.
#[derive(Debug, Parser)]
#[command(name = "evently-bench")]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Callers book until time is up: several designs in turn, one table.
    SellOut(SellOut),
    /// What a booking costs when many are sold, beside what it costs when none is.
    Growth(Growth),
    /// From accepted to confirmed, through Redis Streams and worker processes into PostgreSQL, beside direct intake.
    Queue(Queue),
    /// The server that only says hello, which the comparison over HTTP starts for itself.
    #[command(hide = true)]
    Hello(Hello),
}

/// Settings of the comparison.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SellOut {
    /// Where bookings are kept.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub(crate) store: StoreKind,
    /// How many callers book at the same time, each one booking after the other.
    #[arg(long, default_value_t = 64)]
    pub(crate) callers: usize,
    /// How many events they book, picked in turn.
    #[arg(long, default_value_t = 1)]
    pub(crate) events: usize,
    /// How many engines share the store, none knowing of the others, as several servers do.
    #[arg(long, default_value_t = 1)]
    pub(crate) engines: usize,
    /// Sell seats, two adjacent ones a booking (PostgreSQL).
    #[arg(long)]
    pub(crate) seats: bool,
    /// Over HTTP, by this adapter's binary, beside a server in its framework that says hello.
    #[arg(long, value_enum, num_args = 0..=1, default_missing_value = "axum")]
    pub(crate) http: Option<Framework>,
    /// Slow each flush to disk down by so many milliseconds (PostgreSQL).
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) fsync_ms: Option<u32>,
    /// Seconds that each design runs in each round.
    #[arg(long, default_value_t = 2.0)]
    pub(crate) seconds: f64,
    /// Rounds; a round whose baseline moved is dropped, at least two steady ones must remain.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Run Evently alone, once, and print its sample: for a profiler.
    #[arg(long)]
    pub(crate) profile: bool,
    /// Where the JSON and the SVG are written.
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
}

/// Settings of the measure of growth.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Growth {
    /// Where bookings are kept.
    #[arg(long, value_enum, default_value = "sqlite")]
    pub(crate) store: StoreKind,
    /// How many are sold before.
    #[arg(long, default_value_t = 1_000_000)]
    pub(crate) sold: usize,
    /// How many are booked in each store in each round.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) window: usize,
    /// Rounds.
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// How many callers book at the same time.
    #[arg(long, default_value_t = 256)]
    pub(crate) callers: usize,
    /// Where the JSON is written.
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
}

/// Settings of the comparison of queued with direct intake.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Queue {
    /// How many callers book at the same time, each waiting for what became of its request.
    #[arg(long, default_value_t = 256)]
    pub(crate) callers: usize,
    /// How many events they book, picked in turn: workers share partitions, and an event is in one.
    #[arg(long, default_value_t = 64)]
    pub(crate) events: usize,
    /// Numbers of worker processes to compare.
    #[arg(long, value_delimiter = ',', default_value = "1,2,4")]
    pub(crate) workers: Vec<usize>,
    /// Seconds that each design runs in each round.
    #[arg(long, default_value_t = 3.0)]
    pub(crate) seconds: f64,
    /// Rounds; one whose baseline moved is dropped, at least two steady ones must remain.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: usize,
    /// Where the JSON is written.
    #[arg(long, default_value = "target/bench")]
    pub(crate) out: PathBuf,
}

/// Settings of the server that says hello.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Hello {
    #[arg(value_enum)]
    pub(crate) framework: Framework,
    pub(crate) address: SocketAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// In this process' memory.
    Memory,
    /// In one file, made anew for each design and round.
    Sqlite,
    /// On a PostgreSQL of its own, in a database made anew for each design and round.
    Postgres,
    /// On a Redis of its own, emptied for each design and round.
    Redis,
}

impl StoreKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Framework {
    Axum,
    Warp,
}

impl Framework {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Axum => "axum",
            Self::Warp => "warp",
        }
    }
}
