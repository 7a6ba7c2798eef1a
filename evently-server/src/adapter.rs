//! What a server needs of an HTTP framework: a service made from an API.

use bytes::Bytes;
use evently_http::Api;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::error::Error;
use tower::Service;

/// Turns an [`Api`] into a service in some HTTP framework: routes → operations, nothing else.
///
/// The service finds the address that a request came from as a [`std::net::SocketAddr`] among the request's
/// extensions, and what the request is called in its `x-request-id` header. Time-outs, panics, compression and
/// connections are the server's.
pub trait Adapter: 'static {
    /// The binary's name, in messages and the help.
    const NAME: &'static str;

    /// The bodies of its answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>> + Send> + Send + 'static;

    /// Its service.
    type Service: Service<Request<Incoming>, Response = Response<Self::Body>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static;

    /// The service for this API.
    fn service(&self, api: Api) -> Self::Service;
}
