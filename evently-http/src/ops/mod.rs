//! The operations: one function a route, each `async fn(Call) -> Result<Reply, Problem>`.
//!
//! They are run by [`Api::serve`](crate::Api::serve), which finishes their answers.

pub mod admin;
pub mod analytics;
pub mod auth;
pub mod bookings;
pub mod events;
pub mod health;
pub mod metrics;
pub mod queue;
pub mod waitlist;
