//! What a call to [`Evently`](crate::Evently) can end in, other than what was asked for.

use crate::ledger::Refusal;
use crate::store::StoreError;
use std::{sync::Arc, time::Duration};

/// Why a call did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rules refused it. It had no effect.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much is waiting already. It had no effect; trying again after the span helps.
    #[error("overloaded")]
    Overloaded {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The storage failed. A change may or may not have happened: trying again with the same idempotency key
    /// finds out, and has one effect.
    #[error("the storage failed: {0}")]
    Store(Arc<StoreError>),
    /// The engine itself failed: a bug. A change may or may not have happened.
    #[error("the engine failed")]
    Failed,
    /// The engine is shutting down. It had no effect.
    #[error("shutting down")]
    Closed,
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}
