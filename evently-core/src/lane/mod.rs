//! Stub.
use crate::clock::{Clock, IdSource};
use crate::domain::{EventId, Limits};
use crate::error::Error;
use crate::ledger::{Command, Receipt};
use crate::store::Store;
use std::sync::Arc;

/// How many lanes there are and how much they take in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneSettings {
    /// How many lanes; each event belongs to one. Default: one a core.
    pub lanes: usize,
    /// The most commands that one lane decides together.
    pub max_batch: usize,
    /// The most commands that wait for one lane; one more is answered `Overloaded`.
    pub max_waiting: usize,
    /// The most events whose inventory one lane keeps between batches.
    pub max_kept: usize,
}
impl Default for LaneSettings {
    fn default() -> Self {
        Self {
            lanes: 2,
            max_batch: 512,
            max_waiting: 16_384,
            max_kept: 2_048,
        }
    }
}
#[derive(Debug, Clone)]
pub(crate) struct Lanes {}
impl Lanes {
    pub(crate) fn start(
        _: LaneSettings,
        _: Arc<dyn Store>,
        _: Arc<dyn Clock>,
        _: Arc<dyn IdSource>,
        _: Limits,
    ) -> Self {
        Self {}
    }
    pub(crate) async fn submit(&self, _: EventId, _: Command) -> Result<Receipt, Error> {
        Err(Error::Closed)
    }
    pub(crate) async fn shutdown(&self) {}
}
