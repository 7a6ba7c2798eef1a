//! The command line.

use clap::{Parser, Subcommand, ValueEnum};
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreKind {
    /// In this process' memory.
    Memory,
    /// In one file, made anew for each design and round.
    Sqlite,
}

impl StoreKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "sqlite",
        }
    }
}
