//! Group commit: each event belongs to one lane, a task that takes whatever commands have queued up, loads once,
//! decides all in order, commits once and answers.
//!
//! There is no timer: a lone command goes straight through, and while a commit is under way the next batch gathers.
//! Lanes own the work: a caller who goes away cancels nothing. Queues are bounded: a full one answers
//! [`Error::Overloaded`].
//!
//! A lane keeps the inventories it has just committed and skips the load while its commits succeed; the store's
//! version check makes that safe. An answer that commits nothing (a refusal, a replay) is given only on an inventory
//! that was loaded after the command arrived, or along with a commit that succeeded: so it was true while the
//! request ran, whoever else writes to the store.

mod figures;
mod kept;
mod runner;
mod work;

use crate::clock::{Clock, IdSource};
use crate::domain::{EventId, Limits, Timestamp, WriterId};
use crate::error::Error;
use crate::ledger::{Command, Receipt};
use crate::store::Store;
use figures::Counters;
pub use figures::{BookingFigures, LaneFigures};
use runner::Lane;
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How many lanes there are, and what bounds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneSettings {
    /// How many lanes; each event belongs to one. Default: one a core.
    pub lanes: usize,
    /// The most commands that one lane decides together. Default 512.
    pub max_batch: usize,
    /// The most commands that wait for one lane; one more is answered [`Error::Overloaded`]. Default 16,384.
    pub max_waiting: usize,
    /// The most events whose inventory one lane keeps between batches; 0 to load for every batch. Default 4,096.
    pub max_kept_events: usize,
    /// The most facts (bookings, keys, users' totals) that the kept inventories of one lane remember together, in
    /// equal shares. Default 300,000.
    pub max_kept_facts: usize,
    /// How often a command is decided again because somebody else changed its event meanwhile, before it is
    /// answered [`Error::Overloaded`]. Default 32.
    pub max_conflicts: u32,
    /// How often a call to the store is repeated after a transient error. Default 4.
    pub max_store_retries: u32,
}

impl Default for LaneSettings {
    fn default() -> Self {
        Self {
            lanes: std::thread::available_parallelism().map_or(1, usize::from),
            max_batch: 512,
            max_waiting: 16_384,
            max_kept_events: 4_096,
            max_kept_facts: 300_000,
            max_conflicts: 32,
            max_store_retries: 4,
        }
    }
}

/// What every lane works with.
#[derive(Debug)]
pub(crate) struct Shared {
    settings: LaneSettings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    limits: Limits,
    /// Who commits: an event is in one lane, which commits one thing after the other.
    writer: WriterId,
    counters: Counters,
}

impl Shared {
    pub(crate) fn new(
        settings: LaneSettings,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        limits: Limits,
    ) -> Self {
        Self {
            settings,
            store,
            writer: WriterId::from_uuid(ids.next(clock.now())),
            clock,
            ids,
            limits,
            counters: Counters::default(),
        }
    }
}

/// One command on its way through a lane.
#[derive(Debug)]
struct Ticket {
    event_id: EventId,
    /// On the heap, since a ticket is moved from list to list, and the lists of a batch are long.
    command: Box<Command>,
    /// It is not decided at this instant or later.
    not_after: Option<Timestamp>,
    reply: oneshot::Sender<Result<Receipt, Error>>,
}

impl Ticket {
    /// Answers. Nobody may be listening any more; what was done stays done.
    fn answer(self, answer: Result<Receipt, Error>) {
        let _ = self.reply.send(answer);
    }
}

/// What a lane will answer to a command that it took.
#[derive(Debug)]
pub(crate) struct Answer(oneshot::Receiver<Result<Receipt, Error>>);

impl Answer {
    /// Waits for the answer.
    ///
    /// # Errors
    /// Whatever the command ends in other than a receipt.
    pub(crate) async fn wait(&mut self) -> Result<Receipt, Error> {
        (&mut self.0).await.unwrap_or(Err(Error::Failed))
    }
}

/// The ways into the lanes.
#[derive(Debug, Clone)]
pub(crate) struct Lanes {
    queues: Arc<[mpsc::Sender<Ticket>]>,
    shared: Arc<Shared>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl Lanes {
    /// What callers are told to wait when a lane's queue is full.
    const RETRY_AFTER: Duration = Duration::from_secs(1);

    pub(crate) fn start(shared: Shared) -> Self {
        let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
        let shared = Arc::new(shared);
        let queues = (0..shared.settings.lanes.max(1)).map(|_| {
            let (queue, commands) = mpsc::channel(shared.settings.max_waiting.max(1));
            tasks.spawn(Lane::new(Arc::clone(&shared)).run(commands, closing.clone()));
            queue
        });
        let queues = queues.collect();
        tasks.close();
        Self {
            queues,
            shared,
            closing,
            tasks,
        }
    }

    /// Hands a command to its event's lane and waits for the answer.
    ///
    /// # Errors
    /// Whatever the command ends in other than a receipt.
    pub(crate) async fn submit(&self, event_id: EventId, command: Command) -> Result<Receipt, Error> {
        self.send(event_id, command, None)?.wait().await
    }

    /// Hands a command to its event's lane at once, behind those handed over before.
    ///
    /// A command with `not_after` is decided before that instant or never. It may still be *stored* later: whoever
    /// decides the same request after that instant must move the event's version.
    ///
    /// # Errors
    /// [`Error::Overloaded`], [`Error::Closed`]: the lane did not take it.
    pub(crate) fn send(
        &self,
        event_id: EventId,
        command: Command,
        not_after: Option<Timestamp>,
    ) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let lane = self.lane_of(event_id);
        let ticket = Ticket {
            event_id,
            command: Box::new(command),
            not_after,
            reply,
        };
        match self.queues[lane].try_send(ticket) {
            Ok(()) => Ok(Answer(answer)),
            Err(TrySendError::Full(_)) => Err(Error::Overloaded {
                retry_after: Self::RETRY_AFTER,
            }),
            Err(TrySendError::Closed(_)) => Err(Error::Closed),
        }
    }

    /// Takes no more commands, and returns once those taken are answered.
    pub(crate) async fn shutdown(&self) {
        self.closing.cancel();
        self.tasks.wait().await;
    }

    pub(crate) fn figures(&self) -> LaneFigures {
        let waiting = |queue: &mpsc::Sender<Ticket>| queue.max_capacity() - queue.capacity();
        self.shared
            .counters
            .figures(self.queues.iter().map(waiting).sum())
    }

    fn lane_of(&self, event_id: EventId) -> usize {
        let (high, low) = event_id.uuid().as_u64_pair();
        let lanes = self.queues.len() as u64;
        // Fibonacci hashing: ids made one after the other must not share a lane.
        let hash = (high ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        usize::try_from(hash % lanes).unwrap_or(0)
    }
}
