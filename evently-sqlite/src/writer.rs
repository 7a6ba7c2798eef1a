//! The one thread that writes. Whatever waits is written together: one transaction, one sync of the disk.
//!
//! A transaction is first tried without savepoints, which cost every page a copy. Should a part of it fail, it is
//! rolled back and done once more with each part under its savepoint, so that the part fails alone.

use crate::checkpoint::Log;
use crate::error::{Fault, shared};
use crate::queue::Queue;
use evently_core::store::{ErrorKind, StoreError};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use tokio::sync::oneshot;

/// The most jobs that share a transaction.
const MAX_GROUP: usize = 64;

/// How the parts of a transaction are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pass {
    /// As they come: should one fail, all are rolled back.
    Plain,
    /// Each under a savepoint: it fails alone.
    Guarded,
}

/// Why a pass over a group ends.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A part failed in the plain pass: another, guarded one is called for.
    Redo,
    /// The storage failed.
    Failed(Fault),
}

impl From<Fault> for Halt {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<rusqlite::Error> for Halt {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// The way to the thread.
pub(crate) struct Writer {
    queue: Queue<Box<dyn Job>>,
}

impl Writer {
    pub(crate) fn new(queue: Queue<Box<dyn Job>>) -> Self {
        Self { queue }
    }

    /// Has work done in a transaction and returns its answer once that is on the disk.
    ///
    /// The work may run more than once; what an earlier run wrote is undone before.
    pub(crate) async fn ask<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnMut(&Connection, Pass) -> Result<T, Halt> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Task {
            work,
            reply,
            answer: None,
        };
        self.queue.ask(Box::new(job), answer).await
    }

    /// Takes no more work.
    pub(crate) fn close(&self) {
        self.queue.close();
    }
}

/// A piece of work with whoever waits for it.
pub(crate) trait Job: Send {
    /// Does the work and keeps its answer.
    fn attempt(&mut self, connection: &Connection, pass: Pass) -> Result<(), Halt>;

    /// Gives the answer, or the error that the whole group ended in.
    fn answer(self: Box<Self>, outcome: Result<(), &Arc<Fault>>);
}

struct Task<T, W> {
    work: W,
    reply: oneshot::Sender<Result<T, StoreError>>,
    answer: Option<Result<T, Fault>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnMut(&Connection, Pass) -> Result<T, Halt> + Send,
{
    fn attempt(&mut self, connection: &Connection, pass: Pass) -> Result<(), Halt> {
        self.answer = match guarded(connection, pass, || (self.work)(connection, pass)) {
            Ok(answer) => Some(Ok(answer)),
            Err(Halt::Failed(fault)) if fault.kind() == ErrorKind::Permanent => match pass {
                Pass::Plain => return Err(Halt::Redo),
                Pass::Guarded => Some(Err(fault)),
            },
            Err(halt) => return Err(halt),
        };
        Ok(())
    }

    fn answer(self: Box<Self>, outcome: Result<(), &Arc<Fault>>) {
        let answer = match (outcome, self.answer) {
            (Err(fault), _) => Err(shared(fault)),
            (Ok(()), Some(answer)) => answer.map_err(StoreError::from),
            (Ok(()), None) => return,
        };
        // Nobody may be listening any more; what was done stays done.
        let _ = self.reply.send(answer);
    }
}

/// Runs a part of a transaction so that it leaves nothing behind if it fails in a guarded pass.
pub(crate) fn guarded<T, E: From<Fault>>(
    connection: &Connection,
    pass: Pass,
    part: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    if pass == Pass::Plain {
        return part();
    }
    let step = |sql| connection.execute_batch(sql).map_err(Fault::from);
    step("SAVEPOINT part")?;
    let outcome = part();
    if outcome.is_err() && !connection.is_autocommit() {
        step("ROLLBACK TO part")?;
    }
    if !connection.is_autocommit() {
        step("RELEASE part")?;
    }
    outcome
}

/// The thread: works off what comes until the queue is closed and empty.
pub(crate) fn run(connection: &Connection, jobs: &Receiver<Box<dyn Job>>, mut log: Log) {
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(MAX_GROUP - 1));
        settle(connection, group);
        log.tend(connection);
    }
}

/// Does a group of jobs and answers each.
fn settle(connection: &Connection, mut group: Vec<Box<dyn Job>>) {
    let outcome = match attempt(connection, &mut group, Pass::Plain) {
        Err(Halt::Redo) => attempt(connection, &mut group, Pass::Guarded),
        outcome => outcome,
    };
    let outcome = outcome.map_err(|halt| {
        Arc::new(match halt {
            Halt::Failed(fault) => fault,
            Halt::Redo => Fault::Broken("a guarded part asked to be guarded".to_owned()),
        })
    });
    for job in group {
        job.answer(outcome.as_ref().map(|_| ()));
    }
}

/// One transaction over a group. Unless it succeeds, it is rolled back.
fn attempt(connection: &Connection, group: &mut [Box<dyn Job>], pass: Pass) -> Result<(), Halt> {
    // Immediate: waiting for another process' write is done here, where nothing was read yet.
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    for job in group {
        job.attempt(&transaction, pass)?;
    }
    Ok(transaction.commit()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn migrated() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection).unwrap();
        connection
    }

    /// Takes a seat, in two steps of which the second may fail.
    fn take(labels: [&'static str; 2]) -> (Box<dyn Job>, oneshot::Receiver<Result<(), StoreError>>) {
        let (reply, answer) = oneshot::channel();
        let work = move |connection: &Connection, _| {
            for label in labels {
                connection.execute("INSERT INTO taken_seat VALUES (x'01', ?1, x'02')", [label])?;
            }
            Ok(())
        };
        let job = Task {
            work,
            reply,
            answer: None,
        };
        (Box::new(job), answer)
    }

    fn taken(connection: &Connection) -> Vec<String> {
        let mut statement = connection
            .prepare("SELECT label FROM taken_seat ORDER BY label")
            .unwrap();
        let labels = statement.query_map([], |row| row.get(0)).unwrap();
        labels.map(Result::unwrap).collect()
    }

    #[test]
    fn of_a_group_what_cannot_be_written_fails_alone_and_whole() {
        let connection = migrated();
        let (first, mut first_answer) = take(["A-1", "A-2"]);
        let (wrong, mut wrong_answer) = take(["B-1", "A-1"]);
        let (last, mut last_answer) = take(["C-1", "C-2"]);
        settle(&connection, vec![first, wrong, last]);
        assert!(first_answer.try_recv().unwrap().is_ok());
        assert!(!wrong_answer.try_recv().unwrap().unwrap_err().is_transient());
        assert!(last_answer.try_recv().unwrap().is_ok());
        assert_eq!(taken(&connection), ["A-1", "A-2", "C-1", "C-2"]);
    }

    #[test]
    fn a_full_disk_fails_the_group_for_now() {
        let connection = migrated();
        let pages: u32 = connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        connection.pragma_update(None, "max_page_count", pages).unwrap();
        let long: &'static str = Box::leak("A".repeat(100_000).into_boxed_str());
        let (good, mut good_answer) = take(["A-1", "A-2"]);
        let (large, mut large_answer) = take([long, "B-1"]);
        settle(&connection, vec![good, large]);
        assert!(good_answer.try_recv().unwrap().unwrap_err().is_transient());
        assert!(large_answer.try_recv().unwrap().unwrap_err().is_transient());
        assert!(taken(&connection).is_empty());
        let (again, mut answer) = take(["A-1", "A-2"]);
        settle(&connection, vec![again]);
        assert!(answer.try_recv().unwrap().is_ok());
    }
}
