//! The suite of leases by Redlock: on one server, on three, and on three of which one is down.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use evently_core::conformance::lease::LeaseHarness;
use evently_core::lease::Leases;
use evently_redis::RedlockLeases;
use evently_testing::redis::{Aof, Options, Server};
use std::sync::Arc;
use std::time::Duration;

/// Servers that know nothing of each other.
#[derive(Debug)]
struct Servers(Vec<Server>);

impl Servers {
    async fn start(count: usize) -> Self {
        let mut servers = Vec::new();
        for _ in 0..count {
            servers.push(Server::start_here(Options::with(Aof::Off)).await);
        }
        Self(servers)
    }

    fn urls(&self) -> Vec<&str> {
        self.0.iter().map(Server::url).collect()
    }

    async fn leases(&self) -> RedlockLeases {
        let leases = RedlockLeases::connect(&self.urls()).await;
        leases.expect("a majority that answers")
    }
}

#[async_trait]
impl LeaseHarness for Servers {
    async fn open(&self) -> Arc<dyn Leases> {
        Arc::new(self.leases().await)
    }
}

async fn one() -> Servers {
    Servers::start(1).await
}

async fn three() -> Servers {
    Servers::start(3).await
}

async fn two_of_three() -> Servers {
    let mut servers = Servers::start(3).await;
    servers.0[1].kill();
    servers
}

mod on_one_server {
    evently_core::lease_suite!(open = super::one);
}

mod on_three_servers {
    evently_core::lease_suite!(open = super::three);
}

mod with_one_of_three_down {
    evently_core::lease_suite!(open = super::two_of_three);
}

/// A lease's time in these tests.
const TTL: Duration = Duration::from_secs(60);

#[tokio::test]
async fn without_a_majority_nobody_is_told_that_a_lease_is_taken() {
    let mut servers = three().await;
    let leases = servers.leases().await;
    let lease = leases.acquire("sweeper", "ada", TTL).await.expect("all answer");
    let lease = lease.expect("nobody has it");
    servers.0[0].kill();
    servers.0[2].kill();
    assert!(leases.acquire("partition", "ada", TTL).await.is_err());
    let error = leases.renew(&lease, TTL).await.expect_err("two are down");
    assert!(error.is_transient(), "{error}");
    let error = RedlockLeases::connect(&servers.urls())
        .await
        .expect_err("two are down");
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn a_server_that_lost_everything_still_gives_out_higher_tokens() {
    let mut servers = one().await;
    let leases = servers.leases().await;
    let before = leases.acquire("sweeper", "ada", TTL).await.expect("it answers");
    servers.0[0].kill();
    servers.0[0].restart().await;
    let renewed = loop {
        // The first call may meet the cut connection.
        if let Ok(renewed) = leases.renew(before.as_ref().expect("nobody had it"), TTL).await {
            break renewed;
        }
    };
    assert_eq!(renewed, None, "the server has forgotten it");
    let after = leases.acquire("sweeper", "bob", TTL).await.expect("it answers");
    let token = |lease: Option<evently_core::lease::Lease>| lease.expect("it is free").token;
    assert!(token(after) > token(before));
}
