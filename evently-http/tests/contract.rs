//! The suite over the plainest adapter there can be: hyper, the table of routes, no framework. What it proves is
//! the contract itself; frameworks prove theirs in their own crates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod plain;

use evently_core::{Evently, memory::MemoryStore};
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::Target;
use evently_http::{Api, Body, Head, http_conformance};
use http::Response;
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, net::IpAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};

http_conformance!(start);

/// A server on a port of its own, over a store of its own; it ends with the value.
struct Server {
    target: Target,
    accepting: JoinHandle<()>,
}

impl AsRef<Target> for Server {
    fn as_ref(&self) -> &Target {
        &self.target
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn start() -> Server {
    let secret = JwtSecret::random();
    let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
    let api = Api::builder(evently, SignIn::accounts(secret.clone())).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::new(format!("http://{}", listener.local_addr().unwrap()), &secret);
    let accepting = tokio::spawn(accept(listener, api));
    Server { target, accepting }
}

async fn accept(listener: TcpListener, api: Api) {
    while let Ok((stream, peer)) = listener.accept().await {
        let api = api.clone();
        let service = service_fn(move |request| answer(api.clone(), peer.ip(), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    api: Api,
    peer: IpAddr,
    request: http::Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let head = Head {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        prefix_bytes: 0,
        path_params: Vec::new(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        peer: Some(peer),
    };
    Ok(Response::from(
        plain::answer(&api, head, body.into_data_stream()).await,
    ))
}
