//! Measures Evently beside other designs, in one run on one machine: see README, "Speed".

mod args;
mod measure;
mod report;
mod sell_out;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    let args = args::Args::parse();
    let run = || -> Result<(), Box<dyn std::error::Error>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        match args.command {
            args::Command::SellOut(args) => runtime.block_on(sell_out::run(&args)),
        }
    };
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evently-bench: {error}");
            std::process::ExitCode::FAILURE
        }
    }
}
