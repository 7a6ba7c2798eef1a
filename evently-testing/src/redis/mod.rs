//! Redis (or Valkey) servers and clusters, one for each test.
//!
//! Where a server comes from: `EVENTLY_TEST_REDIS` (a URL; each test has one of its databases to itself), else
//! `redis-server` or `valkey-server` on this machine, on a port and in a folder of its own, else a container. A test
//! that stops, kills or freezes its server needs it on this machine, and so does a cluster.

mod cluster;
mod container;
mod process;
mod server;
mod shared;

pub use cluster::Cluster;
pub use server::{Aof, Options, Server};

use std::time::{Duration, Instant};

/// How long a server may take to come up, and a state to be reached, before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within [`PATIENCE`].
async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A connection of a test's own; each answer may take as long as a server may.
async fn connect(url: &str) -> redis::RedisResult<redis::aio::MultiplexedConnection> {
    let client = redis::Client::open(url)?;
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(Duration::from_secs(1)))
        .set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// Whether a server answers and has read its data.
async fn answers(url: &str) -> bool {
    let Ok(mut connection) = connect(url).await else {
        return false;
    };
    redis::cmd("PING").exec_async(&mut connection).await.is_ok()
}
