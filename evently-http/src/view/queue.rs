//! The queue as its operators see it.

use evently_core::Timestamp;
use evently_core::queue::QueueView;
use serde::Serialize;

/// How full the queue is.
#[derive(Serialize)]
pub(crate) struct FullQueueView<'a> {
    partitions: Vec<PartitionView<'a>>,
    dead: u64,
}

#[derive(Serialize)]
struct PartitionView<'a> {
    id: usize,
    depth: u64,
    in_flight: u64,
    oldest_ms: Option<u64>,
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
