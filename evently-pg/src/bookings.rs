//! Load, commit, and the reads of bookings.

use crate::commit::commit;
use crate::load::{booking, load};
use crate::rows::{self, text};
use crate::statements as sql;
use crate::store::PgStore;
use async_trait::async_trait;
use evently_core::domain::{
    Booking, BookingFilter, BookingId, BookingStatus, EventId, Page, PageRequest, Timestamp, UserId,
};
use evently_core::ledger::{Changes, EventWrite, Need, Snapshot};
use evently_core::store::{BookingStore, Committed, StoreError};
use sqlx::Row;
use std::sync::Arc;
use uuid::Uuid;

#[async_trait]
impl BookingStore for PgStore {
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        Ok(load(self, needs).await?)
    }

    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let outcomes = commit(self, changes).await;
        for changes in changes {
            if changes.event == Some(EventWrite::Delete) {
                self.definitions.forget(changes.event_id);
            }
            // Those whose commit failed, too: it may have happened.
            self.signals.tell(changes.event_id);
        }
        self.word.spread(changes.iter().map(|changes| changes.event_id));
        Ok(outcomes?)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError> {
        let found = self
            .connections
            .first(sqlx::query(sql::BOOKING).bind(id.uuid()))
            .await?;
        let read = found.map(|row| booking(text(&row, 0)?));
        Ok(read.transpose()?)
    }

    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let statement = sqlx::query(sql::BOOKINGS_OF_USER)
            .bind(user_id.uuid())
            .bind(page.after.map(BookingId::uuid))
            .bind(filter.event_id.map(EventId::uuid))
            .bind(filter.status.map(BookingStatus::as_str))
            .bind(i64::from(page.limit) + 1);
        let rows = self.connections.all(statement).await?;
        let bookings = rows
            .iter()
            .map(|row| booking(text(row, 0)?))
            .collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(bookings, page.limit, |booking| booking.id))
    }

    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let wanted = |status: &BookingStatus| filter.status.is_none_or(|wanted| wanted == *status);
        let statuses = BookingStatus::ALL.into_iter().filter(wanted);
        let statement = sqlx::query(sql::BOOKINGS_OF_EVENT)
            .bind(event_id.uuid())
            .bind(statuses.map(BookingStatus::as_str).collect::<Vec<_>>())
            .bind(page.after.map(BookingId::uuid))
            .bind(i64::from(page.limit) + 1);
        let rows = self.connections.all(statement).await?;
        let bookings = rows
            .iter()
            .map(|row| booking(text(row, 0)?))
            .collect::<Result<_, _>>()?;
        Ok(Page::from_surplus(bookings, page.limit, |booking| booking.id))
    }

    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let statement = sqlx::query(sql::DUE_EVENTS)
            .bind(rows::instant(now))
            .bind(rows::at_most(limit));
        let rows = self.connections.all(statement).await?;
        let id = |row| Ok(EventId::from_uuid(Row::try_get::<Uuid, _>(row, 0)?));
        Ok(rows.iter().map(id).collect::<Result<_, crate::error::Fault>>()?)
    }
}
