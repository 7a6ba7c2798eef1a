//! The outermost service, one a connection: what is answered before, instead of and after the adapter.
//!
//! Every request leaves with an answer in the contract's shape within [`REQUEST_TIMEOUT`], whatever happens inside.

use super::wire::Wire;
use evently_http::limits::REQUEST_TIMEOUT;
use evently_http::{Api, Code, Problem, Reply};
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderValue, Request, Response, header};
use http_body_util::Either;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

/// Whether a connection is served or told that there are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    Served,
    Refused,
}

/// The service of one connection.
pub(super) struct Edge<S> {
    pub(super) service: S,
    pub(super) api: Api,
    pub(super) wire: Arc<Wire>,
    pub(super) peer: SocketAddr,
    pub(super) admission: Admission,
    pub(super) drain: CancellationToken,
}

/// An answer of the edge's own, or the adapter's.
pub(super) type EdgeBody<B> = Either<evently_http::Body, B>;

impl<S, B> hyper::service::Service<Request<Incoming>> for Edge<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<EdgeBody<B>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let request_id = self.api.request_id(request.headers());
        if let Some(problem) = self.objection() {
            let reply = problem.into_reply(request.uri().path(), &request_id);
            return std::future::ready(Ok(close(own(reply)))).boxed();
        }
        // From here on the request is called what its answer will be called.
        request
            .headers_mut()
            .insert("x-request-id", request_id.as_header().clone());
        request.extensions_mut().insert(self.peer);
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let began = Instant::now();
        let answer = AssertUnwindSafe(self.service.clone().oneshot(request)).catch_unwind();
        let (handling, drain) = (self.wire.handling(), self.drain.clone());
        async move {
            let response = match tokio::time::timeout(REQUEST_TIMEOUT, answer).await {
                Ok(Ok(Ok(response))) => response.map(Either::Right),
                Ok(Err(_panic)) => {
                    tracing::error!(request.id = %request_id, "a request ended in a panic");
                    own(Problem::internal().into_reply(uri.path(), &request_id))
                }
                Err(_elapsed) => {
                    tracing::warn!(request.id = %request_id, "a request took too long");
                    own(Problem::timed_out().into_reply(uri.path(), &request_id))
                }
            };
            drop(handling);
            tracing::debug!(
                request.id = %request_id,
                %method,
                path = uri.path(),
                status = response.status().as_u16(),
                duration_ms = began.elapsed().as_secs_f64() * 1000.0,
                "answered"
            );
            if drain.is_cancelled() {
                return Ok(close(response));
            }
            Ok(response)
        }
        .boxed()
    }
}

impl<S> Edge<S> {
    /// Why the adapter is not to see this connection's requests.
    fn objection(&self) -> Option<Problem> {
        if self.wire.is_ambiguous() {
            let detail = "A request may have Content-Length or Transfer-Encoding, not both.";
            return Some(Problem::new(Code::Malformed, detail));
        }
        (self.admission == Admission::Refused).then(Problem::overloaded)
    }
}

fn own<B>(reply: Reply) -> Response<EdgeBody<B>> {
    Response::from(reply).map(Either::Left)
}

/// The same answer as the connection's last.
fn close<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
