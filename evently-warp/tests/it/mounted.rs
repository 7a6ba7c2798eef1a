//! The routes in an application of somebody else's: on warp's own server, at the root or under a prefix.

use evently_core::{Evently, memory::MemoryStore};
use evently_http::Api;
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::{self, Target};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use warp::Filter;
use warp::filters::BoxedFilter;
use warp::reply::Response;

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
    /// An application with the API at its root.
    pub(crate) async fn start() -> Self {
        Self::serve("", evently_warp::routes).await
    }

    /// An application with the API behind these two segments.
    pub(crate) async fn start_below(first: &'static str, second: &'static str) -> Self {
        let prefix = warp::path(first).and(warp::path(second));
        let app = |api| prefix.and(evently_warp::routes(api)).boxed();
        Self::serve(&format!("/{first}/{second}"), app).await
    }

    async fn serve(prefix: &str, app: impl FnOnce(Api) -> BoxedFilter<(Response,)>) -> Self {
        let secret = JwtSecret::random();
        let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
        let api = Api::builder(evently, SignIn::accounts(secret.clone())).build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}{prefix}", listener.local_addr().unwrap());
        let serving = warp::serve(app(api)).incoming(listener);
        Self {
            target: Target::new(base_url, &secret),
            serving: tokio::spawn(serving.run()),
        }
    }
}

#[tokio::test]
async fn under_a_prefix_paths_in_answers_carry_it() {
    let app = Mounted::start_below("box-office", "tickets").await;
    conformance::mounted::under_a_prefix_paths_in_answers_carry_it(app.as_ref()).await;
}
