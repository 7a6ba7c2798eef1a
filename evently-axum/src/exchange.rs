//! One exchange: axum's request as a raw one, a reply as axum's response.

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, OriginalUri, Request, State};
use axum::handler::Handler;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use evently_http::limits::MAX_BODY_BYTES;
use evently_http::{Api, Call, Code, Problem, Reply, routes};
use http::{HeaderMap, HeaderValue, Method, Uri, header, request};
use http_body_util::BodyExt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;

/// How much of a body that is too large is read and thrown away before the refusal, in bytes: a client that is
/// still sending would not see the answer for the reset of its connection.
const DISCARDED_BYTES: usize = 1024 * 1024;

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
        Box::pin(exchange(api, request, self.0))
    }
}

/// What no route takes: 404, or 405 with `Allow`.
pub(crate) async fn unrouted(State(api): State<Api>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let request_id = api.request_id(&parts.headers);
    let problem = routes::unrouted(parts.uri.path());
    respond(problem.into_reply(original(&parts).path(), &request_id), "")
}

async fn exchange<Op, Answer>(api: Api, request: Request, op: Op) -> Response
where
    Op: FnOnce(Call) -> Answer + Send,
    Answer: Future<Output = Result<Reply, Problem>> + Send,
{
    let (parts, body) = request.into_parts();
    let request_id = api.request_id(&parts.headers);
    let path = original(&parts).path().to_owned();
    let prefix = path.strip_suffix(parts.uri.path()).unwrap_or("").to_owned();
    let body = match read(&parts.headers, body).await {
        Ok(body) => body,
        Err(problem) => return respond(problem.into_reply(&path, &request_id), &prefix),
    };
    let request = evently_http::Request {
        path_params: path_params(&parts),
        query: parts.uri.query().map(str::to_owned),
        peer: peer(&parts),
        method: match parts.method {
            Method::HEAD => Method::GET,
            method => method,
        },
        path,
        headers: parts.headers,
        body,
        request_id,
    };
    respond(api.serve(request, op).await, &prefix)
}

/// The request's target before a router that this one is mounted in took its prefix off.
fn original(parts: &request::Parts) -> &Uri {
    match parts.extensions.get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri,
        None => &parts.uri,
    }
}

/// The path's parameters as they were sent; axum's own are decoded. Template and path are compared from their
/// ends, since the template may have a prefix that the path has lost.
fn path_params(parts: &request::Parts) -> Vec<String> {
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
fn peer(parts: &request::Parts) -> Option<IpAddr> {
    let connected = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let address = connected.map(|ConnectInfo(address)| address);
    address
        .or_else(|| parts.extensions.get::<SocketAddr>())
        .map(SocketAddr::ip)
}

/// The whole body, if it is not too large.
async fn read(headers: &HeaderMap, mut body: Body) -> Result<Bytes, Problem> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY_BYTES + DISCARDED_BYTES) {
        return Err(Problem::payload_too_large());
    }
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let cut = |_| Problem::new(Code::Malformed, "The body could not be read to its end.");
        let Ok(data) = frame.map_err(cut)?.into_data() else {
            continue;
        };
        length += data.len();
        if length > MAX_BODY_BYTES + DISCARDED_BYTES {
            break;
        }
        if length > MAX_BODY_BYTES {
            whole.clear();
        } else if Some(data.len()) == announced {
            return Ok(data);
        } else {
            whole.extend_from_slice(&data);
        }
    }
    if length > MAX_BODY_BYTES {
        return Err(Problem::payload_too_large());
    }
    Ok(whole.freeze())
}

/// The reply as a response; the `Location` of what was made is given the prefix that the API is mounted under.
fn respond(reply: Reply, prefix: &str) -> Response {
    let mut response = http::Response::from(reply).map(Body::new::<evently_http::Body>);
    if let Some(location) = response.headers_mut().get_mut(header::LOCATION)
        && let Ok(path) = location.to_str()
        && let Ok(moved) = HeaderValue::try_from(format!("{prefix}{path}"))
    {
        *location = moved;
    }
    response
}
