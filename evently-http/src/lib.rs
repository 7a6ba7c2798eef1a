//! Evently's HTTP contract without a framework: functions and data that any HTTP server can serve.
//!
//! An adapter finds the route that a request takes and its operation ([`ops`], listed in [`routes::ROUTES`]), hands
//! the request's [`Head`] and body to [`Api::exchange`] and turns the [`Reply`] into its framework's response. What
//! no route takes goes to [`Api::unrouted`]; what a server answers by itself (panic, time-out) it answers with a
//! [`Problem`], so that all answer alike. Whoever has a request in one piece calls [`Api::serve`]:
//!
//! ```
//! use evently_core::{Evently, memory::MemoryStore};
//! use evently_http::{Api, Request, auth::{JwtSecret, SignIn}, ops};
//! # use std::sync::Arc;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
//! let api = Api::builder(evently, SignIn::accounts(JwtSecret::random())).build();
//!
//! let headers = http::HeaderMap::new();
//! let request = Request {
//!     request_id: api.request_id(&headers),
//!     method: http::Method::GET,
//!     path: "/api/events".to_owned(),
//!     path_params: Vec::new(),
//!     query: Some("limit=5".to_owned()),
//!     headers,
//!     body: bytes::Bytes::new(),
//!     peer: None,
//! };
//! let reply = api.serve(request, ops::events::list).await;
//! assert_eq!(reply.body.whole().unwrap(), r#"{"data":[],"next_cursor":null}"#);
//! # }
//! ```
//!
//! There is no router here, no middleware, no socket: limits on headers and time are the server's to enforce
//! ([`limits`]).

mod api;
pub mod auth;
mod body;
mod call;
mod code;
#[cfg(feature = "conformance")]
pub mod conformance;
mod cors;
mod exchange;
mod export;
pub mod limits;
mod live;
mod metrics;
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
pub use body::{Body, Cut, Streamed};
pub use call::Call;
pub use code::Code;
pub use cors::{Cors, InvalidOrigins};
pub use exchange::Head;
pub use metrics::{InFlight, Metrics};
pub use problem::Problem;
pub use proxy::{InvalidNetwork, ProxyNetwork};
pub use rate::{Attempt, InvalidRateLimits, LocalLimiter, Quota, RateLimiter, RateLimits, Standing, Subject};
pub use reply::Reply;
pub use request::{Request, RequestId};
