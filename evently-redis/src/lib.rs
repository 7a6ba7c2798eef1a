//! Evently on Redis (or Valkey): one server or a cluster.

mod connection;
mod error;
mod keys;
mod scripts;

/// What stands before the colon of this backend's URL, and its name in logs.
const NAME: &str = "redis";
