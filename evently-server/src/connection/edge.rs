//! The outermost service, one a connection: what is answered before, instead of and after the adapter.
//!
//! Every request leaves with an answer in the contract's shape within [`REQUEST_TIMEOUT`], whatever happens inside.

use super::patience::Patience;
use super::wire::Wire;
use crate::telemetry;
use bytes::Bytes;
use evently_http::limits::REQUEST_TIMEOUT;
use evently_http::{Api, Code, Cors, InFlight, Problem, Reply, RequestId};
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body;
use http_body_util::Either;
use hyper::body::Incoming;
use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};
use tracing::{Instrument, Span, field};

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
    pub(super) cors: Arc<Cors>,
    pub(super) wire: Arc<Wire>,
    pub(super) peer: SocketAddr,
    pub(super) admission: Admission,
    pub(super) drain: CancellationToken,
    pub(super) patience: Patience,
    /// How many requests came.
    pub(super) requests: AtomicU64,
}

/// An answer of the edge's own, or the adapter's.
pub(super) type EdgeBody<B> = Either<evently_http::Body, B>;

impl<S, B> hyper::service::Service<Request<Incoming>> for Edge<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    type Response = Response<EdgeBody<B>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let exchange = Exchange::begin(self, &request);
        if let Some(problem) = self.objection(request.uri()) {
            let answer = close(own(exchange.problem(problem)));
            return ready(Ok(exchange.end(answer))).boxed();
        }
        let (method, headers) = (request.method(), request.headers());
        if let Some(reply) = self.cors.preflight(method, headers, &exchange.request_id) {
            return ready(Ok(exchange.end(own(reply)))).boxed();
        }
        // From here on the request is called what its answer will be called.
        request
            .headers_mut()
            .insert("x-request-id", exchange.request_id.as_header().clone());
        request.extensions_mut().insert(self.peer);
        if request.method() == Method::HEAD {
            // The adapters' ways with it differ in headers; the HTTP library leaves the body out by itself.
            *request.method_mut() = Method::GET;
        }
        let answer = AssertUnwindSafe(self.service.clone().oneshot(request)).catch_unwind();
        let answer = answer.instrument(exchange.span.clone());
        let (handling, drain) = (self.wire.handling(), self.drain.clone());
        let patience = self.patience.clone();
        async move {
            let mut response = match patience.wait(REQUEST_TIMEOUT, answer).await {
                Some(Ok(Ok(response))) => response.map(Either::Right),
                Some(Err(_panic)) => {
                    tracing::error!(request.id = %exchange.request_id, "a request ended in a panic");
                    own(exchange.problem(Problem::internal()))
                }
                None => {
                    tracing::warn!(request.id = %exchange.request_id, "a request took too long");
                    own(exchange.problem(Problem::timed_out()))
                }
            };
            drop(handling);
            tell_length(&mut response);
            exchange
                .cors
                .admit(exchange.origin.as_ref(), response.headers_mut());
            let response = exchange.end(response);
            Ok(match drain.is_cancelled() {
                true => close(response),
                false => response,
            })
        }
        .boxed()
    }
}

/// One request and its answer, as they are counted and logged.
struct Exchange {
    api: Api,
    cors: Arc<Cors>,
    request_id: RequestId,
    method: Method,
    uri: Uri,
    origin: Option<HeaderValue>,
    began: Instant,
    span: Span,
    _in_flight: InFlight,
}

impl Exchange {
    fn begin<S>(edge: &Edge<S>, request: &Request<Incoming>) -> Self {
        let request_id = edge.api.request_id(request.headers());
        let span = tracing::debug_span!(
            target: telemetry::SPANS,
            "request",
            otel.kind = "server",
            http.request.method = %request.method(),
            url.path = request.uri().path(),
            http.response.status_code = field::Empty,
            request.id = %request_id,
        );
        telemetry::join_caller(&span, request.headers());
        Self {
            api: edge.api.clone(),
            cors: Arc::clone(&edge.cors),
            request_id,
            span,
            method: request.method().clone(),
            uri: request.uri().clone(),
            origin: request.headers().get(header::ORIGIN).cloned(),
            began: Instant::now(),
            _in_flight: edge.api.metrics().begin(),
        }
    }

    /// The answer that this is.
    fn problem(&self, problem: Problem) -> Reply {
        self.api.refuse(problem, self.uri.path(), &self.request_id)
    }

    /// Counts and logs the answer. The query is left out: a careless client may have put a secret there.
    fn end<B>(self, response: Response<B>) -> Response<B> {
        let (took, status) = (self.began.elapsed(), response.status());
        let path = self.uri.path();
        let route = self.api.metrics().answered(&self.method, path, status, took);
        if !self.span.is_disabled() {
            telemetry::rename(&self.span, format!("{} {route}", self.method));
            self.span.record("http.response.status_code", status.as_u16());
        }
        tracing::debug!(
            target: "evently::request",
            method = %self.method,
            path,
            request.id = %self.request_id,
            status = status.as_u16(),
            duration_ms = took.as_secs_f64() * 1000.0,
            "answered"
        );
        response
    }
}

impl<S> Edge<S> {
    /// Why the adapter is not to see the next request, which is for this.
    fn objection(&self, target: &Uri) -> Option<Problem> {
        let request = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if self.wire.is_ambiguous(request) {
            let detail = "A request may have Content-Length or Transfer-Encoding, not both.";
            return Some(Problem::new(Code::Malformed, detail));
        }
        if self.admission == Admission::Refused {
            return Some(Problem::overloaded());
        }
        // `CONNECT host:port`, `OPTIONS *`: there is no path that a route could have.
        (!target.path().starts_with('/')).then(Problem::not_found)
    }
}

/// Tells the length of an answer that has one, at the same place among its headers whichever adapter it is from.
fn tell_length<B: Body>(response: &mut Response<B>) {
    let length = response.body().size_hint().exact();
    let has_body = !matches!(
        response.status(),
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    match length.filter(|_| has_body) {
        Some(length) => {
            response
                .headers_mut()
                .insert(header::CONTENT_LENGTH, length.into());
        }
        None => {
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
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
