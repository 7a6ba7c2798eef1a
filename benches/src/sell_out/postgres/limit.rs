//! The limit: set-based inserts of the same rows in batches as large as Evently's, no checks.

use super::super::{Design, Failure, Request, Sale};
use super::Tables;
use sqlx::PgPool;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

const INSERT_BOOKINGS: &str = include_str!("insert_bookings.sql");

/// How many requests may wait for one writer.
const WAITING: usize = 16_384;

type Job = (Uuid, Request, oneshot::Sender<()>);

pub(crate) struct Limit {
    tables: Tables,
    /// A writer a core, as there are lanes; an event always has the same.
    writers: Vec<mpsc::Sender<Job>>,
}

impl Limit {
    pub(crate) fn start(tables: Tables, batch: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let writers = (0..cores.min(tables.events.len())).map(|_| {
            let (jobs, waiting) = mpsc::channel(WAITING);
            tokio::spawn(write(tables.pool.clone(), waiting, batch));
            jobs
        });
        Self {
            writers: writers.collect(),
            tables,
        }
    }
}

async fn write(pool: PgPool, mut waiting: mpsc::Receiver<Job>, batch: usize) {
    let mut jobs = Vec::with_capacity(batch);
    while waiting.recv_many(&mut jobs, batch).await > 0 {
        if let Err(error) = insert(&pool, &jobs).await {
            eprintln!("bookings could not be inserted: {error}");
            return;
        }
        for (_, _, done) in jobs.drain(..) {
            let _ = done.send(());
        }
        // As Evently's lanes: those just answered come first.
        tokio::task::yield_now().await;
    }
}

async fn insert(pool: &PgPool, jobs: &[Job]) -> sqlx::Result<()> {
    let of = |pick: fn(&Job) -> Uuid| jobs.iter().map(pick).collect::<Vec<_>>();
    let keys: Vec<&str> = jobs.iter().map(|(_, request, _)| request.key.as_str()).collect();
    sqlx::query(INSERT_BOOKINGS)
        .bind(of(|(_, request, _)| request.booking))
        .bind(of(|(event, _, _)| *event))
        .bind(of(|(_, request, _)| request.user))
        .bind(keys)
        .execute(pool)
        .await?;
    Ok(())
}

#[async_trait::async_trait]
impl Design for Limit {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let (done, written) = oneshot::channel();
        let place = turn % self.tables.events.len() % self.writers.len();
        let sent = self.writers[place]
            .send((self.tables.event(turn), request, done))
            .await;
        if sent.is_err() || written.await.is_err() {
            panic!("the writer ended");
        }
        Sale::Booked
    }

    async fn close(&self) -> Result<u64, Failure> {
        // It counts nothing but its rows.
        self.tables.rows().await
    }
}
