//! The suite over the plainest adapter there can be: hyper, the table of routes, no framework. What it proves is
//! the contract itself; frameworks prove theirs in their own crates.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod plain;

use evently_core::domain::{Email, Role, User};
use evently_core::{Evently, memory::MemoryStore};
use evently_http::auth::{JwtSecret, SignIn, make_admin};
use evently_http::conformance::Target;
use evently_http::{Api, Body, Head, http_conformance};
use http::Response;
use http_body_util::BodyExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{convert::Infallible, net::IpAddr, sync::Arc};
use tokio::{net::TcpListener, task::JoinHandle};

http_conformance!(start);

/// A server on a port of its own, over a store of its own; it ends with the value.
struct Server {
    target: Target,
    evently: Evently,
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
    let api = Api::builder(evently.clone(), SignIn::accounts(secret.clone())).build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::new(format!("http://{}", listener.local_addr().unwrap()), &secret);
    let accepting = tokio::spawn(accept(listener, api));
    Server {
        target,
        evently,
        accepting,
    }
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

/// What an account that was an admin's may still do, after its owner was made an ordinary user, or disabled. (That an
/// access token ends after 15 minutes is the tokens' own test.)
#[tokio::test]
async fn a_demoted_or_disabled_account_cannot_go_on_signing_in_as_before() {
    const PASSWORD: &str = "a rather long phrase";
    let server = start().await;
    let (guest, store) = (server.target.guest(), server.evently.store());
    make_admin(&server.evently, "ada@example.org", PASSWORD)
        .await
        .unwrap();
    let email: Email = "ada@example.org".parse().unwrap();
    let account = store.user_by_email(&email).await.unwrap().unwrap();

    let sign_in = || {
        guest.post(
            "/api/auth/login",
            json!({"email": "ada@example.org", "password": PASSWORD}),
        )
    };
    let refresh = |signed_in: &Value| {
        let body = json!({"refresh_token": signed_in["refresh_token"]});
        guest.post("/api/auth/refresh", body)
    };
    let is_admin = async |signed_in: &Value| {
        let token = signed_in["access_token"].as_str().unwrap();
        let answer = server.target.with_token(token).get("/api/admin/queue").await;
        answer.status != 403
    };
    let signed_in = sign_in().await.ok(200);
    assert!(is_admin(&signed_in).await);
    let signed_in = refresh(&signed_in).await.ok(200);
    assert!(is_admin(&signed_in).await);

    let demoted = User {
        role: Role::User,
        ..account
    };
    store.update_user(&demoted).await.unwrap();
    assert_eq!(refresh(&signed_in).await.status, 401);
    let signed_in = sign_in().await.ok(200);
    assert_eq!(signed_in["user"]["role"], "user");
    assert!(!is_admin(&signed_in).await);

    let disabled = User {
        disabled: true,
        ..demoted
    };
    store.update_user(&disabled).await.unwrap();
    assert_eq!(refresh(&signed_in).await.status, 401);
    assert_eq!(sign_in().await.status, 401);
}
