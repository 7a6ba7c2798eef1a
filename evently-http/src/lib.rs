//! Evently's HTTP contract without a framework: functions and data that any HTTP server can serve.
//!
//! An adapter turns what its framework received into a [`Request`], picks the operation of the route
//! ([`ops`], listed in [`routes::ROUTES`]), calls [`Api::serve`] and turns the [`Reply`] into its framework's
//! response. What a framework answers by itself (unknown path, wrong method, body too large, panic, time-out) it
//! answers with a [`Problem`], so that every adapter answers alike.
//!
//! There is no router here, no middleware, no socket: limits on bodies, headers and time are the adapter's to
//! enforce ([`limits`]).

mod api;
pub mod auth;
mod call;
mod code;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod limits;
pub mod ops;
mod parse;
mod problem;
mod proxy;
mod rate;
mod refusal;
mod reply;
mod request;
pub mod routes;
mod view;

pub use api::{Api, ApiBuilder};
pub use call::Call;
pub use code::Code;
pub use problem::Problem;
pub use proxy::{InvalidNetwork, ProxyNetwork};
pub use rate::{Attempt, InvalidRateLimits, Quota, RateLimiter, RateLimits, Standing, Subject};
pub use reply::Reply;
pub use request::{Request, RequestId};
