//! The races and the model over a store that fails, loses answers and comes late, as a seed says.

use evently_core::conformance::{
    Volatile,
    faulty::{Faults, faulty},
};
use evently_core::memory::MemoryStore;
use std::sync::Arc;

mod mild {
    use super::*;

    async fn store() -> Volatile {
        let memory = Arc::new(MemoryStore::new());
        Volatile::over(Arc::new(faulty(memory, 1, Faults::mild())))
    }

    evently_core::conformance_suite!(open = store, races);
}

mod harsh {
    use super::*;

    async fn store() -> Volatile {
        let memory = Arc::new(MemoryStore::new());
        Volatile::over(Arc::new(faulty(memory, 2, Faults::harsh())))
    }

    evently_core::conformance_suite!(open = store, races);
}
