//! Opening a store: what is refused, in which words.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_core::store::{Durability, Store};
use evently_redis::{OpenError, RedisOptions, RedisStore};
use evently_testing::redis::{Aof, Options, Server};
use std::time::{Duration, Instant};

async fn refusal(url: &str, options: RedisOptions) -> OpenError {
    RedisStore::open(url, options).await.map(drop).unwrap_err()
}

fn accepting(accept: Durability) -> RedisOptions {
    RedisOptions {
        accept,
        ..RedisOptions::default()
    }
}

#[tokio::test]
async fn what_a_server_keeps_is_told_and_less_must_be_accepted() {
    for (aof, durability) in [
        (Aof::Always, Durability::Durable),
        (Aof::EverySecond, Durability::BoundedLoss),
        (Aof::Off, Durability::Volatile),
    ] {
        let server = Server::start_here(Options::with(aof)).await;
        let store = RedisStore::open(server.url(), accepting(durability))
            .await
            .unwrap();
        assert_eq!(store.durability(), durability);
        if durability != Durability::Durable {
            let refused = refusal(server.url(), RedisOptions::default()).await;
            let line = refused.to_string();
            assert!(
                line.contains(&format!("?accept={}", durability.as_str())),
                "{line}"
            );
            assert!(!line.contains('\n'), "{line}");
        }
    }
}

#[tokio::test]
async fn a_server_that_throws_data_away_is_refused() {
    let options = Options {
        more: vec!["--maxmemory-policy".to_owned(), "allkeys-lru".to_owned()],
        ..Options::default()
    };
    let server = Server::start_here(options).await;
    let refused = refusal(server.url(), accepting(Durability::Volatile)).await;
    assert_eq!(
        refused.to_string(),
        "its maxmemory-policy is allkeys-lru: it would throw bookings away; set it to noeviction"
    );
}

#[tokio::test]
async fn a_server_that_does_not_tell_is_taken_at_its_owners_word() {
    let options = Options {
        more: ["--rename-command", "CONFIG", ""].map(str::to_owned).into(),
        ..Options::default()
    };
    let server = Server::start_here(options).await;
    let untold = refusal(server.url(), RedisOptions::default()).await.to_string();
    assert!(untold.contains("?durability="), "{untold}");
    let said = RedisOptions {
        durability: Some(Durability::Durable),
        ..RedisOptions::default()
    };
    let store = RedisStore::open(server.url(), said).await.unwrap();
    assert_eq!(store.durability(), Durability::Durable);
}

#[tokio::test]
async fn an_unreachable_server_is_an_error_in_time_that_tells_no_password() {
    let begun = Instant::now();
    let refused = refusal("redis://:hunter2@127.0.0.1:1", RedisOptions::default()).await;
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    let text = format!("{refused} {refused:?}");
    assert!(
        !text.contains("hunter2") && !refused.to_string().contains('\n'),
        "{text}"
    );
    assert!(matches!(refused, OpenError::Storage { source } if source.is_transient()));
}

#[tokio::test]
async fn what_is_no_url_is_refused() {
    assert!(matches!(
        refusal("localhost", RedisOptions::default()).await,
        OpenError::InvalidUrl
    ));
}

/// Without TLS built in, this would be refused for good.
#[tokio::test]
async fn a_server_without_tls_fails_the_handshake() {
    let server = Server::start_here(Options::default()).await;
    let url = server.url().replace("redis://", "rediss://");
    let begun = Instant::now();
    let refused = refusal(&url, RedisOptions::default()).await;
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    assert!(matches!(refused, OpenError::Storage { source } if source.is_transient()));
}
