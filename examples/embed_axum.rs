//! Evently in an axum application of your own, under a prefix, for people whom your application has signed in.
//! `cargo run -p evently-examples --example embed_axum`

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use axum::{Router, routing::get};
use evently_core::domain::{EventDraft, UserId};
use evently_core::{Caller, Evently, Timestamp, memory::MemoryStore};
use evently_http::Api;
use evently_http::auth::{Authenticator, NotAuthenticated, SignIn};
use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt;

/// The sessions of your application: here a table, elsewhere whatever knows your cookies.
#[derive(Debug)]
struct Sessions(HashMap<String, Caller>);

#[async_trait]
impl Authenticator for Sessions {
    async fn authenticate(
        &self,
        headers: &HeaderMap,
        _now: Timestamp,
    ) -> Result<Option<Caller>, NotAuthenticated> {
        let Some(cookies) = headers.get(header::COOKIE) else {
            return Ok(None);
        };
        let cookies = cookies.to_str().map_err(|_| NotAuthenticated)?;
        let session = cookies
            .split("; ")
            .find_map(|cookie| cookie.strip_prefix("session="));
        let Some(session) = session else {
            return Ok(None);
        };
        self.0.get(session).copied().map(Some).ok_or(NotAuthenticated)
    }
}

/// The application: what it serves itself, and Evently under `/tickets`.
fn app(evently: Evently, sessions: Sessions) -> Router {
    let api = Api::builder(evently, SignIn::external(sessions)).build();
    Router::new()
        .route("/", get(|| async { "The harbour hall's own page" }))
        .nest("/tickets", evently_axum::router(api))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    let ada = Caller::user(UserId::from_uuid(evently.new_id()));
    let start = evently.now() + Duration::from_secs(86_400);
    let end = start + Duration::from_secs(7_200);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", start, end, 100);
    let event = evently.create_event(&admin, draft).await?.event;
    let app = app(evently, Sessions(HashMap::from([("ada's".to_owned(), ada)])));

    // A server would be `axum::serve(listener, app)`. Here are two requests, straight to the application.
    let path = format!("/tickets/api/events/{}/book", event.id);
    let book = |cookie: &str| {
        Request::post(&path)
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(r#"{"quantity": 2}"#))
    };
    let booked = app.clone().oneshot(book("session=ada's")?).await?;
    println!("with a session: {}", summary(booked, StatusCode::CREATED)?);
    let refused = app.oneshot(book("session=somebody's")?).await?;
    println!("without: {}", summary(refused, StatusCode::UNAUTHORIZED)?);
    Ok(())
}

/// The answer in short, if it is the expected one.
fn summary(response: Response, expected: StatusCode) -> Result<String, String> {
    let location = response.headers().get(header::LOCATION);
    let place = location
        .and_then(|value| value.to_str().ok())
        .unwrap_or("nowhere");
    let summary = format!("{}, {place}", response.status());
    if response.status() == expected {
        Ok(summary)
    } else {
        Err(summary)
    }
}
