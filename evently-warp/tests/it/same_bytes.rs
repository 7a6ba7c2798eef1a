//! One session, played to axum and to warp: they answer the same bytes.
//!
//! Each adapter has an engine of its own with the same clock, which stands, and the same source of ids. What is left
//! out of the comparison: the order of header fields, which means nothing; the date; and refresh tokens, which are
//! drawn at random.

use evently_core::clock::{Clock, SystemClock};
use evently_core::conformance::{ManualClock, SeededIds};
use evently_core::{Evently, Timestamp, memory::MemoryStore};
use evently_http::Api;
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::Target;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use std::convert::Infallible;
use std::error::Error;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::Service;
use warp::filters::BoxedFilter;
use warp::reply::Response;

const EVENT: &str = r#"{"name": "Lighthouse", "venue": "Harbour hall", "capacity": 3, "price_minor": 1200,
    "starts_at": "2100-01-01T10:00:00Z", "ends_at": "2100-01-01T12:00:00Z"}"#;

/// Both adapters.
struct Both {
    axum: axum::Router,
    warp: BoxedFilter<(Response,)>,
    target: Target,
    token: String,
}

impl Both {
    fn new() -> Self {
        let secret = JwtSecret::random();
        let now = SystemClock.now();
        Self {
            axum: evently_axum::router(api(&secret, now)),
            warp: evently_warp::routes(api(&secret, now)),
            // Signs tokens; the sessions have no socket.
            target: Target::new("http://nowhere.example", &secret),
            token: String::new(),
        }
    }

    /// Asks both, by a request's first line, its other headers and its body; the answer, which must be the same.
    async fn ask(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        let mut request = format!("{line} HTTP/1.1\r\nhost: evently.example\r\nconnection: close\r\n");
        if !self.token.is_empty() {
            request += &format!("authorization: Bearer {}\r\n", self.token);
        }
        if !body.is_empty() {
            request += &format!("content-length: {}\r\n", body.len());
        }
        for header in headers {
            request += &format!("{header}\r\n");
        }
        self.send(&format!("{request}\r\n{body}")).await
    }

    /// The same with a body that says that it is JSON.
    async fn tell(&self, line: &str, body: &str) -> Answer {
        self.ask(line, &["content-type: application/json"], body).await
    }

    /// Sends both these bytes.
    async fn send(&self, request: &str) -> Answer {
        let axum = converse(self.axum.clone(), request).await;
        let warp = converse(warp::service(self.warp.clone()), request).await;
        assert_eq!(axum.comparable(), warp.comparable(), "{request}");
        axum
    }
}

fn api(secret: &JwtSecret, now: Timestamp) -> Api {
    let evently = Evently::builder(Arc::new(MemoryStore::new()))
        .clock(Arc::new(ManualClock::at(now)))
        .ids(Arc::new(SeededIds::from_seed(1)))
        .sweep_every(None)
        .build();
    Api::builder(evently, SignIn::accounts(secret.clone())).build()
}

/// Sends one service these bytes, over a connection of their own.
async fn converse<S, B>(service: S, request: &str) -> Answer
where
    S: Service<http::Request<Incoming>, Response = http::Response<B>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
    B: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let (mut client, server) = tokio::io::duplex(1024 * 1024);
    let service = TowerToHyperService::new(service);
    tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(server), service));
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    Answer(answer)
}

struct Answer(String);

impl Answer {
    /// What must be the same.
    fn comparable(&self) -> String {
        let (head, body) = self.0.split_once("\r\n\r\n").unwrap();
        let (status, fields) = head.split_once("\r\n").unwrap();
        let mut fields: Vec<&str> = fields
            .lines()
            .filter(|field| !field.starts_with("date: "))
            .collect();
        fields.sort_unstable();
        let text = format!("{status}\n{}\n\n{body}", fields.join("\n"));
        match self.member("refresh_token") {
            Some(token) => text.replace(&token, "…"),
            None => text,
        }
    }

    fn member(&self, name: &str) -> Option<String> {
        let body = self.0.split_once("\r\n\r\n")?.1;
        let body: Value = serde_json::from_str(body).ok()?;
        Some(body.get(name)?.as_str()?.to_owned())
    }

    #[track_caller]
    fn is(&self, status: u16) -> &Self {
        assert!(self.0.starts_with(&format!("HTTP/1.1 {status} ")), "{}", self.0);
        self
    }

    #[track_caller]
    fn id(&self) -> String {
        self.is(201).member("id").unwrap()
    }

    fn header(&self, name: &str) -> &str {
        let value = self.0.split(&format!("\r\n{name}: ")).nth(1).unwrap();
        value.lines().next().unwrap()
    }
}

#[tokio::test]
async fn what_no_route_takes() {
    let both = Both::new();
    for path in [
        "/",
        "",
        "*",
        "/api",
        "/api/",
        "/api/events/",
        "/api//events",
        "//api/events",
        "/API/events",
        "/api/events/x/y",
        "/health/",
        "/health//live",
        "/api/%65vents",
        "/api/events%2F",
        "/?",
        "/.",
        "/api/./events",
        "/api/events/x/book/",
        "http://evently.example/api/nothing",
        "/api/events/%00/book",
        "/api/events//book",
        "/api/admin/analytics/events//sales",
    ] {
        for method in ["GET", "POST", "OPTIONS", "HEAD", "DELETE", "BREW"] {
            both.ask(&format!("{method} {path}"), &[], "").await;
        }
    }
    both.ask("GET http://evently.example/health/live", &[], "")
        .await
        .is(200);
    both.ask("PUT /api/events", &["x-request-id: mine"], "")
        .await
        .is(405);
    both.ask("POST /api/auth/me", &[], "").await.is(405);
}

#[tokio::test]
async fn what_is_malformed() {
    let mut both = Both::new();
    let account = r#"{"email": "ada@example.com", "password": "correct horse battery"}"#;
    both.token = both
        .tell("POST /api/auth/signup", account)
        .await
        .member("access_token")
        .unwrap();
    let book = "POST /api/events/01890a5d-ac96-774b-bcce-b302099a8057/book";
    for body in [
        "",
        "{",
        "[]",
        "null",
        "7",
        r#"{"quantity": 0}"#,
        r#"{"quantity": 1, "quantity": 2}"#,
        "\u{0}",
    ] {
        both.tell(book, body).await;
        both.ask(book, &[], body).await;
        both.ask(book, &["content-type: text/plain"], body).await;
        both.ask(book, &["content-type: application/json; charset=utf-8"], body)
            .await;
        both.ask(
            book,
            &["content-type: application/json", "content-type: text/plain"],
            body,
        )
        .await;
    }
    for length in [64 * 1024, 64 * 1024 + 1, 200_000] {
        both.tell(book, &" ".repeat(length)).await;
    }
    let chunked = format!(
        "{book} HTTP/1.1\r\nhost: a\r\nauthorization: bearer {}\r\nconnection: close\r\ncontent-type: \
         application/json\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{{\"qua\r\n0A\r\nntity\": 1}}\r\n0\r\n\r\n",
        both.token
    );
    both.send(&chunked).await.is(404);
    for key in ["", "\"", "\"\"", "a b", "\"a\"", &"k".repeat(256)] {
        both.ask(
            book,
            &[
                "content-type: application/json",
                &format!("idempotency-key: {key}"),
            ],
            "{}",
        )
        .await;
    }
    for query in [
        "",
        "?",
        "?limit=0",
        "?limit=1&limit=2",
        "?%",
        "?limit=%31",
        "?cursor=x",
        "?status=",
        "?a=b&c",
        "?&&",
    ] {
        both.ask(&format!("GET /api/bookings{query}"), &[], "").await;
    }
    for id in [
        "x",
        "%00",
        "%ff",
        "%7B%7D",
        "01890A5D-AC96-774B-BCCE-B302099A8057",
        "%30",
        "a+b",
        "..%2F",
    ] {
        both.ask(&format!("GET /api/bookings/{id}"), &[], "")
            .await
            .is(404);
    }
    both.token = "nonsense".to_owned();
    both.ask("GET /api/auth/me", &[], "").await.is(401);
}

#[tokio::test]
async fn a_session_from_sign_up_to_sign_out() {
    let mut both = Both::new();
    let account = r#"{"email": "ada@example.com", "password": "correct horse battery", "role": "admin"}"#;
    let ada = both.tell("POST /api/auth/signup", account).await;
    ada.is(201);
    both.tell("POST /api/auth/signup", account).await.is(409);
    both.tell("POST /api/auth/login", account).await.is(200);
    both.tell(
        "POST /api/auth/login",
        r#"{"email": "ada@example.com", "password": "wrong"}"#,
    )
    .await
    .is(401);
    both.token = ada.member("access_token").unwrap();
    both.ask("GET /api/auth/me", &[], "").await.is(200);
    both.ask("HEAD /api/auth/me", &[], "").await.is(200);
    both.tell("POST /api/admin/events", EVENT).await.is(403);
    both.token.clear();
    both.ask("GET /api/auth/me", &[], "").await.is(401);
}

#[tokio::test]
async fn a_session_of_selling_and_counting() {
    let mut both = Both::new();
    let (admin, ada, bob) = (both.target.admin(), both.target.user(), both.target.user());
    both.token = admin.token().to_owned();
    let event = both.tell("POST /api/admin/events", EVENT).await.id();
    both.tell("POST /api/admin/events", r#"{"name": ""}"#)
        .await
        .is(422);
    let change = format!("PATCH /api/admin/events/{event}");
    both.tell(&change, r#"{"capacity": 4}"#).await.is(428);
    let versions = ["content-type: application/json", "if-match: \"1\""];
    both.ask(&change, &versions, r#"{"description": "By the sea"}"#)
        .await
        .is(200);
    both.ask(&change, &versions, "{}").await.is(412);

    both.token = ada.token().to_owned();
    let shown = both.ask(&format!("GET /api/events/{event}"), &[], "").await;
    let known = format!("if-none-match: {}", shown.is(200).header("etag"));
    both.ask(&format!("GET /api/events/{event}"), &[&known], "")
        .await
        .is(304);
    both.ask("GET /api/events?limit=1&q=LIGHT", &[], "").await.is(200);
    let book = format!("POST /api/events/{event}/book");
    let keyed = ["content-type: application/json", "idempotency-key: one"];
    let booking = both.ask(&book, &keyed, r#"{"quantity": 1}"#).await.id();
    both.ask(&book, &keyed, r#"{"quantity": 1}"#).await.is(201);
    both.ask(&book, &keyed, r#"{"quantity": 2}"#).await.is(422);
    let hold = both
        .tell(&format!("POST /api/events/{event}/holds"), r#"{"quantity": 2}"#)
        .await
        .id();
    both.tell(&book, r#"{"quantity": 1}"#).await.is(409);
    both.ask("GET /api/bookings?limit=1", &[], "")
        .await
        .is(200)
        .header("link");
    both.ask(&format!("POST /api/bookings/{hold}/extend"), &[], "")
        .await
        .is(409);
    both.tell(&format!("POST /api/bookings/{hold}/confirm"), "{}")
        .await
        .is(200);

    both.token = bob.token().to_owned();
    both.ask(&format!("GET /api/bookings/{booking}"), &[], "")
        .await
        .is(404);
    let entry = both
        .tell(
            &format!("POST /api/events/{event}/waitlist"),
            r#"{"quantity": 2}"#,
        )
        .await
        .id();
    both.ask(&format!("GET /api/waitlist/{entry}"), &[], "")
        .await
        .is(200);
    both.ask(&format!("POST /api/waitlist/{entry}/accept"), &[], "")
        .await
        .is(409);
    both.token = ada.token().to_owned();
    both.ask(&format!("POST /api/bookings/{hold}/cancel"), &[], "")
        .await
        .is(200);
    both.token = bob.token().to_owned();
    both.ask(&format!("DELETE /api/waitlist/{entry}"), &[], "")
        .await
        .is(409);
    both.ask("GET /api/waitlist", &[], "").await.is(200);

    both.token = admin.token().to_owned();
    for path in [
        format!("/api/events/{event}/availability"),
        format!("/api/events/{event}/seats"),
        format!("/api/admin/events/{event}/bookings"),
        format!("/api/admin/events/{event}/waitlist"),
        "/api/admin/analytics/overview".to_owned(),
        "/api/admin/analytics/popular".to_owned(),
        format!("/api/admin/analytics/events/{event}"),
        format!("/api/admin/analytics/events/{event}/sales?bucket=day"),
        "/health".to_owned(),
        "/health/ready".to_owned(),
    ] {
        both.ask(&format!("GET {path}"), &[], "").await.is(200);
        both.ask(&format!("GET {path}"), &["accept: text/csv"], "")
            .await
            .is(200);
        both.ask(&format!("HEAD {path}"), &[], "").await.is(200);
    }
    both.ask(&format!("POST /api/admin/events/{event}/cancel"), &[], "")
        .await
        .is(200);
}
