//! The command line: one command, and the settings for all of them.

use crate::settings::flags;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

/// Sells tickets without ever overselling: the API as a server, and what its operator needs.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Default, Subcommand)]
pub(crate) enum Command {
    /// Serves the API (what is done without a command)
    #[default]
    Serve,
    /// Decides what servers with queued intake have queued on --redis; serves nothing but health, and that only where
    /// --listen or PORT is set
    Worker,
    /// Brings the store's schema up to date
    Migrate,
    /// Manages admins
    #[command(subcommand)]
    Admin(Admin),
    /// Recounts everything from the bookings and prints every difference; exits 1 if there is one
    Verify,
    /// Prints the API as an OpenAPI 3.1 document
    Openapi,
    /// Fills the store with believable events, users and bookings; run again, it adds nothing twice
    Demo,
}

/// What to do about admins.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Makes an admin, or makes an account one; the password is read from `EVENTLY_ADMIN_PASSWORD`, else from
    /// standard input
    Create {
        /// The account's e-mail address
        #[arg(long)]
        email: String,
    },
}

/// Reads the command line of the binary with this name.
///
/// # Errors
/// It is not understood, or it asks for the help or the version.
pub(crate) fn parse<I>(name: &'static str, words: I) -> Result<(Command, ArgMatches), clap::Error>
where
    I: IntoIterator<Item: Into<std::ffi::OsString> + Clone>,
{
    let matches = CommandLine::command()
        .name(name)
        .bin_name(name)
        .args(flags())
        .try_get_matches_from(words)?;
    let line = CommandLine::from_arg_matches(&matches)?;
    Ok((line.command.unwrap_or_default(), matches))
}
