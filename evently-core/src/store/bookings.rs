//! The heart of the contract: load, commit, and the reads of bookings.

use super::StoreError;
use crate::domain::{Booking, BookingFilter, BookingId, EventId, Page, PageRequest, Timestamp, UserId};
use crate::ledger::{Changes, Need, Snapshot};
use async_trait::async_trait;
use std::{fmt::Debug, sync::Arc};

/// What became of one event's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committed {
    /// All of them are stored, as durably as the store promises; the event stands at [`Changes::revision`].
    Done,
    /// None of them is.
    Conflict(Conflict),
}

/// Why changes were not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The event stands at another commit than the one that was decided on (another version, or the same version by
    /// another writer), or does not exist (or, for a new event, does already).
    Version,
    /// A new booking or entry carries a key that its user has used for the event before.
    Key,
}

/// Loads what decisions need and commits what was decided.
#[async_trait]
pub trait BookingStore: Debug + Send + Sync + 'static {
    /// Reads each needed event at one version; `None` for an event that does not exist.
    ///
    /// - **Atomicity**: each snapshot is of one version: everything in it was true at one instant. Different
    ///   events may be of different instants.
    /// - **Ordering**: a load that begins after a commit returned sees that commit. Answers come in the order of
    ///   the needs; each event is named at most once, its lists sorted and without repeats.
    /// - **Idempotency**: reads only.
    ///
    /// # Errors
    /// The storage failed; nothing was read.
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError>;

    /// Stores each event's changes if the event still stands at the [`Revision`](crate::ledger::Revision) that they were
    /// decided on: version and writer.
    ///
    /// - **Atomicity**: for each event everything or nothing; the events stand apart, a conflict of one leaves
    ///   the others alone. An event is named at most once.
    /// - **Ordering**: commits to one event follow each other version by version; there are no gaps.
    /// - **Idempotency**: the same changes twice: the second time is a conflict.
    /// - When it returns, every `Done` survives what [`Store::durability`](super::Store::durability) says.
    /// - Cancelling the future must not leave one event's changes half-stored.
    ///
    /// # Errors
    /// Transient: it is unknown which events' changes were stored; the lane finds out. Permanent: none was.
    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError>;

    /// One booking.
    ///
    /// # Errors
    /// The storage failed.
    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError>;

    /// A user's bookings, newest first (by id, descending).
    ///
    /// # Errors
    /// The storage failed.
    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError>;

    /// An event's bookings, newest first (by id, descending). `filter.event_id` is not read.
    ///
    /// # Errors
    /// The storage failed.
    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError>;

    /// Events in which something is due at `now` (their `due_at` has come), first due first, at most `limit`.
    ///
    /// # Errors
    /// The storage failed.
    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError>;
}
