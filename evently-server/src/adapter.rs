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

    /// The service for this API.
    fn service(&self, api: Api) -> impl HttpService;
}

/// A service that the server can run: every tower service that answers the server's requests, whatever happens, is
/// one.
pub trait HttpService:
    Service<
        Request<Incoming>,
        Response = Response<<Self as HttpService>::ResponseBody>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
    /// The bodies of its answers.
    type ResponseBody: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>> + Send> + Send + 'static;
}

impl<S, B> HttpService for S
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>> + Send,
{
    type ResponseBody = B;
}
