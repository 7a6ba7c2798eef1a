//! The job queue's port: where queued intake keeps requests for tickets until a worker has them decided.
//!
//! A request is a [`Job`], known by the id of the booking it asks for, and belongs to its event's partition. It is
//! delivered at least once, and its one effect is the ledger's: workers have it decided with the delivery's
//! [`Recall`], so that a second delivery finds what the first one made. Then they tell the queue its [`Fate`].
//! The port asks for no more than consumer groups of Redis Streams give: claims are a group's pending entries,
//! taking over is claiming what has been idle.
//!
//! Whoever waits for what becomes of its request gets a [`Reply`], as soon as it is settled. Replies are hints that may
//! get lost: whoever hears nothing looks.
//!
//! What has become of a request is read in three steps: the store, the queue, and the store once more, since a job
//! leaves the queue after its booking came to the store.
//!
//! The in-memory queue ([`MemoryQueue`](crate::memory::MemoryQueue)) is the executable specification. Who decides
//! jobs, and how many at a time, is the worker's business.

use crate::domain::{Booking, BookingId, EntryId, EventId, Timestamp};
use crate::ledger::{Book, Recall, Refusal};
use crate::store::StoreError;
use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use serde::{Deserialize, Serialize};
use std::{fmt::Debug, sync::Arc, time::Duration};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

/// The most jobs of one claim.
pub const MAX_CLAIM: usize = 512;

/// How often a job is tried: delivered more often, it is a dead letter. Times it was handed back do not count.
pub const MAX_DELIVERIES: u32 = 5;

/// A request for tickets that waits to be decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What is asked. `book.booking_id` is the job's identity.
    pub book: Book,
    /// The booking as it reads until it is decided: `pending`.
    pub pending: Arc<Booking>,
    /// When the request was accepted.
    #[serde(with = "crate::domain::instant::required")]
    pub accepted_at: Timestamp,
    /// Where somebody waits for what becomes of it.
    pub reply_to: Option<DeskId>,
}

/// Where requests come in and are waited for: one in each process that has queued intake, with another id each time
/// it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DeskId(pub Uuid);

impl Job {
    /// The id of the booking that is asked for, and of the job.
    pub fn id(&self) -> BookingId {
        self.book.booking_id
    }

    /// The event whose tickets are asked for.
    pub fn event_id(&self) -> EventId {
        self.pending.event_id
    }
}

/// A job handed to a consumer.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// The job.
    pub job: Arc<Job>,
    /// By what the queue knows this delivery.
    pub claim: Claim,
    /// [`Recall::First`] if the job was never handed to anybody before; else [`Recall::MayBeHappening`]: whoever
    /// had it, and gave it back or let the claim run out, may have had it decided or be having it decided still.
    pub recall: Recall,
}

/// A consumer's right to settle one job, until somebody else has taken it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub id: BookingId,
    /// Where the queue finds it again. (The id of a stream's entry fits in, and more.)
    pub place: u128,
    /// How often it was delivered, this time included; times that ended in [`JobQueue::hand_back`] left out.
    pub deliveries: u32,
}

/// What became of a job that was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Fate {
    /// The store has the booking under the job's own id.
    Booked,
    /// An earlier request with the same key had made this booking.
    Replayed(BookingId),
    /// It came to the waitlist, or an earlier request with the same key had.
    Waitlisted(EntryId),
    /// The rules refused it.
    Rejected(Refusal),
    /// Nobody could decide it: a dead letter.
    Dead,
}

impl Fate {
    /// Whether it is in the store what became of the job, whatever the queue knows.
    pub(crate) fn is_stored(&self) -> bool {
        match self {
            Self::Booked | Self::Replayed(_) | Self::Waitlisted(_) => true,
            Self::Rejected(_) | Self::Dead => false,
        }
    }
}

/// What a desk is told of a request that was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The request.
    pub id: BookingId,
    /// What became of it.
    pub fate: Fate,
    /// The booking that it made, or an earlier request with its key had, as it stood then.
    pub booking: Option<Arc<Booking>>,
}

/// What the queue knows of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The request.
    pub job: Arc<Job>,
    /// What became of it and when; `None` until it is settled.
    pub settled: Option<(Fate, Timestamp)>,
}

/// What became of a job that was to be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It is queued, or was before.
    Accepted,
    /// It is not queued: this other job has the same event, user and idempotency key and is not settled yet.
    Twin(BookingId),
    /// Its partition is full. It had no effect; trying again later helps.
    Full,
}

/// What became of a claim that was to be given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is given up as asked.
    Done,
    /// The claim is not good any more: the job was settled, handed back or taken over. Nothing was changed.
    Stale,
}

/// A queue as its operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueueView {
    /// The partitions, by number.
    pub partitions: Vec<PartitionView>,
    /// How many dead letters are kept.
    pub dead: u64,
}

/// One partition as its operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartitionView {
    /// Jobs that are not settled.
    pub depth: u64,
    /// Those of them that a consumer has claimed.
    pub in_flight: u64,
    /// When the oldest of them was accepted.
    pub oldest: Option<Timestamp>,
    /// The consumer that claimed something from it last, if it is still there.
    pub owner: Option<String>,
}

/// How a queue is laid out and bounded. All processes must agree on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSettings {
    /// How many partitions; an event belongs to one. As many processes as these share the work at most, and each is
    /// pushed to, claimed and settled by itself: more of them cost more. Default 8.
    pub partitions: u32,
    /// The most unsettled jobs in one partition. Default 65,536.
    pub capacity: usize,
    /// How long a claim is good: after that anybody may take the job over. Longer than decisions take, and as short
    /// as a dead worker's jobs may wait. Default 3 s.
    pub claim_for: Duration,
    /// How long what became of a job can be read. Default an hour.
    pub keep_for: Duration,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            partitions: 8,
            capacity: 65_536,
            claim_for: Duration::from_secs(3),
            keep_for: Duration::from_secs(3600),
        }
    }
}

impl QueueSettings {
    /// The partition of an event's jobs: the same in every process and version.
    pub fn partition_of(&self, event_id: EventId) -> u32 {
        let hash = xxh3_64(event_id.uuid().as_bytes());
        u32::try_from(hash % u64::from(self.partitions.max(1))).unwrap_or(0)
    }
}

/// Keeps jobs until they are settled. Every method ends within a time that the queue bounds.
#[async_trait]
pub trait JobQueue: Debug + Send + Sync + 'static {
    /// How the queue is laid out.
    fn settings(&self) -> &QueueSettings;

    /// Queues jobs, each in its event's partition; the answers are in their order.
    ///
    /// - **Atomicity**: each job whole: claimable and readable, or neither. The jobs stand apart.
    /// - **Ordering**: jobs of one partition are first delivered in the order in which they were pushed.
    /// - **Idempotency**: a job whose id the queue knows, settled or not, is `Accepted` and not queued again. Of the
    ///   jobs that are not settled, one event, user and key have one: a second is answered [`Pushed::Twin`], before
    ///   it is looked whether there is room. Once the first is settled, the key is free again.
    /// - When it returns, every `Accepted` is as durable as the queue.
    ///
    /// # Errors
    /// Transient: it is unknown which jobs were queued; pushing them again finds out. Permanent: none was.
    async fn push(&self, jobs: &[Arc<Job>]) -> Result<Vec<Pushed>, StoreError>;

    /// Claims jobs of a partition for a consumer: first those that others left (handed back, or claimed for longer
    /// than [`QueueSettings::claim_for`]), then new ones; at most `limit`, and never more than
    /// [`MAX_CLAIM`]; at least half of that, if there are so many.
    ///
    /// A consumer's name must be one process' alone. Jobs that it has claimed are not delivered again to it while
    /// its claim is good. It is for the consumer to settle a job as [`Fate::Dead`] that was delivered more than
    /// [`MAX_DELIVERIES`] times, once it has seen that the store has not got its booking.
    ///
    /// - **Atomicity**: no two consumers hold a good claim on one job.
    /// - **Ordering**: new jobs in the order in which they were pushed.
    /// - **Idempotency**: none: what a lost answer claimed comes again when the claim has run out.
    ///
    /// # Errors
    /// The queue failed. Jobs may have been claimed.
    async fn claim(&self, partition: u32, consumer: &str, limit: usize) -> Result<Vec<Delivery>, StoreError>;

    /// Ends claimed jobs, after what they made was committed; the answers are in their order.
    ///
    /// A job `Booked` is forgotten, since the store has it; what became of the others can be read for
    /// [`QueueSettings::keep_for`], dead letters included.
    ///
    /// - **Atomicity**: each job whole: not claimable any more and its fate readable, or neither.
    /// - **Ordering**: none.
    /// - **Idempotency**: the first time is `Done`, again is `Stale`.
    ///
    /// # Errors
    /// Transient: it is unknown which were settled; settling again finds out. Permanent: none was.
    async fn settle(&self, consumer: &str, fates: &[(Claim, Fate)]) -> Result<Vec<Settled>, StoreError>;

    /// Gives claimed jobs back undecided, to be claimed by anybody once `after` has passed, at most
    /// [`QueueSettings::claim_for`]: on shutdown, or while the storage is down. Such a delivery is not counted.
    ///
    /// - **Atomicity**: each job on its own.
    /// - **Ordering**: jobs given back come before new ones.
    /// - **Idempotency**: the first time is `Done`, again is `Stale`.
    ///
    /// # Errors
    /// The queue failed; jobs that were not given back come again when their claims have run out.
    async fn hand_back(
        &self,
        consumer: &str,
        claims: &[Claim],
        after: Duration,
    ) -> Result<Vec<Settled>, StoreError>;

    /// Waits until there is something new to claim in some of these partitions, or until the time is up; in which: in
    /// none, if the time is up. What came while nobody waited is told to whoever waits next, once.
    ///
    /// A hint: it may return early, another consumer may be faster, and nothing need be told of jobs that were left by
    /// others or are free again after a while. So whoever claims also looks unasked from time to time.
    ///
    /// # Errors
    /// The queue failed.
    async fn wait(&self, partitions: &[u32], at_most: Duration) -> Result<Vec<u32>, StoreError>;

    /// Tells a desk of requests that were decided. A hint: a queue that cannot do it may do nothing, as this does.
    ///
    /// # Errors
    /// The queue failed; the desk may have been told.
    async fn reply(&self, _desk: DeskId, _replies: &[Reply]) -> Result<(), StoreError> {
        Ok(())
    }

    /// What this desk is told from now on, by any process, until the stream ends: then some may have been lost.
    ///
    /// # Errors
    /// The queue failed.
    async fn replies(&self, _desk: DeskId) -> Result<BoxStream<'static, Vec<Reply>>, StoreError> {
        Ok(stream::pending().boxed())
    }

    /// What the queue knows of a request, by the id of its booking: from the push on until it is booked, or what
    /// became of it is no longer kept.
    ///
    /// - **Atomicity**: one job as it stands.
    /// - **Ordering**: a read that begins after a push or a settlement returned sees it.
    ///
    /// # Errors
    /// The queue failed.
    async fn read(&self, id: BookingId) -> Result<Option<Accepted>, StoreError>;

    /// The same of a request for this event, for whoever knows which: a queue that keeps events apart finds it sooner.
    ///
    /// # Errors
    /// The queue failed.
    async fn read_of(&self, _event_id: EventId, id: BookingId) -> Result<Option<Accepted>, StoreError> {
        self.read(id).await
    }

    /// How full the queue is. The figures of different partitions may be of different instants.
    ///
    /// # Errors
    /// The queue failed.
    async fn view(&self) -> Result<QueueView, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_one_partition_for_ever() {
        let event_id: EventId = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(QueueSettings::default().partition_of(event_id), 1);
    }
}
