//! Evently's HTTP contract as axum routes: each hands its raw request to the operation of `evently-http`.
//!
//! Nothing is decided here. To serve Evently from an application of your own, mount [`router`] where you like:
//!
//! ```
//! use evently_core::{Evently, memory::MemoryStore};
//! use evently_http::{Api, auth::{JwtSecret, SignIn}};
//! # use std::sync::Arc;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
//! let api = Api::builder(evently, SignIn::accounts(JwtSecret::random())).build();
//!
//! let app: axum::Router = axum::Router::new().nest("/tickets", evently_axum::router(api));
//! # let _ = app;
//! # }
//! ```
//!
//! Addresses for rate limits come from [`ConnectInfo`](axum::extract::ConnectInfo)
//! (`app.into_make_service_with_connect_info::<SocketAddr>()`). Time-outs, compression and connection limits are
//! the server's: the `evently-axum` binary has them, an application brings its own.

mod exchange;
mod routes;

pub use routes::router;
