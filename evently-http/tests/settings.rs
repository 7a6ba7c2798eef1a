//! What an embedder sets: limits, proxies, their own sign-in; and what a shutdown looks like from outside.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use evently_core::clock::{Clock, SystemClock};
use evently_core::domain::{Caller, UserId};
use evently_core::{Evently, Timestamp, memory::MemoryStore};
use evently_http::auth::{AccountError, JwtSecret, NotAuthenticated, SignIn, bearer, make_admin};
use evently_http::{Api, ApiBuilder, Reply, Request, ops};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

/// A clock that goes on when it is told to.
#[derive(Debug, Clone)]
struct Hands(Arc<Mutex<Timestamp>>);

impl Hands {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(SystemClock.now())))
    }

    fn forward(&self, seconds: u64) {
        let mut now = self.0.lock().unwrap();
        *now += Duration::from_secs(seconds);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

fn engine(hands: &Hands) -> Evently {
    let builder = Evently::builder(Arc::new(MemoryStore::new()));
    builder.clock(Arc::new(hands.clone())).build()
}

fn accounts(hands: &Hands) -> ApiBuilder {
    Api::builder(engine(hands), SignIn::accounts(JwtSecret::random()))
}

fn request(api: &Api, headers: &[(&'static str, &str)], body: &Value) -> Request {
    let mut map = HeaderMap::new();
    map.insert("content-type", HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        map.insert(
            HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    Request {
        method: Method::POST,
        path: "/api/x".to_owned(),
        path_params: Vec::new(),
        query: None,
        request_id: api.request_id(&map),
        headers: map,
        body: if body.is_null() {
            Bytes::new()
        } else {
            body.to_string().into()
        },
        peer: Some("10.0.0.1".parse().unwrap()),
    }
}

fn status_and_code(reply: &Reply) -> (u16, String) {
    let body: Value = serde_json::from_slice(reply.body.whole().unwrap()).unwrap_or(Value::Null);
    (
        reply.status.as_u16(),
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

async fn list(api: &Api, headers: &[(&'static str, &str)]) -> Reply {
    api.serve(request(api, headers, &Value::Null), ops::events::list)
        .await
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back() {
    let hands = Hands::new();
    let limits = "1:2".parse().unwrap();
    let api = accounts(&hands).rate_limits(limits).build();
    for left in ["1", "0"] {
        let reply = list(&api, &[]).await;
        assert_eq!(reply.status, 200);
        assert!(
            reply.headers["ratelimit"]
                .to_str()
                .unwrap()
                .starts_with(&format!("\"default\";r={left};"))
        );
    }
    let refused = list(&api, &[]).await;
    assert_eq!(status_and_code(&refused), (429, "rate_limited".to_owned()));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(refused.headers["ratelimit-policy"], "\"default\";q=2;w=2");
    hands.forward(1);
    assert_eq!(list(&api, &[]).await.status, 200);
    let unlimited = accounts(&hands).rate_limits("off".parse().unwrap()).build();
    for _ in 0..50 {
        assert_eq!(list(&unlimited, &[]).await.status, 200);
    }
}

#[tokio::test]
async fn forwarded_addresses_count_from_trusted_proxies_alone() {
    let hands = Hands::new();
    let limits = || "1:1".parse().unwrap();
    let strict = accounts(&hands).rate_limits(limits()).build();
    let behind = accounts(&hands)
        .rate_limits(limits())
        .trusted_proxies(vec!["10.0.0.0/8".parse().unwrap()])
        .build();
    for (api, statuses) in [(strict, [200, 429, 429, 429]), (behind, [200, 200, 200, 200])] {
        let mut answered = Vec::new();
        for number in 1..=4 {
            let client = format!("203.0.113.{number}");
            answered.push(list(&api, &[("x-forwarded-for", &client)]).await.status.as_u16());
        }
        assert_eq!(answered, statuses);
    }
}

#[tokio::test]
async fn an_access_token_ends_after_fifteen_minutes_and_a_refresh_token_after_thirty_days() {
    let hands = Hands::new();
    let api = accounts(&hands).build();
    let body = json!({"email": "ada@example.org", "password": "a rather long phrase"});
    let signed_up = api.serve(request(&api, &[], &body), ops::auth::signup).await;
    let signed_up: Value = serde_json::from_slice(signed_up.body.whole().unwrap()).unwrap();
    let authorization = format!("Bearer {}", signed_up["access_token"].as_str().unwrap());
    let me = async || {
        let request = request(&api, &[("authorization", &authorization)], &Value::Null);
        api.serve(request, ops::auth::me).await.status.as_u16()
    };
    let refresh = async |token: &Value| {
        let body = json!({"refresh_token": token});
        let reply = api.serve(request(&api, &[], &body), ops::auth::refresh).await;
        (
            reply.status.as_u16(),
            serde_json::from_slice::<Value>(reply.body.whole().unwrap()).unwrap(),
        )
    };
    assert_eq!(me().await, 200);
    hands.forward(15 * 60);
    assert_eq!(me().await, 401);
    hands.forward(29 * 24 * 60 * 60);
    let (status, signed_in) = refresh(&signed_up["refresh_token"]).await;
    assert_eq!(status, 200);
    hands.forward(30 * 24 * 60 * 60);
    assert_eq!(refresh(&signed_in["refresh_token"]).await.0, 401);
}

#[tokio::test]
async fn promoting_an_account_ends_its_sessions_and_gives_it_the_role() {
    let hands = Hands::new();
    let api = accounts(&hands).build();
    let (email, password) = ("ada@example.org", "a rather long phrase");
    let body = json!({"email": email, "password": password});
    let signed_up = api.serve(request(&api, &[], &body), ops::auth::signup).await;
    let signed_up: Value = serde_json::from_slice(signed_up.body.whole().unwrap()).unwrap();
    let evently = api.evently();
    assert!(matches!(
        make_admin(evently, "ada", password).await,
        Err(AccountError::InvalidEmail)
    ));
    assert!(matches!(
        make_admin(evently, email, "password").await,
        Err(AccountError::InvalidPassword(_))
    ));
    let id = make_admin(evently, "ADA@example.org", "another long phrase")
        .await
        .unwrap();
    assert_eq!(signed_up["user"]["id"], id.to_string());
    let body = json!({"refresh_token": signed_up["refresh_token"]});
    let refused = api.serve(request(&api, &[], &body), ops::auth::refresh).await;
    assert_eq!(status_and_code(&refused), (401, "unauthorized".to_owned()));
    let body = json!({"email": email, "password": "another long phrase"});
    let signed_in = api.serve(request(&api, &[], &body), ops::auth::login).await;
    let signed_in: Value = serde_json::from_slice(signed_in.body.whole().unwrap()).unwrap();
    assert_eq!(signed_in["user"]["role"], "admin");
}

#[tokio::test]
async fn an_embedder_says_who_calls() {
    let hands = Hands::new();
    let sign_in = SignIn::by(|headers, _| match bearer(headers)? {
        None => Ok(None),
        Some(token) => match token.parse::<UserId>() {
            Ok(id) => Ok(Some(Caller::user(id))),
            Err(_) => Err(NotAuthenticated),
        },
    });
    let api = Api::builder(engine(&hands), sign_in).build();
    let bookings = async |authorization: &str| {
        let request = request(&api, &[("authorization", authorization)], &Value::Null);
        api.serve(request, ops::bookings::list).await.status.as_u16()
    };
    assert_eq!(bookings("Bearer 01890a5d-ac96-774b-bcce-b302099a8057").await, 200);
    assert_eq!(bookings("Bearer somebody").await, 401);
    let body = json!({"email": "ada@example.org", "password": "a rather long phrase"});
    let reply = api.serve(request(&api, &[], &body), ops::auth::signup).await;
    assert_eq!(status_and_code(&reply), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn tokens_of_another_service_with_the_secret_are_good() {
    let (hands, secret) = (Hands::new(), JwtSecret::random());
    let issuer = Api::builder(engine(&hands), SignIn::accounts(secret.clone())).build();
    let body = json!({"email": "ada@example.org", "password": "a rather long phrase"});
    let signed_up = issuer
        .serve(request(&issuer, &[], &body), ops::auth::signup)
        .await;
    let signed_up: Value = serde_json::from_slice(signed_up.body.whole().unwrap()).unwrap();
    let authorization = format!("Bearer {}", signed_up["access_token"].as_str().unwrap());
    let api = Api::builder(engine(&hands), SignIn::tokens(&secret)).build();
    let request = request(&api, &[("authorization", &authorization)], &Value::Null);
    assert_eq!(api.serve(request, ops::bookings::list).await.status, 200);
}

#[tokio::test]
async fn a_draining_service_is_alive_and_not_ready() {
    let hands = Hands::new();
    let api = accounts(&hands).build();
    let ready = async || {
        api.serve(request(&api, &[], &Value::Null), ops::health::ready)
            .await
    };
    assert_eq!(ready().await.status, 200);
    api.start_draining();
    assert_eq!(status_and_code(&ready().await), (503, "unavailable".to_owned()));
    let live = api
        .serve(request(&api, &[], &Value::Null), ops::health::live)
        .await;
    assert_eq!(live.status, 200);
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_says_nothing_of_itself() {
    let hands = Hands::new();
    let api = accounts(&hands).build();
    api.evently().shutdown().await;
    for reply in [
        list(&api, &[]).await,
        api.serve(request(&api, &[], &Value::Null), ops::health::health)
            .await,
    ] {
        assert_eq!(status_and_code(&reply), (503, "unavailable".to_owned()));
        assert!(reply.headers.contains_key("retry-after"));
    }
}
