//! The suite of job queues on Redis Streams: on one server, and on a cluster.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use evently_core::clock::Clock;
use evently_core::conformance::queue::QueueHarness;
use evently_core::queue::{JobQueue, QueueSettings};
use evently_redis::StreamQueue;
use evently_testing::redis::{Aof, Cluster, Options, Server};
use std::fmt::Debug;
use std::sync::Arc;

/// A server or a cluster, and where it is.
#[derive(Debug)]
struct At<S> {
    url: String,
    _running: S,
}

#[async_trait]
impl<S: Debug + Send + Sync + 'static> QueueHarness for At<S> {
    async fn open(&self, settings: QueueSettings, clock: Arc<dyn Clock>) -> Arc<dyn JobQueue> {
        let queue = StreamQueue::connect(&self.url, settings).await;
        Arc::new(queue.expect("a server that answers").by_clock(clock))
    }
}

async fn server() -> At<Server> {
    let server = Server::start(Options::with(Aof::Off)).await;
    At {
        url: server.url().to_owned(),
        _running: server,
    }
}

async fn cluster() -> At<Cluster> {
    let cluster = Cluster::start(Options::with(Aof::Off)).await;
    At {
        url: cluster.url(),
        _running: cluster,
    }
}

mod on_a_server {
    evently_core::queue_suite!(open = super::server);
}

mod on_a_cluster {
    evently_core::queue_suite!(open = super::cluster);
}
