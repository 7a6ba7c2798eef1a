//! Reads of the waitlist.

use crate::error::Fault;
use crate::load;
use crate::rows::{behind, text};
use crate::statements as sql;
use crate::store::PgStore;
use async_trait::async_trait;
use evently_core::domain::{EntryFilter, EntryId, EntryStatus, EventId, Page, PageRequest, UserId};
use evently_core::store::{PlacedEntry, StoreError, WaitlistStore};
use sqlx::Row;
use sqlx::postgres::PgRow;

#[async_trait]
impl WaitlistStore for PgStore {
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError> {
        let found = self
            .connections
            .first(sqlx::query(sql::ENTRY).bind(id.uuid()))
            .await?;
        Ok(found.as_ref().map(placed).transpose()?)
    }

    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError> {
        let statement = sqlx::query(sql::ENTRIES_OF_USER)
            .bind(user_id.uuid())
            .bind(page.after.map(EntryId::uuid))
            .bind(i64::from(page.limit) + 1);
        let rows = self.connections.all(statement).await?;
        let rows = rows.iter().map(placed).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |placed| placed.entry.id))
    }

    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError> {
        let statement = sqlx::query(sql::ENTRIES_OF_EVENT)
            .bind(event_id.uuid())
            .bind(behind(page.after))
            .bind(filter.status.map(EntryStatus::as_str))
            .bind(i64::from(page.limit) + 1);
        let rows = self.connections.all(statement).await?;
        let rows = rows.iter().map(placed).collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(rows, page.limit, |placed| placed.entry.seq))
    }
}

/// Reads an entry and its position.
fn placed(row: &PgRow) -> Result<PlacedEntry, Fault> {
    let position: Option<i64> = row.try_get(1)?;
    Ok(PlacedEntry {
        entry: load::entry(text(row, 0)?)?,
        position: position.map(u64::try_from).transpose().map_err(Fault::damaged)?,
    })
}
