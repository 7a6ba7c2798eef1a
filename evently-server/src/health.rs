//! The health routes alone, for processes that serve nothing else.

use evently_http::{Api, Body, Problem, ops};
use http::{Method, Request, Response};
use hyper::body::Incoming;
use std::convert::Infallible;
use tower::{Service, service_fn};

/// A service that answers how the process is, and nothing else.
pub(crate) fn service(
    api: Api,
) -> impl Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send
{
    service_fn(move |request: Request<Incoming>| {
        let api = api.clone();
        async move { Ok(answer(&api, request).await) }
    })
}

async fn answer(api: &Api, request: Request<Incoming>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let request_id = api.request_id(&parts.headers);
    let path = parts.uri.path().to_owned();
    let reply = |problem: Problem| problem.into_reply(&path, &request_id);
    if !path.starts_with("/health") {
        return reply(Problem::not_found()).into();
    }
    if ![Method::GET, Method::HEAD].contains(&parts.method) {
        return reply(Problem::method_not_allowed(&[Method::GET, Method::HEAD])).into();
    }
    let request = evently_http::Request {
        method: Method::GET,
        path: path.clone(),
        path_params: Vec::new(),
        query: None,
        headers: parts.headers,
        body: bytes::Bytes::new(),
        peer: None,
        request_id: request_id.clone(),
    };
    match path.as_str() {
        "/health" => api.serve(request, ops::health::health).await,
        "/health/live" => api.serve(request, ops::health::live).await,
        "/health/ready" => api.serve(request, ops::health::ready).await,
        _ => reply(Problem::not_found()),
    }
    .into()
}
