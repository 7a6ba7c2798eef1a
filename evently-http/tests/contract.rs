//! The suite over the plainest adapter there can be: hyper, the table of routes, no framework. What it proves is
//! the contract itself; frameworks prove theirs in their own crates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_core::{Evently, memory::MemoryStore};
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::Target;
use evently_http::{Api, Body, Head, Reply, http_conformance, ops, routes};
use http::{Method, Response};
use http_body_util::{BodyDataStream, BodyExt};
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
    let method = if parts.method == Method::HEAD {
        Method::GET
    } else {
        parts.method.clone()
    };
    let found = find(&method, parts.uri.path());
    let (op, path_params) = found.unzip();
    let head = Head {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        prefix_bytes: 0,
        path_params: path_params.unwrap_or_default(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        peer: Some(peer),
    };
    let reply = match op {
        Some(op) => serve(&api, op, head, body.into_data_stream()).await,
        None => api.unrouted(&head),
    };
    Ok(Response::from(reply))
}

fn find(method: &Method, path: &str) -> Option<(&'static str, Vec<String>)> {
    let params = |template: &str| {
        let parts = template.split('/').zip(path.split('/'));
        let fits = template.split('/').count() == path.split('/').count()
            && parts
                .clone()
                .all(|(part, sent)| part == sent || (part == "{id}" && !sent.is_empty()));
        let ids = parts
            .filter(|(part, _)| *part == "{id}")
            .map(|(_, sent)| sent.to_owned());
        fits.then(|| ids.collect())
    };
    let mut routes = routes::ROUTES.iter().filter(|route| route.method == method);
    routes.find_map(|route| Some((route.op, params(route.path)?)))
}

macro_rules! table {
    ($api:ident, $op:ident, $head:ident, $body:ident: $($area:ident::{$($name:ident),*})*) => {
        match $op {
            $($(concat!(stringify!($area), "::", stringify!($name)) => $api.exchange($head, $body, ops::$area::$name).await,)*)*
            other => panic!("{other} is in no table"),
        }
    };
}

async fn serve(api: &Api, op: &str, head: Head, body: BodyDataStream<Incoming>) -> Reply {
    table! { api, op, head, body:
        admin::{create_event, change_event, publish_event, cancel_event, delete_event, bookings, waitlist}
        analytics::{overview, popular, figures, sales}
        auth::{signup, login, refresh, logout, me}
        bookings::{book, hold, list, one, confirm, extend, cancel}
        events::{list, one, availability, seats, stream}
        health::{health, live, ready}
        metrics::{metrics}
        queue::{view}
        waitlist::{join, list, one, leave, accept, decline}
    }
}
