//! Evently on PostgreSQL (14 or newer): for whoever runs it for real.
//!
//! [`PgStore::open`] connects, brings the schema `evently` up to date and implements every store trait of
//! `evently-core`. What is acknowledged is as durable as the server is set to make it; [`Store::durability`] says
//! how much that is, and a server that is set to lose data is warned of when it is opened.
//!
//! ```no_run
//! use evently_core::Evently;
//! use evently_pg::{PgOptions, PgStore};
//! use std::sync::Arc;
//!
//! # async fn serve() -> Result<(), evently_pg::OpenError> {
//! let store = PgStore::open("postgres://evently@localhost/evently", PgOptions::default()).await?;
//! let evently = Evently::builder(Arc::new(store)).build();
//! # Ok(())
//! # }
//! ```
//!
//! A commit is one statement over any number of events, and so is a load: no transaction is open between two round
//! trips, and a caller that goes away leaves nothing behind. Any number of processes may use one database: the
//! version check of each commit keeps them apart.
//!
//! No rule of booking is here: the ledger decides, this crate compares, swaps and reads.
//!
//! [`Store::durability`]: evently_core::store::Store::durability

mod analytics;
mod bookings;
mod commit;
mod connections;
mod definitions;
mod error;
mod events;
mod load;
mod open;
mod options;
mod rows;
mod sales;
mod schema;
mod statements;
mod store;
mod users;
mod waitlist;
mod word;

pub use open::{OpenError, migrate};
pub use options::{PgOptions, Prepared, Schema};
pub use schema::Migrated;
pub use store::PgStore;

/// This backend's name in logs.
const NAME: &str = "postgres";
