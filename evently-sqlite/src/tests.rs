//! What needs a hand inside: a full disk, a full queue, a query without end, a log that grows.

use crate::checkpoint::LOG_LIMIT_BYTES;
use crate::{SqliteOptions, SqliteStore};
use evently_core::domain::{EventDraft, UserId};
use evently_core::requests::BookRequest;
use evently_core::store::{Store, StoreError};
use evently_core::{Caller, Error, Evently};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

fn open(options: SqliteOptions) -> (Arc<SqliteStore>, PathBuf, TempDir) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evently.db");
    let store = SqliteStore::open(&path, options).unwrap();
    (Arc::new(store), path, folder)
}

/// Lets the file grow by so many pages and no further: what a full disk looks like.
async fn leave_room(store: &SqliteStore, pages: u32) {
    let limit = move |connection: &rusqlite::Connection, _| {
        let count: u32 = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        connection.pragma_update(None, "max_page_count", count + pages)?;
        Ok(())
    };
    store.writer.ask(limit).await.unwrap();
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_got_over() {
    let (store, _path, _folder) = open(SqliteOptions::default());
    let evently = Evently::builder(store.clone()).build();
    let start = evently.now() + Duration::from_secs(86_400);
    let draft = EventDraft::general(
        "Lighthouse",
        "Hall",
        start,
        start + Duration::from_secs(60),
        1_000_000,
    );
    let admin = Caller::admin(UserId::from_uuid(Uuid::nil()));
    let event = evently.create_event(&admin, draft).await.unwrap().event.id;
    let ada = Caller::user(UserId::from_uuid(evently.new_id()));
    let request = |number: usize| BookRequest {
        key: Some(format!("key-{number}").parse().unwrap()),
        ..BookRequest::quantity(1)
    };

    leave_room(&store, 2).await;
    let mut booked = 0;
    let error = loop {
        match evently.book(&ada, event, request(booked)).await {
            Ok(_) => booked += 1,
            Err(error) => break error,
        }
    };
    assert!(booked > 0);
    assert!(
        matches!(&error, Error::Store(error) if error.is_transient()),
        "{error}"
    );
    assert!(error.to_string().contains("database or disk is full"), "{error}");
    let sold = || async { evently.event(None, event).await.unwrap().counts[0].sold };
    assert_eq!(sold().await as usize, booked);

    leave_room(&store, 1_000).await;
    let placed = evently.book(&ada, event, request(booked)).await.unwrap();
    assert!(!placed.replayed, "what was answered with an error had an effect");
    assert_eq!(sold().await as usize, booked + 1);
    assert_eq!(evently.verify(|_| ()).await.unwrap().wrong, []);
}

#[tokio::test]
async fn more_than_may_wait_is_turned_away() {
    let (store, _path, _folder) = open(SqliteOptions {
        max_waiting: 1,
        ..SqliteOptions::default()
    });
    let (began, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let first = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            let work = move |_: &rusqlite::Connection, _| {
                let _ = began.send(());
                let _ = may_go_on.recv();
                Ok(())
            };
            store.writer.ask(work).await
        }
    });
    tokio::task::yield_now().await;
    has_begun.recv().unwrap();

    let second = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.writer.ask(|_, _| Ok(())).await }
    });
    tokio::task::yield_now().await;
    let third: Result<(), StoreError> = store.writer.ask(|_, _| Ok(())).await;
    let turned_away = third.unwrap_err();
    assert!(turned_away.is_transient());
    assert_eq!(
        turned_away.to_string(),
        "sqlite: too many calls wait for the file"
    );

    go_on.send(()).unwrap();
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_query_without_end_is_stopped() {
    let (store, _path, _folder) = open(SqliteOptions {
        deadline: Duration::from_millis(50),
        readers: 1,
        ..SqliteOptions::default()
    });
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    let stopped: Result<u64, _> = store
        .readers
        .ask(|connection| Ok(connection.query_row(endless, [], |row| row.get(0))?))
        .await;
    assert!(stopped.unwrap_err().is_transient());
    // The one reader is free again; it may take a moment to notice.
    while store.ping().await.is_err() {}
}

#[tokio::test]
async fn the_log_does_not_grow_without_end() {
    let (store, path, _folder) = open(SqliteOptions::default());
    // Three times the limit in all, the same megabyte over and over.
    let megabytes = 3 * LOG_LIMIT_BYTES / (1 << 20);
    let fill = "INSERT INTO account VALUES (x'00', 'a@b.c', NULL, 'user', hex(zeroblob(524288)), 0, ?1)
                ON CONFLICT DO UPDATE SET created_at = excluded.created_at,
                    password_hash = excluded.password_hash";
    for number in 0..megabytes {
        let work = move |connection: &rusqlite::Connection, _| {
            connection.execute(fill, [number])?;
            Ok(())
        };
        store.writer.ask(work).await.unwrap();
    }
    let log = std::fs::metadata(path.with_extension("db-wal")).unwrap().len();
    assert!(
        log < 2 * LOG_LIMIT_BYTES.unsigned_abs(),
        "the log has {log} bytes"
    );
    store.close().await;
}
