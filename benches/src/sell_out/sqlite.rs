//! What stands beside Evently on SQLite: one writer thread on a file with Evently's own tables, one transaction a
//! booking with more or less to check, or (the limit) bare inserts of the same rows in the same batches.

use super::{Design, Failure, Kind, Request, Sale};
use rusqlite::{Connection, OptionalExtension, params};
use std::path::Path;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio::sync::oneshot;
use uuid::Uuid;

/// The statement that Evently itself writes a booking with.
const INSERT: &str = include_str!("../../../evently-sqlite/sql/insert_booking.sql");
const KEY_LOOKUP: &str = "SELECT booking_id FROM booking WHERE user_id = ?1 AND event_id = ?2 AND key = ?3";
const USER_TOTAL: &str = "SELECT coalesce(sum(quantity), 0) FROM booking \
     WHERE user_id = ?1 AND event_id = ?2 AND status IN ('held', 'confirmed')";
const AVAILABLE: &str = "SELECT capacity - sold - held FROM section_count WHERE event_id = ?1 AND place = 0";
const TAKE: &str = "UPDATE section_count SET sold = sold + ?2 \
     WHERE event_id = ?1 AND place = 0 AND sold + held + ?2 <= capacity";

type Job = (usize, Request, oneshot::Sender<()>);

/// A design on a file of its own.
pub(crate) struct Writer {
    jobs: Mutex<Option<mpsc::Sender<Job>>>,
    thread: Mutex<Option<JoinHandle<rusqlite::Result<()>>>>,
    folder: TempDir,
}

impl Writer {
    pub(crate) fn start(kind: Kind, events: usize, batch: usize) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("bench.db");
        evently_sqlite::migrate(&path)?;
        let connection = open(&path)?;
        let ids: Vec<Uuid> = (0..events).map(|_| Request::new().booking).collect();
        for id in &ids {
            connection.execute(
                "INSERT INTO section_count VALUES (?1, 0, ?1, 10000000, 0, 0, 0, 0)",
                [id.as_bytes()],
            )?;
        }
        let (jobs, queue) = mpsc::channel();
        let thread = std::thread::spawn(move || match kind {
            Kind::Naive => each(&connection, &ids, &queue, naive),
            Kind::Conditional => each(&connection, &ids, &queue, conditional),
            _ => batches(&connection, &ids, &queue, batch),
        });
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
            folder,
        })
    }
}

/// The pages after which the log is copied into the file: as long as Evently lets its log become.
const LOG_PAGES: u32 = 16_384;

/// A connection as durable as Evently's, with as large a cache.
fn open(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
    Ok(connection)
}

/// One transaction a booking.
fn each(
    connection: &Connection,
    events: &[Uuid],
    queue: &mpsc::Receiver<Job>,
    book: fn(&Connection, Uuid, &Request) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    for (turn, request, done) in queue {
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        book(connection, events[turn % events.len()], &request)?;
        connection.prepare_cached("COMMIT")?.execute([])?;
        let _ = done.send(());
    }
    Ok(())
}

/// What one writes first: look everything up, then write.
fn naive(connection: &Connection, event: Uuid, request: &Request) -> rusqlite::Result<()> {
    let (event_id, user) = (event.as_bytes(), request.user.as_bytes());
    let used = connection
        .prepare_cached(KEY_LOOKUP)?
        .query_row(params![user, event_id, request.key], |row| {
            row.get::<_, Vec<u8>>(0)
        })
        .optional()?;
    let left: i64 = connection
        .prepare_cached(AVAILABLE)?
        .query_row([event_id], |row| row.get(0))?;
    let _total: i64 = connection
        .prepare_cached(USER_TOTAL)?
        .query_row(params![user, event_id], |row| row.get(0))?;
    if used.is_none() && left >= 1 {
        insert(connection, event, request)?;
        connection.prepare_cached(TAKE)?.execute(params![event_id, 1])?;
    }
    Ok(())
}

/// The counter decides, the unique index guards the key.
fn conditional(connection: &Connection, event: Uuid, request: &Request) -> rusqlite::Result<()> {
    if connection
        .prepare_cached(TAKE)?
        .execute(params![event.as_bytes(), 1])?
        == 1
    {
        insert(connection, event, request)?;
    }
    Ok(())
}

/// Bare inserts, in batches of at most so many, no checks.
fn batches(
    connection: &Connection,
    events: &[Uuid],
    queue: &mpsc::Receiver<Job>,
    batch: usize,
) -> rusqlite::Result<()> {
    while let Ok(first) = queue.recv() {
        let mut waiting = vec![first];
        waiting.extend(queue.try_iter().take(batch.saturating_sub(1)));
        connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for (turn, request, _) in &waiting {
            insert(connection, events[turn % events.len()], request)?;
        }
        connection.prepare_cached("COMMIT")?.execute([])?;
        for (_, _, done) in waiting {
            let _ = done.send(());
        }
    }
    Ok(())
}

fn insert(connection: &Connection, event: Uuid, request: &Request) -> rusqlite::Result<()> {
    let (booking, user) = (request.booking.as_bytes(), request.user.as_bytes());
    let now = i64::from_be_bytes([
        0, 0, booking[0], booking[1], booking[2], booking[3], booking[4], booking[5],
    ]);
    let none: Option<i64> = None;
    connection.prepare_cached(INSERT)?.execute(params![
        booking,
        event.as_bytes(),
        user,
        "confirmed",
        event.as_bytes(),
        event.as_bytes(),
        1,
        0,
        none,
        none,
        "USD",
        none,
        none,
        "direct",
        none,
        none,
        request.key,
        booking,
        now * 1000,
        now * 1000,
        none,
    ])?;
    Ok(())
}

#[async_trait::async_trait]
impl Design for Writer {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let (done, answer) = oneshot::channel();
        if let Some(jobs) = &*self.jobs.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = jobs.send((turn, request, done));
        }
        answer.await.unwrap_or_else(|_| panic!("the writer ended"));
        Sale::Booked
    }

    async fn close(&self) -> Result<u64, Failure> {
        drop(self.jobs.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            thread.join().map_err(|_| "the writer panicked")??;
        }
        let connection = open(&self.folder.path().join("bench.db"))?;
        Ok(connection.query_row("SELECT count(*) FROM booking", [], |row| row.get(0))?)
    }
}
