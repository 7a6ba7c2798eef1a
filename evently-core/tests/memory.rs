//! The suite on the in-memory backend. What a restart is to a durable backend, a new handle on the same data is to
//! this one.

use async_trait::async_trait;
use evently_core::{conformance::Harness, memory::MemoryStore, store::Store};
use std::sync::Arc;

#[derive(Debug)]
struct Memory(MemoryStore);

#[async_trait]
impl Harness for Memory {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.0.reopen())
    }
}

async fn memory() -> Memory {
    Memory(MemoryStore::new())
}

evently_core::conformance_suite!(open = memory, durable);
