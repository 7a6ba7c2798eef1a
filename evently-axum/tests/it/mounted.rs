//! The router in an application of somebody else's: on axum's own server, at the root or under a prefix.

use crate::process::SECRET;
use axum::Router;
use evently_core::{Evently, memory::MemoryStore};
use evently_http::Api;
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::Target;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// An application that serves the API.
pub(crate) struct Mounted {
    target: Target,
    serving: JoinHandle<()>,
}

impl AsRef<Target> for Mounted {
    fn as_ref(&self) -> &Target {
        &self.target
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Mounted {
    /// An application with the API under this prefix.
    pub(crate) async fn start(prefix: &str) -> Self {
        Self::over(prefix, Evently::builder(Arc::new(MemoryStore::new())).build()).await
    }

    /// The same over this engine.
    pub(crate) async fn over(prefix: &str, evently: Evently) -> Self {
        let secret = JwtSecret::new(SECRET.as_bytes()).unwrap();
        let api = Api::builder(evently, SignIn::accounts(secret.clone())).build();
        let router = evently_axum::router(api);
        let app = if prefix.is_empty() {
            router
        } else {
            Router::new().nest(prefix, router)
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}{prefix}", listener.local_addr().unwrap());
        let service = app.into_make_service_with_connect_info::<SocketAddr>();
        Self {
            target: Target::new(base_url, &secret),
            serving: tokio::spawn(async move { axum::serve(listener, service).await.unwrap() }),
        }
    }
}

#[tokio::test]
async fn under_a_prefix_paths_in_answers_carry_it() {
    let app = Mounted::start("/tickets").await;
    let admin = app.target.admin();
    let event = json!({
        "name": "Kites", "venue": "Dunes", "capacity": 5,
        "starts_at": "2100-01-01T10:00:00Z", "ends_at": "2100-01-01T12:00:00Z",
    });
    let id = admin.post("/api/admin/events", event).await.ok(201)["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let book = format!("/api/events/{id}/book");
    let booked = admin.post(&book, json!({"quantity": 1})).await;
    let location = booked.header("location");
    assert!(location.starts_with("/tickets/api/bookings/"), "{location}");
    admin.post(&book, json!({"quantity": 1})).await.ok(201);

    let page = admin.get("/api/bookings?limit=1").await;
    let link = page.header("link");
    assert!(link.starts_with("</tickets/api/bookings?"), "{link}");

    let missing = admin.get("/api/no/such").await;
    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()["instance"], "/tickets/api/no/such");
    let wrong = admin.delete("/api/events").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD"));
}

/// Every route of the contract has its axum route, and with the same methods.
#[tokio::test]
async fn every_route_of_the_contract_is_served() {
    let app = Mounted::start("").await;
    for route in evently_http::routes::ROUTES {
        let path = route.path.replace("{id}", "00000000-0000-7000-8000-000000000000");
        let guest = app.target.guest();
        let answer = guest.send(route.method.clone(), &path, &[], None).await;
        // That nobody is signed in, and that there is no such event, are an operation's answers.
        let is_unrouted = answer.status == 405 || (answer.status == 404 && !route.path.contains("{id}"));
        assert!(!is_unrouted, "{} {}: {}", route.method, route.path, answer.status);
    }
}
