//! Reads of the figures that commits maintain, and the recount that proves them.

use super::StoreError;
use crate::domain::{EventFigures, EventId, Overview, Popularity, SalesRow, Timestamp};
use crate::ledger::Audit;
use async_trait::async_trait;
use std::fmt::Debug;

/// A half-open span of time: from `from` on, before `to`. `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
}

impl Span {
    /// Whether an instant lies in the span.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// Reads of the figures. They are written by [`BookingStore::commit`](super::BookingStore::commit), with what
/// they count.
#[async_trait]
pub trait AnalyticsStore: Debug + Send + Sync + 'static {
    /// Figures over all events that start in the span; see [`Overview`] for which count where.
    ///
    /// # Errors
    /// The storage failed.
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError>;

    /// The events that start in the span (drafts left out), most popular first, ties by id ascending.
    ///
    /// # Errors
    /// The storage failed.
    async fn popular(
        &self,
        by: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, StoreError>;

    /// One event's figures.
    ///
    /// # Errors
    /// The storage failed.
    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError>;

    /// The hours in the span in which something was sold or cancelled, in order.
    ///
    /// # Errors
    /// The storage failed.
    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError>;

    /// What is kept of an event beside a recount of its bookings, entries and seats, from one snapshot. The
    /// recount is a [`Tally`](crate::ledger::Tally)'s.
    ///
    /// # Errors
    /// The storage failed.
    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError>;
}
