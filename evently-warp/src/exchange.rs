//! One exchange: warp's pieces of a request as the contract's, the contract's reply as warp's response.

use bytes::Buf;
use evently_http::{Api, Body, Call, Head, Problem, Reply};
use futures::future::BoxFuture;
use futures::{FutureExt, Stream};
use http::{HeaderMap, Method};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use warp::path::{FullPath, Peek};
use warp::reply::Response;
use warp::{Filter, Reply as _};

/// What a route leads to: an operation, and the id in the path where there is one.
pub(crate) struct Routed {
    operation: Operation,
    id: Option<String>,
}

/// An operation. Boxed, so that all routes are of one type; the box of a function takes no memory.
type Operation = Box<dyn FnOnce(Call) -> BoxFuture<'static, Result<Reply, Problem>> + Send>;

/// Leads a path without an id to an operation.
pub(crate) fn to<Op, Answer>(op: Op) -> impl Fn() -> Routed + Copy
where
    Op: FnOnce(Call) -> Answer + Copy + Send + 'static,
    Answer: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    move || Routed {
        operation: Box::new(move |call| op(call).boxed()),
        id: None,
    }
}

/// Leads a path with an id to an operation.
pub(crate) fn to_one<Op, Answer>(op: Op) -> impl Fn(String) -> Routed + Copy
where
    Op: FnOnce(Call) -> Answer + Copy + Send + 'static,
    Answer: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    move |id| Routed {
        id: Some(id),
        ..to(op)()
    }
}

/// The request's head, read before any route has taken a part of its path.
pub(crate) fn head() -> impl Filter<Extract = (Head,), Error = Infallible> + Copy {
    warp::method()
        .and(warp::path::full())
        .and(warp::path::peek())
        .and(query())
        .and(warp::header::headers_cloned())
        .and(peer())
        .map(
            |method: Method, path: FullPath, below: Peek, query, headers: HeaderMap, peer| {
                let path = path.as_str().to_owned();
                let prefix = path.strip_suffix(below.as_str()).unwrap_or_default();
                Head {
                    prefix_bytes: prefix.trim_end_matches('/').len(),
                    path_params: Vec::new(),
                    method,
                    path,
                    query,
                    headers,
                    peer,
                }
            },
        )
}

/// The query string; a path without one is no reason to look for another route.
fn query() -> impl Filter<Extract = (Option<String>,), Error = Infallible> + Copy {
    let none = warp::any().map(|| None);
    warp::query::raw().map(Some).or(none).unify()
}

/// Where the request came from, as warp's server or the binary's accept loop says.
fn peer() -> impl Filter<Extract = (Option<IpAddr>,), Error = Infallible> + Copy {
    let accepted = warp::ext::optional::<SocketAddr>();
    warp::addr::remote()
        .and(accepted)
        .map(|remote: Option<SocketAddr>, accepted| remote.or(accepted).map(|peer| peer.ip()))
}

/// Answers what a route takes by its operation, all else as the contract says.
pub(crate) async fn answer(
    api: Api,
    mut head: Head,
    routed: Option<Routed>,
    body: impl Stream<Item = Result<impl Buf + Send, warp::Error>> + Send,
) -> Response {
    respond(match routed {
        Some(Routed { operation, id }) => {
            head.path_params.extend(id);
            api.exchange(head, body, operation).await
        }
        None => api.unrouted(&head, body).await,
    })
}

fn respond(reply: Reply) -> Response {
    let (parts, body) = http::Response::from(reply).into_parts();
    match body {
        Body::Whole(bytes) => http::Response::from_parts(parts, bytes).into_response(),
        Body::Streamed(pieces) => {
            let body = warp::reply::stream(pieces).into_response().into_body();
            http::Response::from_parts(parts, body)
        }
    }
}
