//! Evently in one SQLite file: the embedded, durable default.
//!
//! [`SqliteStore::open`] makes or opens the file and implements every store trait of `evently-core`. What is
//! acknowledged is on the disk ([`Durability::Durable`](evently_core::store::Durability)).
//!
//! ```no_run
//! use evently_core::Evently;
//! use evently_sqlite::{SqliteOptions, SqliteStore};
//! use std::sync::Arc;
//!
//! # async fn serve() -> Result<(), evently_sqlite::OpenError> {
//! let store = SqliteStore::open("evently.db", SqliteOptions::default())?;
//! let evently = Evently::builder(Arc::new(store)).build();
//! # Ok(())
//! # }
//! ```
//!
//! One thread writes: whatever waits shares a transaction and a sync of the disk. A few threads read, each seeing
//! every commit that was acknowledged before. Checkpoints have a thread of their own. Several processes may use one
//! file on one machine: each write waits its turn, and the version check of each commit keeps them apart. A file on
//! a network share is not for that: SQLite's locks do not hold there.
//!
//! No rule of booking is here: the ledger decides, this crate compares, swaps and reads.

mod analytics;
mod bookings;
mod checkpoint;
mod commit;
mod connection;
mod definitions;
mod error;
mod events;
mod load;
mod open;
mod options;
mod query;
mod queue;
mod readers;
mod rows;
mod schema;
mod statements;
mod store;
#[cfg(test)]
mod tests;
mod users;
mod waitlist;
mod writer;

pub use open::{OpenError, migrate};
pub use options::{Schema, SqliteOptions};
pub use schema::Migrated;
pub use store::SqliteStore;

/// What stands before the colon of this backend's URL, and its name in logs.
const NAME: &str = "sqlite";
