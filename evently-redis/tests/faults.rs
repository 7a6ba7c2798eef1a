//! A server that is killed, and one that freezes, while bookings run.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod booking;

use booking::{Record, event, open};
use evently_core::store::Durability;
use evently_testing::redis::{Aof, Options, Server};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let mut server = Server::start_here(Options::with(Aof::Always)).await;
    let evently = open(server.url(), Durability::Durable).await;
    let event = event(&evently, 1_000_000).await;
    let record = Record::default();
    let booking = record.book(&evently, event, 8);
    const KILLS: usize = 5;
    for _ in 0..KILLS {
        record.acknowledged_more(200).await;
        server.kill();
        record.failed_more(1).await;
        server.restart().await;
    }
    record.acknowledged_more(200).await;
    booking.stop().await;
    let (lost, unknown) = record.check(&evently, event).await;
    let (acknowledged, failed) = (record.len(), record.failed());
    println!(
        "server killed {KILLS} times: {acknowledged} acknowledged, {lost} lost, {failed} calls failed, {unknown} of \
         these are stored"
    );
    assert_eq!(lost, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_fails_calls_in_time_and_loses_nothing() {
    let mut server = Server::start_here(Options::default()).await;
    let evently = open(server.url(), Durability::Durable).await;
    let event = event(&evently, 1_000_000).await;
    let record = Record::default();
    let booking = record.book(&evently, event, 8);
    record.acknowledged_more(200).await;
    let begun = Instant::now();
    server.freeze();
    // Three seconds, and a call that failed meanwhile.
    record.failed_more(1).await;
    let failed_after = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(3).saturating_sub(begun.elapsed())).await;
    server.thaw();
    record.acknowledged_more(200).await;
    booking.stop().await;
    let (lost, unknown) = record.check(&evently, event).await;
    println!(
        "server frozen for 3 s: {} acknowledged, {lost} lost, the first call failed after {failed_after:?}, {unknown} \
         stored without an answer",
        record.len()
    );
    assert_eq!(lost, 0);
}
