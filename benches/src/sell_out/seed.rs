//! The original system's design: requests go through a queue, and a worker takes a lock on the event (Redlock)
//! before it runs the transaction. It is done right here: the queue is Redis' own list with a list of what is in
//! hand, there is a worker an event up to eight (more would only wait for each other's locks), and the lock is
//! asked for again every few milliseconds.

use super::{Design, Failure, Request, Sale};
use crate::servers::connect;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Direction};
use rslock::LockManager;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;

const QUEUE: &str = "bench:jobs";
const IN_HAND: &str = "bench:in-hand";
/// How long a lock lives if its holder dies.
const LOCK_TTL: Duration = Duration::from_secs(10);
const LOCK_RETRY: Duration = Duration::from_millis(5);
/// How long a worker waits for a job before it looks again, in seconds.
const PATIENCE: f64 = 1.0;
const MOST_WORKERS: usize = 8;

/// Queue and lock around another design's transaction.
pub(crate) struct Seed {
    shared: Arc<Shared>,
    queue: MultiplexedConnection,
    workers: tokio::sync::Mutex<JoinSet<()>>,
}

struct Shared {
    transaction: Arc<dyn Design>,
    events: usize,
    /// Who waits for the outcome of which booking.
    waiting: Mutex<HashMap<Uuid, oneshot::Sender<Sale>>>,
    locks: LockManager,
}

impl Seed {
    pub(crate) async fn start(
        transaction: Arc<dyn Design>,
        events: usize,
        redis: &redis::Client,
    ) -> Result<Self, Failure> {
        let mut locks = LockManager::from_clients(vec![redis.clone()]);
        locks.set_retry(u32::MAX, LOCK_RETRY);
        let shared = Arc::new(Shared {
            transaction,
            events,
            waiting: Mutex::default(),
            locks,
        });
        let mut workers = JoinSet::new();
        for _ in 0..events.min(MOST_WORKERS) {
            let jobs = connect(redis).await?;
            workers.spawn(work(Arc::clone(&shared), jobs));
        }
        Ok(Self {
            shared,
            queue: connect(redis).await?,
            workers: tokio::sync::Mutex::new(workers),
        })
    }
}

async fn work(shared: Arc<Shared>, mut jobs: MultiplexedConnection) {
    loop {
        let job: Option<String> = match jobs
            .blmove(QUEUE, IN_HAND, Direction::Right, Direction::Left, PATIENCE)
            .await
        {
            Ok(job) => job,
            // The server is gone: so is the comparison.
            Err(_) => return,
        };
        let Some(job) = job else { continue };
        let outcome = shared.process(&job).await;
        let settled: redis::RedisResult<()> = jobs.lrem(IN_HAND, 1, &job).await;
        if outcome.is_err() || settled.is_err() {
            return;
        }
    }
}

impl Shared {
    /// Runs one job's transaction under its event's lock, and tells who waits.
    async fn process(&self, job: &str) -> Result<(), Failure> {
        let (turn, booking, user, key): (usize, Uuid, Uuid, String) = serde_json::from_str(job)?;
        let event = format!("bench:lock:{}", turn % self.events);
        let lock = self.locks.lock(event.as_bytes(), LOCK_TTL).await?;
        let sale = self.transaction.book(turn, Request { booking, user, key }).await;
        self.locks.unlock(&lock).await;
        let waiting = self
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&booking);
        if let Some(waiting) = waiting {
            let _ = waiting.send(sale);
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl Design for Seed {
    async fn book(&self, turn: usize, Request { booking, user, key }: Request) -> Sale {
        let (done, outcome) = oneshot::channel();
        self.shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(booking, done);
        let job = serde_json::json!([turn, booking, user, key]).to_string();
        let queued: redis::RedisResult<()> = self.queue.clone().lpush(QUEUE, job).await;
        queued.unwrap_or_else(|error| panic!("a job could not be queued: {error}"));
        outcome.await.unwrap_or_else(|_| panic!("the workers ended"))
    }

    async fn close(&self) -> Result<u64, Failure> {
        self.workers.lock().await.shutdown().await;
        self.shared.transaction.close().await
    }
}
