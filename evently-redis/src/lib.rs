//! Evently on Redis (or Valkey): one server or a cluster.

mod connection;
mod error;
mod keys;
mod lease;
mod queue;
mod rate;
mod scripts;

pub use lease::RedlockLeases;
pub use queue::StreamQueue;
pub use rate::{Allowance, SharedRates};

/// What stands before the colon of this backend's URL, and its name in logs.
const NAME: &str = "redis";
