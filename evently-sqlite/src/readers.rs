//! The few threads that read, each with a connection of its own.
//!
//! Every query runs in a transaction that begins when its turn has come: it sees one state of everything, and every
//! commit that was acknowledged before it was asked.

use crate::error::Fault;
use crate::queue::Queue;
use evently_core::store::StoreError;
use parking_lot::Mutex;
use rusqlite::Connection;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How many steps of SQLite's machine a query makes between two looks at the time: well under a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// A query with whoever waits for it.
pub(crate) type Query = Box<dyn FnOnce(&mut Connection) + Send>;

/// The way to the threads.
pub(crate) struct Readers {
    queue: Queue<Query>,
    deadline: Duration,
}

impl Readers {
    pub(crate) fn new(queue: Queue<Query>, deadline: Duration) -> Self {
        Self { queue, deadline }
    }

    /// Runs a query in a transaction of its own.
    pub(crate) async fn ask<T, Q>(&self, query: Q) -> Result<T, StoreError>
    where
        T: Send + 'static,
        Q: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let deadline = self.deadline;
        let job: Query = Box::new(move |connection| {
            if !reply.is_closed() {
                let _ = reply.send(snapshot(connection, deadline, query).map_err(StoreError::from));
            }
        });
        self.queue.ask(job, answer).await
    }

    /// Takes no more queries.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

/// Runs a query in one snapshot, and stops it when the deadline has passed.
fn snapshot<T>(
    connection: &mut Connection,
    deadline: Duration,
    query: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let began = Instant::now();
    connection.progress_handler(STEPS_BETWEEN_LOOKS, Some(move || began.elapsed() > deadline))?;
    let transaction = connection.transaction()?;
    query(&transaction)
}

/// A thread: takes the next query, whichever thread is free.
pub(crate) fn run(connection: &mut Connection, queries: &Mutex<Receiver<Query>>) {
    loop {
        // The lock is held while waiting, by one idle thread; the others wait for the lock.
        let next = queries.lock().recv();
        match next {
            Ok(query) => query(connection),
            Err(_) => return,
        }
    }
}
