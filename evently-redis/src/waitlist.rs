//! Reads of the waitlist.

use crate::RedisStore;
use crate::bookings::newest_first;
use crate::data::Data;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::scripts::PLACED;
use crate::{members, rows, values};
use async_trait::async_trait;
use evently_core::domain::{EntryFilter, EntryId, EntryStatus, EventId, Page, PageRequest, UserId};
use evently_core::store::{PlacedEntry, StoreError, WaitlistStore};
use redis::{Cmd, Value};
use std::sync::Arc;
use uuid::Uuid;

/// The most entries that are looked at in one go, where a filter leaves some out.
const CHUNK: usize = 512;

#[async_trait]
impl WaitlistStore for RedisStore {
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError> {
        let data = self.data()?;
        let Some(event_id) = data.event_by(keys::events_of_entries(id), id.uuid()).await? else {
            return Ok(None);
        };
        Ok(data.entries_at(&[(id.uuid(), event_id)]).await?.pop())
    }

    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError> {
        let data = self.data()?;
        let surplus = page.limit as usize + 1;
        let command = newest_first(
            keys::entries_of_user(user_id),
            page.after.map(EntryId::uuid),
            surplus,
        );
        let listed = values::bytes_list(data.connection.read(command).await.map_err(StoreError::from)?)?;
        let mut places = Vec::with_capacity(listed.len());
        for member in &listed {
            places.push((
                members::first_id(member)?,
                EventId::from_uuid(members::last_id(member)?),
            ));
        }
        let found = data.entries_at(&places).await?;
        Ok(Page::from_surplus(found, page.limit, |placed| placed.entry.id))
    }

    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError> {
        let found = self.data()?.in_line(event_id, filter, &page).await?;
        Ok(Page::from_surplus(found, page.limit, |placed| placed.entry.seq))
    }
}

impl Data {
    /// Entries whose events are known, in their order; what is not there is left out.
    async fn entries_at(&self, places: &[(Uuid, EventId)]) -> Result<Vec<PlacedEntry>, Fault> {
        let ask = |(id, event_id): &(Uuid, EventId)| placed(*event_id, &[*id]);
        let answers = self
            .connection
            .read_every(places.iter().map(ask).collect())
            .await?;
        let mut found = Vec::with_capacity(places.len());
        for ((_, event_id), answer) in places.iter().zip(answers) {
            found.extend(read_placed(*event_id, answer)?);
        }
        Ok(found)
    }

    /// One row more than the page has, if there is one.
    async fn in_line(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: &PageRequest<u64>,
    ) -> Result<Vec<PlacedEntry>, Fault> {
        let surplus = page.limit as usize + 1;
        let (mut after, mut limit) = (page.after, surplus);
        let mut found = Vec::new();
        loop {
            let ids = self.ids_in_line(event_id, after, limit).await?;
            let chunk = match ids.as_slice() {
                [] => Vec::new(),
                ids => read_placed(event_id, self.connection.read(placed(event_id, ids)).await?)?,
            };
            after = chunk.last().map(|placed| placed.entry.seq);
            let wanted =
                |placed: &PlacedEntry| filter.status.is_none_or(|status| status == placed.entry.status);
            found.extend(chunk.into_iter().filter(wanted));
            if ids.len() < limit || found.len() >= surplus {
                found.truncate(surplus);
                return Ok(found);
            }
            limit = CHUNK;
        }
    }

    /// The ids of an event's entries behind a place, in order.
    pub(crate) async fn ids_in_line(
        &self,
        event_id: EventId,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Uuid>, Fault> {
        let mut command = redis::cmd("ZRANGEBYSCORE");
        command.arg(keys::event(event_id, Part::Line));
        command.arg(after.map_or_else(|| "-inf".to_owned(), |place| format!("({place}")));
        command.arg("+inf").arg("LIMIT").arg(0).arg(limit);
        let ids = values::list(self.connection.read(command).await?)?;
        ids.into_iter().map(values::id).collect()
    }
}

fn placed(event_id: EventId, ids: &[Uuid]) -> Cmd {
    let mut command = PLACED.call(&[
        keys::event(event_id, Part::Entries),
        keys::event(event_id, Part::Waiting),
    ]);
    for id in ids {
        command.arg(id.as_bytes());
    }
    command
}

fn read_placed(event_id: EventId, answer: Value) -> Result<Vec<PlacedEntry>, Fault> {
    let mut values = values::list(answer)?.into_iter();
    let mut found = Vec::with_capacity(values.len() / 3);
    while let (Some(id), Some(row), Some(rank)) = (values.next(), values.next(), values.next()) {
        let id = EntryId::from_uuid(values::id(id)?);
        let entry = Arc::new(rows::entry(event_id, id, &values::bytes(row)?)?);
        let rank: i64 = values::number(rank)?;
        let position = match entry.status {
            EntryStatus::Waiting => u64::try_from(rank + 1).ok(),
            _ => None,
        };
        found.push(PlacedEntry { entry, position });
    }
    Ok(found)
}
