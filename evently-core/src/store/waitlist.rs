//! Reads of the waitlist.

use super::StoreError;
use crate::domain::{Entry, EntryFilter, EntryId, EventId, Page, PageRequest, UserId};
use async_trait::async_trait;
use std::{fmt::Debug, sync::Arc};

/// An entry with its place among the event's waiting entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedEntry {
    /// The entry.
    pub entry: Arc<Entry>,
    /// 1 for the first of the event's entries in status `waiting`; `None` for an entry that does not wait.
    pub position: Option<u64>,
}

/// Reads of the waitlist. Entries are written by [`BookingStore::commit`](super::BookingStore::commit): a
/// promotion belongs to the cancel that caused it.
#[async_trait]
pub trait WaitlistStore: Debug + Send + Sync + 'static {
    /// One entry.
    ///
    /// # Errors
    /// The storage failed.
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError>;

    /// A user's entries, newest first (by id, descending).
    ///
    /// # Errors
    /// The storage failed.
    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError>;

    /// An event's entries in the order of joining; the cursor is the last row's `seq`.
    ///
    /// # Errors
    /// The storage failed.
    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError>;
}
