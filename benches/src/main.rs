//! Measures Evently beside other designs, in one run on one machine: see README, "Speed".

mod args;
mod cpu;
mod growth;
mod histogram;
mod measure;
mod queue;
mod report;
mod sell_out;
mod servers;

use args::Command;
use clap::Parser;
use sell_out::Failure;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    let args = args::Args::parse();
    let run = || -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match args.command {
                Command::SellOut(args) => sell_out::run(&args).await,
                Command::Growth(args) => growth::run(&args).await,
                Command::Queue(args) => queue::run(&args).await,
                Command::Hello(args) => sell_out::http::hello::serve(&args).await,
            }
        })
    };
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evently-bench: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
