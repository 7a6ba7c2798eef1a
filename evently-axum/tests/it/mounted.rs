//! The router in an application of somebody else's: on axum's own server, at the root or under a prefix.

use axum::Router;
use evently_core::{Evently, memory::MemoryStore};
use evently_http::Api;
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::{self, Target};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// An application that serves the API; it ends with the value.
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
        let secret = JwtSecret::random();
        let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
        let api = Api::builder(evently, SignIn::accounts(secret.clone())).build();
        let router = evently_axum::router(api);
        let app = if prefix.is_empty() {
            router
        } else {
            Router::new().nest(prefix, router)
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
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
    conformance::mounted::under_a_prefix_paths_in_answers_carry_it(app.as_ref()).await;
}
