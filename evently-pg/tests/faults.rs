//! Servers that crash and connections that are cut, under load: what was acknowledged stays, nothing happens twice,
//! and whoever got no answer finds out by asking again with the same key.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use evently_core::domain::{BookingId, EventDraft, EventId, UserId};
use evently_core::requests::BookRequest;
use evently_core::store::{EventStore, Store};
use evently_core::{Caller, Error, Evently};
use evently_pg::{PgOptions, PgStore};
use evently_testing::postgres::{Database, Server, Settings};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CALLERS: usize = 16;

async fn engine(url: &str) -> Evently {
    let store = PgStore::open(url, PgOptions::default()).await.unwrap();
    Evently::builder(Arc::new(store)).build()
}

async fn event(evently: &Evently) -> EventId {
    let admin = Caller::admin(UserId::from_uuid(uuid::Uuid::nil()));
    let start = evently.now() + Duration::from_secs(86_400);
    let end = start + Duration::from_secs(7_200);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", start, end, 10_000_000);
    evently.create_event(&admin, draft).await.unwrap().event.id
}

/// What came of the load.
#[derive(Debug, Default)]
struct Load {
    over: AtomicBool,
    acknowledged: AtomicUsize,
    unknown: AtomicUsize,
}

/// One request, asked until there is a definite answer: the booking.
async fn ask(evently: &Evently, by: &Caller, event: EventId, key: usize, load: &Load) -> BookingId {
    let request = || BookRequest {
        key: Some(format!("key-{key}").parse().unwrap()),
        ..BookRequest::quantity(1)
    };
    let began = Instant::now();
    loop {
        match evently.book(by, event, request()).await {
            Ok(placed) => return placed.booking().unwrap().id,
            Err(Error::Store(_) | Error::Overloaded { .. }) => {
                load.unknown.fetch_add(1, Relaxed);
                assert!(
                    began.elapsed() < Duration::from_secs(45),
                    "no definite answer for 45 s"
                );
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Callers book, each its own keys, until the load is over; all that was acknowledged.
fn start(evently: &Evently, event: EventId, load: &Arc<Load>) -> JoinSet<(Caller, Vec<BookingId>)> {
    let caller = || {
        let (evently, load) = (evently.clone(), Arc::clone(load));
        async move {
            let by = Caller::user(UserId::from_uuid(evently.new_id()));
            let mut booked = Vec::new();
            while !load.over.load(Relaxed) {
                booked.push(ask(&evently, &by, event, booked.len(), &load).await);
                load.acknowledged.fetch_add(1, Relaxed);
            }
            (by, booked)
        }
    };
    (0..CALLERS).map(|_| caller()).collect()
}

/// Waits until so many more bookings were acknowledged.
async fn more(load: &Load, count: usize) {
    let goal = load.acknowledged.load(Relaxed) + count;
    let began = Instant::now();
    while load.acknowledged.load(Relaxed) < goal {
        assert!(began.elapsed() < Duration::from_secs(45), "the load stands still");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Ends the load; then everything acknowledged is there, once, and a recount finds no difference.
async fn settle(
    what: &str,
    evently: &Evently,
    event: EventId,
    load: &Load,
    callers: JoinSet<(Caller, Vec<BookingId>)>,
) {
    load.over.store(true, Relaxed);
    let mut acknowledged = 0;
    for (by, booked) in callers.join_all().await {
        for (key, id) in booked.iter().enumerate() {
            let again = ask(evently, &by, event, key, load).await;
            assert_eq!(again, *id, "a key has had two effects, or its booking is lost");
        }
        acknowledged += booked.len();
    }
    let report = evently.verify(|_| ()).await.unwrap();
    assert_eq!(report.wrong, [], "a recount differs");
    let sold = evently.event(None, event).await.unwrap().counts[0].sold;
    assert_eq!(
        sold as usize, acknowledged,
        "more or less was sold than was acknowledged"
    );
    let unknown = load.unknown.load(Relaxed);
    println!("{what}: {acknowledged} acknowledged, 0 lost, 0 doubled, {unknown} unknown outcomes resolved");
}

/// The server restarted, or whatever lies between ends connections that idle.
#[tokio::test]
async fn a_connection_that_was_cut_while_idle_fails_nobody() {
    let database = Database::create().await;
    let store = PgStore::open(database.url(), PgOptions::default()).await.unwrap();
    let mut knife = PgConnection::connect(database.url()).await.unwrap();
    store.ping().await.unwrap();
    let cut: i64 = sqlx::query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'",
    )
    .fetch_one(&mut knife)
    .await
    .unwrap();
    assert!(cut > 0, "a connection that idles");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_cut_during_commits_lose_and_double_nothing() {
    const CUTS: usize = 1_000;
    let database = Database::create().await;
    let evently = engine(database.url()).await;
    let event = event(&evently).await;
    let load = Arc::new(Load::default());
    let callers = start(&evently, event, &load);
    let mut knife = PgConnection::connect(database.url()).await.unwrap();
    let (mut cut, began) = (0, Instant::now());
    while cut < CUTS {
        let during_a_commit = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'
              AND query LIKE '-- The hot write%'";
        let count: i64 = sqlx::query_scalar(during_a_commit)
            .fetch_one(&mut knife)
            .await
            .unwrap();
        cut += usize::try_from(count).unwrap();
        assert!(
            began.elapsed() < Duration::from_secs(50),
            "only {cut} connections were cut"
        );
        tokio::task::yield_now().await;
    }
    settle(&format!("{cut} connections cut"), &evently, event, &load, callers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_under_load_loses_nothing_acknowledged() {
    const CRASHES: usize = 5;
    let mut server = Server::start(Settings::durable());
    let evently = engine(&server.url()).await;
    let event = event(&evently).await;
    let load = Arc::new(Load::default());
    let callers = start(&evently, event, &load);
    let mut recovery = Duration::ZERO;
    for crash in 0..2 * CRASHES {
        more(&load, 200).await;
        let began = Instant::now();
        server = tokio::task::spawn_blocking(move || {
            match crash % 2 {
                0 => server.kill(),
                _ => server.stop_immediately(),
            }
            server.start_again();
            server
        })
        .await
        .unwrap();
        more(&load, 1).await;
        recovery = recovery.max(began.elapsed());
    }
    let what = format!(
        "{CRASHES} kills, {CRASHES} immediate stops (longest until the next booking: {recovery:.1?})"
    );
    settle(&what, &evently, event, &load, callers).await;
}

#[tokio::test]
async fn a_database_that_is_away_is_said_soon_and_used_again_when_it_is_back() {
    let mut server = Server::start(Settings::fast());
    let store = PgStore::open(&server.url(), PgOptions::default()).await.unwrap();
    server.kill();
    let began = Instant::now();
    // A backend outlives its killed postmaster for a moment.
    while store.ping().await.is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    for _ in 0..3 {
        assert!(store.ping().await.unwrap_err().is_transient());
    }
    assert!(began.elapsed() < Duration::from_secs(10));
    server.start_again();
    while let Err(error) = store.ping().await {
        assert!(error.is_transient());
        assert!(began.elapsed() < Duration::from_secs(50), "{error}");
    }
}

#[tokio::test]
async fn callers_beyond_the_connections_wait_a_bounded_time() {
    let database = Database::create().await;
    let options = PgOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_millis(100),
        ..PgOptions::default()
    };
    let store = PgStore::open(database.url(), options).await.unwrap();
    let mut other = PgConnection::connect(database.url()).await.unwrap();
    let mut locked = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE evently.inventory")
        .execute(&mut *locked)
        .await
        .unwrap();
    let answers = futures::future::join_all((0..6).map(|_| store.event_ids(None, 1)));
    let free = async {
        // Two wait for the lock; the others are turned away before it is given up.
        tokio::time::sleep(Duration::from_millis(400)).await;
        locked.rollback().await.unwrap();
    };
    let (answers, ()) = tokio::join!(answers, free);
    let refused: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 4);
    for error in refused {
        assert!(error.is_transient());
        assert_eq!(error.to_string(), "postgres: no free connection in time");
    }
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_on_one_hot_event_sell_exactly_what_there_is() {
    for engines in [2, 4] {
        let database = Database::create().await;
        let mut all = Vec::new();
        for _ in 0..engines {
            all.push(engine(database.url()).await);
        }
        let event = event(&all[0]).await;
        let load = Arc::new(Load::default());
        let mut callers = JoinSet::new();
        for evently in &all {
            let (evently, load) = (evently.clone(), Arc::clone(&load));
            callers.spawn(async move {
                let by = Caller::user(UserId::from_uuid(evently.new_id()));
                let mut booked = Vec::new();
                for key in 0..50 {
                    booked.push(ask(&evently, &by, event, key, &load).await);
                }
                (by, booked)
            });
        }
        settle(&format!("{engines} engines"), &all[0], event, &load, callers).await;
    }
}

#[tokio::test]
async fn behind_a_pooler_in_transaction_mode_everything_works_unprepared() {
    let database = Database::create().await;
    let join = if database.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{join}statement-cache-capacity=0", database.url());
    let store = PgStore::open(&url, PgOptions::default()).await.unwrap();
    let evently = Evently::builder(Arc::new(store)).build();
    let event = event(&evently).await;
    let load = Load::default();
    let by = Caller::user(UserId::from_uuid(evently.new_id()));
    let booked = ask(&evently, &by, event, 0, &load).await;
    assert_eq!(ask(&evently, &by, event, 0, &load).await, booked);
    evently.cancel(&by, booked).await.unwrap();
    let prepared = "SELECT count(*) FROM pg_prepared_statements";
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let count: i64 = sqlx::query_scalar(prepared)
        .persistent(false)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(count, 0);
    assert_eq!(evently.verify(|_| ()).await.unwrap().wrong, []);
}
