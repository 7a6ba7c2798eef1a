//! Reads of the catalogue.

use super::MemoryStore;
use super::state::EventState;
use crate::domain::{EventCursor, EventFilter, EventId, EventSort, Page, PageRequest, SeatLabel};
use crate::store::{EventStore, Listing, StoreError};
use async_trait::async_trait;
use std::cmp::Ordering;
use std::ops::Bound::{Excluded, Unbounded};
use std::time::Duration;

#[async_trait]
impl EventStore for MemoryStore {
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError> {
        Ok(self.data()?.read(id, EventState::listing))
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError> {
        let sort = filter.sort;
        let is_after = |cursor: &EventCursor| {
            let before = page.after.as_ref();
            before.is_none_or(|before| in_order(sort, before, cursor).is_lt())
        };
        let mut rows = self.data()?.read_all(|state| {
            let listing = state.listing();
            let cursor = listing.cursor(sort);
            (is_after(&cursor) && listing.matches(filter)).then_some((cursor, listing))
        });
        rows.sort_unstable_by(|(one, _), (other, _)| in_order(sort, one, other));
        rows.truncate(page.limit as usize + 1);
        Ok(Page::from_surplus(rows, page.limit, |(cursor, _)| cursor.clone()).map(|(_, listing)| listing))
    }

    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let data = self.data()?;
        let mut ids = Vec::new();
        let mut from = after.map_or(Unbounded, Excluded);
        // A deleted draft's cell is empty and not counted; the next ones take its place.
        while ids.len() < limit {
            let missing = limit - ids.len();
            let cells: Vec<EventId> = {
                let events = data.events.read();
                events
                    .range((from, Unbounded))
                    .take(missing)
                    .map(|(id, _)| *id)
                    .collect()
            };
            ids.extend(cells.iter().filter(|id| data.read(**id, |_| ()).is_some()));
            match cells.last() {
                Some(last) if cells.len() == missing => from = Excluded(*last),
                _ => break,
            }
        }
        Ok(ids)
    }

    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError> {
        let with_seats = |state: &EventState| (state.listing(), state.seats.keys().cloned().collect());
        Ok(self.data()?.read(id, with_seats))
    }

    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError> {
        let version = || async { Ok(self.data()?.read(id, |state| state.revision.version)) };
        let signals = &self.data()?.signals;
        // All commits are this process' and told: there is nothing to look for in between.
        signals.wait(id, seen, at_most, at_most, version).await
    }
}

/// How two rows stand in an order of the catalogue: descending or not, ties are by id, ascending.
fn in_order(sort: EventSort, one: &EventCursor, other: &EventCursor) -> Ordering {
    let by_key = one.key.cmp(&other.key);
    let by_key = match sort {
        EventSort::StartsAt | EventSort::Name => by_key,
        EventSort::StartsAtDescending | EventSort::CreatedAtDescending => by_key.reverse(),
    };
    by_key.then(one.id.cmp(&other.id))
}
