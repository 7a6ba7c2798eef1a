//! A process that is killed, and one that shares its file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_core::clock::{IdSource, RandomIds};
use evently_core::domain::{BookingId, EventDraft, EventId, UserId};
use evently_core::requests::BookRequest;
use evently_core::store::{Store, UserStore};
use evently_core::{Caller, Evently};
use evently_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Where the child finds its file. Without it the child's test books a little in a file of its own.
const FILE: &str = "EVENTLY_SQLITE_CHILD";

fn open(path: &Path, busy_timeout: Duration) -> Arc<SqliteStore> {
    let options = SqliteOptions {
        busy_timeout,
        ..SqliteOptions::default()
    };
    Arc::new(SqliteStore::open(path, options).unwrap())
}

fn engine(path: &Path) -> Evently {
    Evently::builder(open(path, Duration::from_secs(10))).build()
}

fn admin() -> Caller {
    Caller::admin(UserId::from_uuid(uuid::Uuid::nil()))
}

async fn event(evently: &Evently) -> EventId {
    let start = evently.now() + Duration::from_secs(86_400);
    let end = start + Duration::from_secs(7_200);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", start, end, 10_000_000);
    evently.create_event(&admin(), draft).await.unwrap().event.id
}

/// Books one ticket and answers once it is acknowledged.
async fn book(evently: &Evently, event: EventId) -> BookingId {
    let ada = Caller::user(UserId::from_uuid(evently.new_id()));
    let placed = evently.book(&ada, event, BookRequest::quantity(1)).await.unwrap();
    placed.booking().unwrap().id
}

async fn assert_recount(evently: &Evently) {
    let report = evently.verify(|_| ()).await.unwrap();
    assert_eq!(report.wrong, [], "a recount differs");
}

/// The killed child's life: four callers book and print what was acknowledged, until the process ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_booked_in_a_loop_is_printed() {
    let own = TempDir::new().unwrap();
    let (path, rounds) = match std::env::var_os(FILE) {
        Some(path) => (path.into(), usize::MAX),
        None => (own.path().join("evently.db"), 3),
    };
    let evently = engine(&path);
    let event = event(&evently).await;
    let callers = (0..4).map(|_| {
        let evently = evently.clone();
        tokio::spawn(async move {
            for _ in 0..rounds {
                let id = book(&evently, event).await;
                writeln!(std::io::stdout().lock(), "booked {id}").unwrap();
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_recount(&evently).await;
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evently.db");
    let mut acknowledged: Vec<BookingId> = Vec::new();
    for kill_after in [1, 40, 200] {
        acknowledged.extend(book_until_killed(&path, kill_after));
        let evently = engine(&path);
        for id in &acknowledged {
            let found = evently.store().booking(*id).await.unwrap();
            assert!(found.is_some(), "booking {id} was acknowledged and is lost");
        }
        assert_recount(&evently).await;
        evently.shutdown().await;
        evently.store().close().await;
    }
}

/// Runs the child until it has acknowledged so many bookings and kills it at once: all that it acknowledged.
fn book_until_killed(path: &Path, bookings: usize) -> Vec<BookingId> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "what_is_booked_in_a_loop_is_printed", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = Vec::new();
    for line in lines {
        let line = line.unwrap_or_default();
        if let Some((_, id)) = line.split_once("booked ") {
            acknowledged.extend(id.parse::<BookingId>());
        }
        if acknowledged.len() == bookings {
            // SIGKILL; what it had printed by then is still read.
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= bookings, "the child ended by itself");
    acknowledged
}

#[tokio::test]
async fn a_definition_that_another_process_changed_is_seen() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evently.db");
    let (one, other) = (engine(&path), engine(&path));
    let id = event(&one).await;
    let seen = other.event(None, id).await.unwrap();
    let renamed = EventDraft {
        name: "Windmill".to_owned(),
        ..EventDraft::of(&seen.event)
    };
    one.change_event(&admin(), id, seen.event.version, renamed)
        .await
        .unwrap();
    assert_eq!(other.event(None, id).await.unwrap().event.name, "Windmill");
}

#[tokio::test]
async fn a_write_waits_its_turn_for_a_bounded_time() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evently.db");
    let store = open(&path, Duration::from_millis(20));
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let session =
        evently_core::domain::SessionId::from_uuid(RandomIds.next(evently_core::Timestamp::UNIX_EPOCH));
    let refused = store.end_session(session).await.unwrap_err();
    assert!(refused.is_transient(), "{refused}");
    assert_eq!(refused.to_string(), "sqlite: database is locked");
    // Readers do not wait for writers.
    store.ping().await.unwrap();

    other.execute_batch("ROLLBACK").unwrap();
    store.end_session(session).await.unwrap();
}
