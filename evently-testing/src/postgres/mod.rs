//! PostgreSQL for tests: an empty [`Database`] for whoever only needs one, a private [`Server`] for whoever stops,
//! kills or times it.
//!
//! Databases are made on the server that `EVENTLY_TEST_POSTGRES` (a URL with the right to create databases) names;
//! else on one that all test processes of a build share, started from this machine's programs and stopped a minute
//! after the last of them; else in Docker.

mod database;
mod docker;
mod programs;
mod server;
mod shared;

pub use database::Database;
pub use server::{Server, Settings};

/// What to do when there is no PostgreSQL at all.
const MISSING: &str = "no PostgreSQL to test against: install the package `postgresql` (its programs are looked for on \
     PATH and in /usr/lib/postgresql), start Docker, or set EVENTLY_TEST_POSTGRES to a URL";
