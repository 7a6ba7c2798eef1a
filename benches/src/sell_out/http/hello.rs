//! The limit over HTTP: a server that checks the token, reads the JSON and answers a little JSON, in the framework
//! of the adapter it stands beside. `GET /hello` tells how often it did so.

use super::Failure;
use crate::args::{Framework, Hello};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use warp::Filter;

/// The environment variable with the tokens' secret.
pub(crate) const SECRET: &str = "EVENTLY_BENCH_SECRET";

struct Greeter {
    key: DecodingKey,
    validation: Validation,
    greeted: AtomicU64,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
}

#[derive(Deserialize)]
struct Asked {
    quantity: u32,
}

#[derive(Serialize)]
struct Greeting {
    hello: String,
    quantity: u32,
}

impl Greeter {
    fn new(secret: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["sub", "exp", "iss", "aud"]);
        validation.set_issuer(&["evently"]);
        validation.set_audience(&["evently"]);
        Self {
            key: DecodingKey::from_secret(secret.as_bytes()),
            validation,
            greeted: AtomicU64::new(0),
        }
    }

    fn greet(&self, authorization: &str, body: &[u8]) -> Option<String> {
        let token = authorization.strip_prefix("Bearer ")?;
        let claims = decode::<Claims>(token, &self.key, &self.validation).ok()?.claims;
        let asked: Asked = serde_json::from_slice(body).ok()?;
        self.greeted.fetch_add(1, Relaxed);
        let greeting = Greeting {
            hello: claims.sub,
            quantity: asked.quantity,
        };
        serde_json::to_string(&greeting).ok()
    }

    fn greeted(&self) -> String {
        self.greeted.load(Relaxed).to_string()
    }
}

/// Serves until the process ends.
pub(crate) async fn serve(args: &Hello) -> Result<(), Failure> {
    let greeter = Arc::new(Greeter::new(&std::env::var(SECRET)?));
    match args.framework {
        Framework::Axum => {
            let hello = post(greet_in_axum)
                .get(|State(greeter): State<Arc<Greeter>>| async move { greeter.greeted() });
            let router = axum::Router::new().route("/hello", hello).with_state(greeter);
            let listener = tokio::net::TcpListener::bind(args.address).await?;
            axum::serve(listener, router).await?;
        }
        Framework::Warp => {
            let hello = || warp::path!("hello");
            let counting = Arc::clone(&greeter);
            let told = hello().and(warp::get()).map(move || counting.greeted());
            let greeted = hello()
                .and(warp::post())
                .and(warp::header("authorization"))
                .and(warp::body::bytes())
                .map(
                    move |authorization: String, body: Bytes| match greeter.greet(&authorization, &body) {
                        Some(greeting) => answer_in_warp(StatusCode::CREATED, greeting),
                        None => answer_in_warp(StatusCode::UNAUTHORIZED, String::new()),
                    },
                );
            warp::serve(told.or(greeted)).run(args.address).await;
        }
    }
    Ok(())
}

async fn greet_in_axum(
    State(greeter): State<Arc<Greeter>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(header::HeaderName, &'static str); 1], String) {
    let authorization = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let greeting = authorization.and_then(|authorization| greeter.greet(authorization, &body));
    let status = match greeting {
        Some(_) => StatusCode::CREATED,
        None => StatusCode::UNAUTHORIZED,
    };
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, greeting.unwrap_or_default())
}

fn answer_in_warp(status: StatusCode, body: String) -> impl warp::Reply {
    let json = warp::reply::with_header(body, "content-type", "application/json");
    warp::reply::with_status(json, status)
}
