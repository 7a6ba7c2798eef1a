//! What Evently's server binaries share: settings, command line, stores by URL, log, accept loop, shutdown.
//!
//! A binary is an [`Adapter`] and one call:
//!
//! ```no_run
//! # use evently_server::Adapter;
//! # fn main_of(adapter: impl Adapter) -> std::process::ExitCode {
//! evently_server::run(&adapter)
//! # }
//! ```
//!
//! Routes are the adapters', what they answer is `evently-http`'s, and what a store does its own crate's.

mod adapter;
mod backends;
mod cli;
mod commands;
mod compression;
mod connection;
mod demo;
mod failure;
mod health;
mod progress;
mod queue;
mod rates;
mod secret;
mod settings;
mod signals;
mod telemetry;

pub use adapter::{Adapter, HttpService};

use cli::{Admin, Command};
use failure::Failure;
use settings::Settings;
use std::process::ExitCode;

/// Runs a server binary: reads the command line and the settings, does what they say.
///
/// The exit code is 0 where that went well, 1 where it failed and 2 where the command line or a setting is not
/// what it must be; what was wrong stands on standard error, in one line.
pub fn run<A: Adapter>(adapter: &A) -> ExitCode {
    match try_run(adapter) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{}: {failure}", A::NAME);
            failure.exit_code()
        }
    }
}

fn try_run<A: Adapter>(adapter: &A) -> Result<(), Failure> {
    let (command, flags) = match cli::parse(A::NAME, std::env::args_os()) {
        Ok(parsed) => parsed,
        Err(error) => return say_or_refuse(&error),
    };
    if matches!(command, Command::Openapi) {
        return commands::openapi();
    }
    let variable = |name: &str| std::env::var(name).ok();
    let settings = Settings::read(&flags, &variable)?;
    // What a command has to say, it prints; what a server has to say, it logs. That Redis cannot be reached, whoever
    // needs it says in one line.
    let filter = if matches!(command, Command::Serve | Command::Worker) {
        "info,redis=error"
    } else {
        "warn,redis=error"
    };
    let entries = variable("RUST_LOG");
    let traces = telemetry::start(A::NAME, settings.log, entries.as_deref().unwrap_or(filter))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve => commands::serve(adapter, settings).await,
            Command::Worker => commands::work(A::NAME, settings).await,
            Command::Migrate => commands::migrate(settings).await,
            Command::Admin(Admin::Create { email }) => {
                commands::create_admin(settings, &email, variable(settings::ADMIN_PASSWORD)).await
            }
            Command::Verify => commands::verify(settings).await,
            Command::Demo => demo::demo(settings).await,
            Command::Openapi => commands::openapi(),
        }
    });
    // Whatever still runs in the background has been waited for, or is not to be.
    runtime.shutdown_background();
    traces.end();
    outcome
}

/// Answers what is no usage error (`--help`, `--version`) on standard output; of errors, says the first paragraph.
fn say_or_refuse(error: &clap::Error) -> Result<(), Failure> {
    if !error.use_stderr() {
        // Nobody may be reading: that is no failure.
        let _ = error.print();
        return Ok(());
    }
    let text = error.to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    Err(Failure::usage(format!("{first} (see --help)")))
}
