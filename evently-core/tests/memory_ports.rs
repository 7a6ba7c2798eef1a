//! The suites of the ports beside the store, on their in-memory implementations.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use async_trait::async_trait;
use evently_core::clock::{Clock, SystemClock};
use evently_core::conformance::{lease::LeaseHarness, queue::QueueHarness};
use evently_core::lease::Leases;
use evently_core::memory::{MemoryLeases, MemoryQueue};
use evently_core::queue::{JobQueue, QueueSettings};
use std::sync::{Arc, OnceLock};

/// What is another process' handle elsewhere is the same queue here.
#[derive(Debug, Default)]
struct Queue(OnceLock<Arc<MemoryQueue>>);

#[async_trait]
impl QueueHarness for Queue {
    async fn open(&self, settings: QueueSettings, clock: Arc<dyn Clock>) -> Arc<dyn JobQueue> {
        Arc::clone(self.0.get_or_init(|| Arc::new(MemoryQueue::new(settings, clock)))) as _
    }
}

async fn queue() -> Queue {
    Queue::default()
}

#[derive(Debug)]
struct Registry(Arc<MemoryLeases>);

#[async_trait]
impl LeaseHarness for Registry {
    async fn open(&self) -> Arc<dyn Leases> {
        Arc::clone(&self.0) as _
    }
}

async fn registry() -> Registry {
    Registry(Arc::new(MemoryLeases::new(Arc::new(SystemClock))))
}

mod queues {
    evently_core::queue_suite!(open = super::queue);
}

mod leases {
    evently_core::lease_suite!(open = super::registry);
}
