//! Reads of the waitlist.

use super::page::fill;
use super::state::EventState;
use super::{Data, MemoryStore};
use crate::domain::{Entry, EntryFilter, EntryId, EventId, Page, PageRequest, UserId};
use crate::store::{PlacedEntry, StoreError, WaitlistStore};
use async_trait::async_trait;
use std::sync::Arc;

impl Data {
    fn entry_of(&self, event_id: EventId, id: EntryId) -> Option<PlacedEntry> {
        let find = |state: &EventState| state.line.entry(id).map(|entry| state.line.placed(entry));
        self.read(event_id, find).flatten()
    }
}

#[async_trait]
impl WaitlistStore for MemoryStore {
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError> {
        let data = self.data()?;
        let event_id = data.index.event_of_entry(id);
        Ok(event_id.and_then(|event_id| data.entry_of(event_id, id)))
    }

    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError> {
        let data = self.data()?;
        Ok(fill(page, |after, limit| {
            let ids = data.index.entries_of(user_id, after.copied(), limit);
            let find = |(id, event_id)| (id, data.entry_of(event_id, id));
            ids.into_iter().map(find).collect()
        }))
    }

    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError> {
        let data = self.data()?;
        let wanted = |entry: &Entry| filter.status.is_none_or(|status| status == entry.status);
        Ok(fill(page, |after, limit| {
            let chunk = |state: &EventState| {
                let judge = |entry: &Arc<Entry>| (entry.seq, wanted(entry).then(|| state.line.placed(entry)));
                state.line.behind(after.copied()).take(limit).map(judge).collect()
            };
            data.read(event_id, chunk).unwrap_or_default()
        }))
    }
}
