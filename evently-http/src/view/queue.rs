//! The queue as its operators see it.

use evently_core::Timestamp;
use evently_core::queue::QueueView;
use serde::Serialize;
use utoipa::ToSchema;

/// How full the queue is.
#[derive(Serialize, ToSchema)]
#[schema(as = Queue)]
pub(crate) struct FullQueueView<'a> {
    /// None in direct intake.
    partitions: Vec<PartitionView<'a>>,
    /// Jobs that were given up.
    dead: u64,
}

/// A part of the queue; all jobs of an event are in one.
#[derive(Serialize, ToSchema)]
#[schema(as = QueuePartition)]
struct PartitionView<'a> {
    id: usize,
    /// Jobs that are accepted and not decided.
    depth: u64,
    /// Those of them that a worker has in hand.
    in_flight: u64,
    /// How long the oldest job has waited, in milliseconds.
    #[schema(required)]
    oldest_ms: Option<u64>,
    /// The worker that takes its jobs; none that is gone for more than ten seconds.
    #[schema(required)]
    owner: Option<&'a str>,
}

impl<'a> FullQueueView<'a> {
    /// The queue as it stood at `now`.
    pub(crate) fn of(view: &'a QueueView, now: Timestamp) -> Self {
        let age = |oldest: Timestamp| u64::try_from(now.duration_since(oldest).as_millis()).unwrap_or(0);
        let partitions = view.partitions.iter().enumerate();
        Self {
            partitions: partitions
                .map(|(id, partition)| PartitionView {
                    id,
                    depth: partition.depth,
                    in_flight: partition.in_flight,
                    oldest_ms: partition.oldest.map(age),
                    owner: partition.owner.as_deref(),
                })
                .collect(),
            dead: view.dead,
        }
    }
}
