//! One exchange: axum's request as the contract's, the contract's reply as axum's response.

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, OriginalUri, Request, State};
use axum::handler::Handler;
use axum::response::Response;
use evently_http::{Api, Call, Head, Problem, Reply};
use http::request::Parts;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

/// The handler that hands its request to an operation.
#[derive(Debug, Clone)]
pub(crate) struct To<Op>(pub(crate) Op);

impl<Op, Answer> Handler<fn() -> Answer, Api> for To<Op>
where
    Op: FnOnce(Call) -> Answer + Clone + Send + Sync + 'static,
    Answer: Future<Output = Result<Reply, Problem>> + Send + 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: Request, api: Api) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.into_data_stream();
            respond(api.exchange(head(parts), body, self.0).await)
        })
    }
}

/// What no route takes.
pub(crate) async fn unrouted(State(api): State<Api>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    respond(api.unrouted(&head(parts), body.into_data_stream()).await)
}

fn head(parts: Parts) -> Head {
    // The target before a router that this one is mounted in took its prefix off.
    let path = match parts.extensions.get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri.path().to_owned(),
        None => parts.uri.path().to_owned(),
    };
    // Of two slashes after the prefix, axum takes one off with it.
    let prefix = path.strip_suffix(parts.uri.path()).unwrap_or_default();
    let prefix = prefix.trim_end_matches('/');
    Head {
        prefix_bytes: prefix.len(),
        path_params: path_params(&parts),
        query: parts.uri.query().map(str::to_owned),
        peer: peer(&parts),
        method: parts.method,
        headers: parts.headers,
        path,
    }
}

/// The path's parameters as they were sent; axum's own are decoded. Template and path are compared from their
/// ends, since the template may have a prefix that the path has lost.
fn path_params(parts: &Parts) -> Vec<String> {
    let template = parts
        .extensions
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    let pairs = template.rsplit('/').zip(parts.uri.path().rsplit('/'));
    let mut params: Vec<String> = pairs
        .filter(|(name, _)| name.starts_with('{'))
        .map(|(_, sent)| sent.to_owned())
        .collect();
    params.reverse();
    params
}

/// Where the request came from, as an application's make-service or the server's accept loop says.
fn peer(parts: &Parts) -> Option<IpAddr> {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = connected.map(|ConnectInfo(address)| address);
    address
        .or_else(|| parts.extensions.get::<SocketAddr>())
        .map(SocketAddr::ip)
}

fn respond(reply: Reply) -> Response {
    http::Response::from(reply).map(Body::new::<evently_http::Body>)
}
