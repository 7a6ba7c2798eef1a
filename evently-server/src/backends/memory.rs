//! `memory:`, which lives as long as its process.

use super::{Backend, OpenError};
use crate::secret::SecretHome;
use evently_core::memory::MemoryStore;
use evently_core::store::Store;
use futures::FutureExt;
use std::sync::Arc;

pub(super) const BACKEND: Backend = Backend {
    scheme: "memory",
    form: "memory:",
    open: |_, _| {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        async { Ok::<_, OpenError>(store) }.boxed()
    },
    migrate: |_| async { Ok("memory: has no schema".to_owned()) }.boxed(),
    secret: |_| SecretHome::Nowhere,
};
