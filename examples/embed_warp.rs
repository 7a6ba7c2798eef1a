//! Evently in a warp application of your own, behind a prefix, with accounts of its own.
//! `cargo run -p evently-examples --example embed_warp`

use evently_core::{Evently, memory::MemoryStore};
use evently_http::Api;
use evently_http::auth::{JwtSecret, SignIn};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use std::error::Error;
use std::sync::Arc;
use tower::ServiceExt;
use warp::filters::BoxedFilter;
use warp::{Filter, Reply};

/// The application: what it serves itself, and Evently behind `/tickets`.
fn app(evently: Evently) -> BoxedFilter<(impl Reply,)> {
    // A secret of your configuration, so that a restart signs nobody out.
    let secret = JwtSecret::random();
    let api = Api::builder(evently, SignIn::accounts(secret)).build();
    let own = warp::path::end().map(|| "The harbour hall's own page");
    let tickets = warp::path("tickets").and(evently_warp::routes(api));
    own.or(tickets).boxed()
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
    let app = warp::service(app(evently));

    // A server would be `warp::serve(app).run(([127, 0, 0, 1], 8080))`. Here are two requests, straight to the
    // application.
    let account = r#"{"email": "ada@example.com", "password": "correct horse battery"}"#;
    let sign_up = Request::post("/tickets/api/auth/signup")
        .header("content-type", "application/json")
        .body(account.to_owned())?;
    let signed_up = app.clone().oneshot(sign_up).await?;
    println!("signing up: {}", signed_up.status());
    if signed_up.status() != StatusCode::CREATED {
        return Err("nobody was signed up".into());
    }
    let list = Request::get("/tickets/api/events").body(String::new())?;
    let events = app.oneshot(list).await?.into_body().collect().await?;
    println!("events: {}", String::from_utf8_lossy(&events.to_bytes()));
    Ok(())
}
