//! The suite that every backend runs, case after case over one cluster; and bookings while the cluster changes.
//!
//! Forming a cluster takes seconds, so that one serves all cases, emptied between them; each case that does not hold
//! is named.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod booking;

use async_trait::async_trait;
use booking::{Record, event, open};
use evently_core::conformance::{Harness, Verdict, cases, try_case};
use evently_core::store::{Durability, Store};
use evently_redis::{RedisOptions, RedisStore};
use evently_testing::redis::{Aof, Cluster, Options};
use std::sync::Arc;
use std::time::Duration;

/// What is opened again and again is the same cluster.
#[derive(Debug)]
struct OneCluster(String);

#[async_trait]
impl Harness for OneCluster {
    async fn open(&self) -> Arc<dyn Store> {
        let options = RedisOptions {
            accept: Durability::Volatile,
            ..RedisOptions::default()
        };
        let store = RedisStore::open(&self.0, options).await;
        Arc::new(store.expect("a store that opens"))
    }
}

#[test]
fn every_case_holds_on_a_cluster() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cluster = runtime.block_on(Cluster::start(Options::with(Aof::Off)));
    let mut held = 0;
    let mut failed = Vec::new();
    for case in cases() {
        runtime.block_on(cluster.clear());
        let url = cluster.url();
        match try_case(*case, || async move { OneCluster(url) }, Duration::from_secs(120)) {
            Verdict::Held => held += 1,
            Verdict::Failed(why) => failed.push(format!("{}: {why}", case.name)),
        }
    }
    println!("cluster: {held} cases held, {} did not", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_move_while_bookings_run() {
    let cluster = Cluster::start(Options::default()).await;
    let evently = open(&cluster.url(), Durability::Durable).await;
    let event = event(&evently, 1_000_000).await;
    let record = Record::default();
    let booking = record.book(&evently, event, 8);
    let key = format!("evently:{{{event}}}:inventory");
    let slot = cluster.slot_of(&key).await;
    let home = cluster.master_of(&key).await;
    let mut at = home;
    for next in [(home + 1) % 3, (home + 2) % 3, home] {
        record.acknowledged_more(50).await;
        cluster.move_slot(slot, at, next).await;
        at = next;
    }
    record.acknowledged_more(50).await;
    booking.stop().await;
    let (lost, unknown) = record.check(&evently, event).await;
    println!(
        "slot moved 3 times: {} acknowledged, {lost} lost, {unknown} without an answer",
        record.len()
    );
    assert_eq!(lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_takes_over() {
    let mut cluster = Cluster::start(Options::default()).await;
    let evently = open(&cluster.url(), Durability::Durable).await;
    // An event of the first master's.
    let event = loop {
        let event = event(&evently, 1_000_000).await;
        if cluster.master_of(&format!("evently:{{{event}}}:inventory")).await == 0 {
            break event;
        }
    };
    let record = Record::default();
    let booking = record.book(&evently, event, 8);
    record.acknowledged_more(500).await;
    cluster.kill_first();
    cluster.replica_took_over().await;
    let before = record.len();
    record.acknowledged_more(100).await;
    booking.stop().await;
    let (lost, unknown) = record.check(&evently, event).await;
    println!(
        "master killed: {before} acknowledged before its replica took over, {lost} lost, {unknown} without an answer"
    );
    // Replication is asynchronous: a few of the last moments may be lost, never more.
    assert!(lost <= 8 * 16, "{lost} lost");
}
