//! The suite for job queues: what every [`JobQueue`] must do.
//!
//! A queue says how it is opened, and gets one named test a case:
//!
//! ```
//! use evently_core::clock::Clock;
//! use evently_core::conformance::{ManualClock, queue::QueueHarness};
//! use evently_core::{memory::MemoryQueue, queue::{JobQueue, QueueSettings}};
//! use std::sync::{Arc, OnceLock};
//!
//! #[derive(Debug, Default)]
//! struct Memory(OnceLock<Arc<MemoryQueue>>);
//!
//! #[async_trait::async_trait]
//! impl QueueHarness for Memory {
//!     async fn open(&self, settings: QueueSettings, clock: Arc<dyn Clock>) -> Arc<dyn JobQueue> {
//!         Arc::clone(self.0.get_or_init(|| Arc::new(MemoryQueue::new(settings, clock)))) as _
//!     }
//! }
//!
//! async fn memory() -> Memory {
//!     Memory::default()
//! }
//!
//! evently_core::queue_suite!(open = memory);
//! # fn main() {}
//! ```
//!
//! Left out: what workers do with jobs, and what a queue's storage does when it fails.

mod claims;
mod delivery;
mod fates;
mod jobs;
mod list;
mod races;
mod replies;
mod waiting;

use super::{ManualClock, run as runs};
use crate::clock::Clock;
use crate::domain::BookingId;
use crate::queue::{Claim, Delivery, Fate, Job, JobQueue, QueueSettings, Settled};
use async_trait::async_trait;
use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc, time::Duration};

pub use jobs::job_for;

/// One queue's storage, empty at first.
#[async_trait]
pub trait QueueHarness: Debug + Send + Sync + 'static {
    /// Opens the queue, which takes the time from this clock alone.
    ///
    /// Called again, with the same settings and clock, it opens the same queue as another process does.
    async fn open(&self, settings: QueueSettings, clock: Arc<dyn Clock>) -> Arc<dyn JobQueue>;
}

/// What every case starts from: where a queue is opened, and a clock that the case moves.
#[derive(Debug, Clone)]
pub(crate) struct Depot {
    harness: Arc<dyn QueueHarness>,
    pub(crate) clock: Arc<ManualClock>,
}

/// The work of a case.
type Play = fn(Depot) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs one case by its name over a fresh queue.
///
/// # Panics
/// When the case fails or is stuck, and when there is none of that name.
pub fn run<H: QueueHarness, F: Future<Output = H>>(name: &str, open: impl FnOnce() -> F) {
    let case = list::CASES.iter().find(|case| case.0 == name);
    let play = case.expect("a case of this name").1;
    let played = async {
        let depot = Depot {
            harness: Arc::new(open().await),
            clock: Arc::new(ManualClock::default()),
        };
        play(depot).await;
    };
    runs::drive(name, played, runs::time_limit());
}

impl Depot {
    /// The queue with these settings.
    pub(crate) async fn open(&self, settings: &QueueSettings) -> Arc<dyn JobQueue> {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        self.harness.open(settings.clone(), clock).await
    }

    /// A queue with one partition which takes so many jobs.
    pub(crate) async fn queue(&self, capacity: usize) -> Arc<dyn JobQueue> {
        self.open(&one_partition(capacity)).await
    }

    /// So many jobs for one event.
    pub(crate) fn jobs(&self, count: usize) -> Vec<Arc<Job>> {
        let event_id = jobs::event_id(1);
        let job = |_| Arc::new(job_for(event_id, self.clock.now()));
        (0..count).map(job).collect()
    }
}

pub(crate) fn one_partition(capacity: usize) -> QueueSettings {
    QueueSettings {
        partitions: 1,
        capacity,
        ..QueueSettings::default()
    }
}

/// How long a claim is good in these cases.
pub(crate) fn claim_for() -> Duration {
    QueueSettings::default().claim_for
}

pub(crate) fn ids(deliveries: &[Delivery]) -> Vec<BookingId> {
    deliveries.iter().map(|delivery| delivery.claim.id).collect()
}

pub(crate) async fn claim_one(queue: &dyn JobQueue, consumer: &str) -> Claim {
    let deliveries = queue.claim(0, consumer, 1).await.unwrap();
    assert_eq!(deliveries.len(), 1, "{consumer} finds a job");
    deliveries[0].claim
}

pub(crate) async fn claims_nothing(queue: &dyn JobQueue, consumer: &str) -> bool {
    queue.claim(0, consumer, 10).await.unwrap().is_empty()
}

pub(crate) async fn settle(queue: &dyn JobQueue, consumer: &str, claim: Claim, fate: Fate) -> Settled {
    queue.settle(consumer, &[(claim, fate)]).await.unwrap()[0]
}
