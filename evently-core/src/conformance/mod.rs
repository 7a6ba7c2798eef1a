//! The suite that proves every promise, for every backend.
//!
//! A backend says how its storage is opened, and gets one named test a case:
//!
//! ```
//! use evently_core::{conformance::Volatile, memory::MemoryStore};
//! use std::sync::Arc;
//!
//! async fn memory() -> Volatile {
//!     Volatile::over(Arc::new(MemoryStore::new()))
//! }
//!
//! evently_core::conformance_suite!(open = memory);
//! # fn main() {}
//! ```
//!
//! A durable backend implements [`Harness`] itself and writes `conformance_suite!(open = path, durable)`: the same
//! cases, and those that open the storage again after an abrupt end.
//!
//! The cases are in three folders: `contract` (what a [`Store`](crate::store::Store) promises the lanes, and what
//! its reads show), `rules` (the rules of the box office, through the facade [`Evently`](crate::Evently)), `races`
//! (the same under concurrency). [`model`] plays random histories against a naive restatement of the rules.
//! [`faulty`] is a store that fails by seed, [`broken`] are stores with a bug each, which the suite must find.
//!
//! The ports beside the store have suites of their own: [`queue`] for job queues, [`lease`] for leases.
//!
//! Left out: HTTP (its suite is the HTTP layer's) and speed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a case fails by panicking, as any test does"
)]

pub mod broken;
mod clock;
mod contract;
mod draw;
pub mod faulty;
pub mod lease;
mod list;
pub mod model;
pub mod queue;
mod races;
mod restart;
mod rules;
mod run;
mod world;
pub mod wrap;

pub use clock::{ManualClock, SeededIds};
pub use list::cases;
pub use run::{Case, Group, Harness, Verdict, Volatile, run, try_case};
use world::World;
