//! Evently's HTTP contract as warp filters: each names the operation of `evently-http` that answers.
//!
//! Nothing is decided here. To serve Evently from an application of your own, put [`routes`] where you like:
//!
//! ```
//! use evently_core::{Evently, memory::MemoryStore};
//! use evently_http::{Api, auth::{JwtSecret, SignIn}};
//! use warp::Filter;
//! # use std::sync::Arc;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
//! let api = Api::builder(evently, SignIn::accounts(JwtSecret::random())).build();
//!
//! let app = warp::path("tickets").and(evently_warp::routes(api));
//! # let _ = app;
//! # }
//! ```
//!
//! Addresses for rate limits come from warp's server ([`warp::serve`]). Time-outs, compression and connection
//! limits are the server's: the `evently-warp` binary has them, an application brings its own.

mod exchange;
mod routes;

pub use routes::routes;
