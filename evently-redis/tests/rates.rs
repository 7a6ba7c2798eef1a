//! Rate limits that several processes share.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use evently_core::conformance::ManualClock;
use evently_redis::{Allowance, SharedRates};
use evently_testing::redis::{Aof, Options, Server};
use std::sync::Arc;
use std::time::Duration;

/// How long a request takes to come back, in these tests.
const EACH: Duration = Duration::from_millis(100);

async fn two_processes() -> (Server, Arc<ManualClock>, [SharedRates; 2]) {
    let server = Server::start(Options::with(Aof::Off)).await;
    let clock = Arc::new(ManualClock::default());
    let connect = async || {
        let rates = SharedRates::connect(server.url())
            .await
            .expect("a server that answers");
        rates.by_clock(Arc::clone(&clock) as _)
    };
    let both = [connect().await, connect().await];
    (server, clock, both)
}

#[tokio::test]
async fn what_one_process_counts_the_other_sees() {
    let (_server, clock, [here, there]) = two_processes().await;
    for remaining in (0..5).rev() {
        let rates = if remaining % 2 == 0 { &here } else { &there };
        let expected = Allowance {
            remaining,
            reset: EACH * (5 - remaining),
            retry_after: None,
        };
        assert_eq!(rates.admit("user:ada", EACH, 5).await.unwrap(), expected);
    }
    let refused = there.admit("user:ada", EACH, 5).await.unwrap();
    assert_eq!((refused.remaining, refused.retry_after), (0, Some(EACH)));
    assert!(
        here.admit("user:bob", EACH, 5)
            .await
            .unwrap()
            .retry_after
            .is_none()
    );
    clock.advance(EACH / 2);
    let refused = here.admit("user:ada", EACH, 5).await.unwrap();
    assert_eq!(refused.retry_after, Some(EACH / 2), "a refusal counts nothing");
    clock.advance(EACH / 2);
    assert!(
        there
            .admit("user:ada", EACH, 5)
            .await
            .unwrap()
            .retry_after
            .is_none()
    );
    clock.advance(EACH * 100);
    assert_eq!(
        here.admit("user:ada", EACH, 5).await.unwrap().remaining,
        4,
        "no more than a burst is saved up"
    );
}

#[tokio::test]
async fn a_count_that_is_taken_back_is_free_again() {
    let (_server, _clock, [here, there]) = two_processes().await;
    for _ in 0..3 {
        assert_eq!(here.admit("sign_in", EACH, 1).await.unwrap().retry_after, None);
        there.take_back("sign_in", EACH).await.unwrap();
    }
    here.take_back("nobody", EACH).await.unwrap();
    assert_eq!(here.admit("sign_in", EACH, 1).await.unwrap().retry_after, None);
    assert_eq!(
        there.admit("sign_in", EACH, 1).await.unwrap().retry_after,
        Some(EACH)
    );
}

#[tokio::test]
async fn a_rush_over_two_processes_gets_its_burst_and_no_more() {
    let (_server, _clock, both) = two_processes().await;
    let mut asked = tokio::task::JoinSet::new();
    for rates in both {
        asked.spawn(async move {
            let mut counted = 0;
            for _ in 0..50 {
                let answer = rates.admit("user:ada", EACH, 30).await.unwrap();
                counted += usize::from(answer.retry_after.is_none());
            }
            counted
        });
    }
    assert_eq!(asked.join_all().await.iter().sum::<usize>(), 30);
}

#[tokio::test]
async fn a_frozen_server_holds_nobody_up_for_long() {
    let mut server = Server::start_here(Options::with(Aof::Off)).await;
    let rates = SharedRates::connect(server.url())
        .await
        .expect("a server that answers");
    server.freeze();
    let asked = std::time::Instant::now();
    let error = rates
        .admit("user:ada", EACH, 5)
        .await
        .expect_err("nobody answers");
    assert!(error.is_transient(), "{error}");
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}
