//! Evently on Redis (or Valkey): one server or a cluster.
//!
//! [`RedisStore::open`] implements every store trait of `evently-core`. What an acknowledged commit survives is the
//! server's doing, and read from its configuration: with `appendonly yes` and `appendfsync always` it is
//! [`Durable`](evently_core::store::Durability::Durable), and less must be accepted in [`RedisOptions`].
//!
//! ```no_run
//! use evently_core::Evently;
//! use evently_redis::{RedisOptions, RedisStore};
//! use std::sync::Arc;
//!
//! # async fn serve() -> Result<(), evently_redis::OpenError> {
//! let store = RedisStore::open("redis://localhost:6379", RedisOptions::default()).await?;
//! let evently = Evently::builder(Arc::new(store)).build();
//! # Ok(())
//! # }
//! ```
//!
//! Everything of an event is in one slot and a commit is one script: it compares the version and writes everything or
//! nothing. What is found by user or by id lies in other slots; it is written before a commit is acknowledged, from
//! an outbox that outlives the death of whoever committed. On a cluster, events spread over the nodes. A replica that
//! takes over lacks what its master acknowledged in its last moments: Redis replicates after it has answered.
//!
//! Beside the store: [`StreamQueue`] for queued intake, [`RedlockLeases`], and [`SharedRates`]. Each works without the
//! others, and beside another backend's store.
//!
//! No rule of booking is here, and none in Lua: the ledger decides, this crate compares, swaps and reads.

mod analytics;
mod announced;
mod bookings;
mod commit;
mod connection;
mod data;
mod definitions;
mod error;
mod events;
mod hearing;
mod inventories;
mod keys;
mod lease;
mod listen;
mod load;
mod members;
mod open;
mod options;
mod outbox;
mod queue;
mod rate;
mod rows;
mod scripts;
mod settle;
mod store;
#[cfg(test)]
mod tests;
mod users;
mod values;
mod waitlist;

pub use lease::RedlockLeases;
pub use open::OpenError;
pub use options::RedisOptions;
pub use queue::StreamQueue;
pub use rate::{Allowance, SharedRates};
pub use store::RedisStore;

/// What stands before the colon of this backend's URL, and its name in logs.
const NAME: &str = "redis";
