//! The queue of queued intake, and the leases on its partitions, as the settings say.

use crate::failure::Failure;
use crate::settings::{RedisUrl, Settings};
use evently_core::EventlyBuilder;
use evently_core::clock::SystemClock;
use evently_core::lease::Leases;
use evently_core::memory::MemoryQueue;
use evently_core::queue::{JobQueue, QueueSettings};
use evently_core::store::{Durability, StoreError};
use evently_redis::{RedlockLeases, StreamQueue};
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

/// How long the queue may take to open.
const OPEN_TIMEOUT: Duration = Duration::from_secs(9);

/// Where requests wait, and who tends to which of them.
pub(crate) struct Queue {
    queue: Arc<dyn JobQueue>,
    leases: Option<Arc<dyn Leases>>,
}

/// Tells what a request survives that is accepted and not decided yet.
fn tell_kept(kept: Option<Durability>) {
    match kept {
        Some(Durability::Durable) => tracing::info!("what is queued survives a crash of the queue's Redis"),
        Some(less) => tracing::warn!(
            durability = less.as_str(),
            "what is queued may be lost when the queue's Redis crashes or is full; set appendonly yes, appendfsync \
             always and maxmemory-policy noeviction there"
        ),
        None => tracing::warn!("the queue's Redis does not tell whether it keeps what is queued"),
    }
}

impl Queue {
    /// The queue on the Redis that is set, or else in this process' memory, where its own workers must be.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        if let Some(url) = &settings.redis {
            if settings.store.is_of_one_process() {
                tracing::warn!(
                    "the store is in memory: no other server or worker may share this queue, since it would not find the events"
                );
            }
            return Self::on_redis(url).await;
        }
        if settings.workers == 0 {
            tracing::warn!(
                "nobody decides what is queued: the queue is in memory, and this process has no workers"
            );
        }
        tracing::warn!("the queue is in memory: what is queued and not decided ends with this process");
        let queue = MemoryQueue::new(QueueSettings::default(), Arc::new(SystemClock));
        Ok(Self {
            queue: Arc::new(queue),
            leases: None,
        })
    }

    /// The queue that processes share.
    ///
    /// # Errors
    /// It cannot be reached.
    pub(crate) async fn on_redis(url: &RedisUrl) -> Result<Self, Failure> {
        let connecting = async {
            let queue = StreamQueue::connect(url.as_str(), QueueSettings::default()).await?;
            let leases = RedlockLeases::connect(&[url.as_str()]).await?;
            let kept = queue.durability().await?;
            Ok::<_, StoreError>((queue, leases, kept))
        };
        let unusable = |why: &dyn Display| Failure::failed(format!("the queue {url} cannot be used: {why}"));
        let connected = tokio::time::timeout(OPEN_TIMEOUT, connecting).await;
        let (queue, leases, kept) = connected
            .map_err(|_| unusable(&"it does not answer"))?
            .map_err(|error| unusable(&error))?;
        tell_kept(kept);
        Ok(Self {
            queue: Arc::new(queue),
            leases: Some(Arc::new(leases)),
        })
    }

    /// The engine with this queue and so many workers.
    pub(crate) fn give_to(self, engine: EventlyBuilder, workers: usize) -> EventlyBuilder {
        let engine = engine.queue(self.queue).workers(workers);
        match self.leases {
            Some(leases) => engine.leases(leases),
            None => engine,
        }
    }
}
