//! The suite that every backend runs, over one server a case.

#![expect(clippy::expect_used, reason = "a case ends where its own set-up fails")]

use async_trait::async_trait;
use evently_core::conformance::Harness;
use evently_core::store::Store;
use evently_redis::{RedisOptions, RedisStore};
use evently_testing::redis::{Options, Server};
use std::sync::Arc;

/// A server that is gone when its case is over.
#[derive(Debug)]
struct OneServer(Server);

#[async_trait]
impl Harness for OneServer {
    async fn open(&self) -> Arc<dyn Store> {
        let store = RedisStore::open(self.0.url(), RedisOptions::default()).await;
        Arc::new(store.expect("a store that opens"))
    }
}

async fn one_server() -> OneServer {
    OneServer(Server::start(Options::default()).await)
}

evently_core::conformance_suite!(open = one_server, durable);
