//! Reads of the waitlist.

use crate::error::Fault;
use crate::query::{all, first};
use crate::rows;
use crate::statements as sql;
use crate::{SqliteStore, load};
use async_trait::async_trait;
use evently_core::domain::{Entry, EntryFilter, EntryId, EntryStatus, EventId, Page, PageRequest, UserId};
use evently_core::store::{PlacedEntry, StoreError, WaitlistStore};
use rusqlite::{Connection, params};
use std::sync::Arc;

#[async_trait]
impl WaitlistStore for SqliteStore {
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError> {
        self.readers
            .ask(move |connection| {
                let entry = load::entry(connection, id)?;
                entry.map(|entry| placed(connection, entry)).transpose()
            })
            .await
    }

    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError> {
        self.readers
            .ask(move |connection| {
                let user = user_id.uuid();
                let below = page
                    .after
                    .map_or(vec![0xff; 17], |id| id.uuid().as_bytes().to_vec());
                let limit = rows::at_most(page.limit as usize + 1);
                let entries = all(
                    connection,
                    sql::ENTRIES_OF_USER,
                    params![user.as_bytes(), below, limit],
                    |row| rows::entry(row).map(Arc::new),
                )?;
                let rows = entries.into_iter().map(|entry| placed(connection, entry));
                let rows = rows.collect::<Result<_, Fault>>()?;
                Ok(Page::from_surplus(rows, page.limit, |placed| placed.entry.id))
            })
            .await
    }

    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError> {
        self.readers
            .ask(move |connection| {
                let event = event_id.uuid();
                let entries = all(
                    connection,
                    sql::ENTRIES_OF_EVENT,
                    params![
                        event.as_bytes(),
                        rows::behind(page.after),
                        filter.status.map(EntryStatus::as_str),
                        rows::at_most(page.limit as usize + 1)
                    ],
                    |row| rows::entry(row).map(Arc::new),
                )?;
                let rows = placed_in_order(connection, entries)?;
                Ok(Page::from_surplus(rows, page.limit, |placed| placed.entry.seq))
            })
            .await
    }
}

fn placed(connection: &Connection, entry: Arc<Entry>) -> Result<PlacedEntry, Fault> {
    let position = match entry.status {
        EntryStatus::Waiting => position(connection, &entry)?,
        _ => None,
    };
    Ok(PlacedEntry { entry, position })
}

fn position(connection: &Connection, entry: &Entry) -> Result<Option<u64>, Fault> {
    let event = entry.event_id.uuid();
    first(
        connection,
        sql::POSITION,
        params![event.as_bytes(), entry.seq],
        |row| Ok(row.get(0)?),
    )
}

/// Places one event's entries that follow each other with none that waits left out between them: only the first
/// position is counted.
fn placed_in_order(connection: &Connection, entries: Vec<Arc<Entry>>) -> Result<Vec<PlacedEntry>, Fault> {
    let mut last = None;
    let mut placed = Vec::with_capacity(entries.len());
    for entry in entries {
        let position = match (entry.status, last) {
            (EntryStatus::Waiting, Some(last)) => Some(last + 1),
            (EntryStatus::Waiting, None) => position(connection, &entry)?,
            _ => None,
        };
        last = position.or(last);
        placed.push(PlacedEntry { entry, position });
    }
    Ok(placed)
}
