//! Load, commit, and the reads of bookings.

use crate::error::Fault;
use crate::query::all;
use crate::rows::{self, uuid};
use crate::statements as sql;
use crate::{SqliteStore, commit, load};
use async_trait::async_trait;
use evently_core::domain::{
    Booking, BookingFilter, BookingId, BookingStatus, EventId, Page, PageRequest, Timestamp, UserId,
};
use evently_core::ledger::{Changes, EventWrite, Need, Snapshot};
use evently_core::store::{BookingStore, Committed, StoreError};
use rusqlite::{Connection, params};
use std::cmp::Reverse;
use std::sync::Arc;

#[async_trait]
impl BookingStore for SqliteStore {
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        let (needs, definitions) = (needs.to_vec(), Arc::clone(&self.definitions));
        self.readers
            .ask(move |connection| {
                let answer = |need| load::snapshot(connection, &definitions, need);
                needs.iter().map(answer).collect()
            })
            .await
    }

    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let deletes = changes
            .iter()
            .filter(|changes| changes.event == Some(EventWrite::Delete));
        let deleted: Vec<EventId> = deletes.map(|changes| changes.event_id).collect();
        let written = changes.to_vec();
        let outcome = self
            .writer
            .ask(move |connection, pass| commit::commit(connection, &written, pass))
            .await;
        deleted.into_iter().for_each(|id| self.definitions.forget(id));
        // Whatever came of it: those who wait look for themselves.
        changes
            .iter()
            .for_each(|changes| self.signals.tell(changes.event_id));
        outcome
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError> {
        self.readers
            .ask(move |connection| load::booking(connection, id))
            .await
    }

    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        self.readers
            .ask(move |connection| {
                let rows = newest_of_user(connection, user_id, filter, &page)?;
                Ok(Page::from_surplus(rows, page.limit, |booking| booking.id))
            })
            .await
    }

    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        self.readers
            .ask(move |connection| {
                let rows = newest_of_event(connection, event_id, filter.status, &page)?;
                Ok(Page::from_surplus(rows, page.limit, |booking| booking.id))
            })
            .await
    }

    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        self.readers
            .ask(move |connection| {
                all(
                    connection,
                    sql::DUE_EVENTS,
                    params![rows::micros(now), rows::at_most(limit)],
                    |row| Ok(EventId::from_uuid(uuid(row, 0)?)),
                )
            })
            .await
    }
}

/// Below which id a page begins, as a blob: of equal beginnings the longer is greater, so that 17 bytes are above all.
fn below(after: Option<BookingId>) -> Vec<u8> {
    after.map_or(vec![0xff; 17], |id| id.uuid().as_bytes().to_vec())
}

/// One row more than the page has, if there is one.
fn newest_of_user(
    connection: &Connection,
    user_id: UserId,
    filter: BookingFilter,
    page: &PageRequest<BookingId>,
) -> Result<Vec<Arc<Booking>>, Fault> {
    let surplus = page.limit as usize + 1;
    // Which of them are in a status, only the rows themselves tell.
    let limit = filter.status.map_or(rows::at_most(surplus), |_| -1);
    let (user, event) = (user_id.uuid(), filter.event_id.map(|id| id.uuid().into_bytes()));
    let ids = all(
        connection,
        sql::BOOKING_IDS_OF_USER,
        params![user.as_bytes(), below(page.after), event, limit],
        |row| Ok(BookingId::from_uuid(uuid(row, 0)?)),
    )?;
    let mut found = Vec::new();
    for id in ids {
        let booking = load::booking(connection, id)?;
        let wanted = |booking: &Arc<Booking>| filter.status.is_none_or(|status| status == booking.status);
        found.extend(booking.filter(wanted));
        if found.len() == surplus {
            break;
        }
    }
    Ok(found)
}

/// One row more than the page has, if there is one. The index is by status: of all of them, the newest are merged.
fn newest_of_event(
    connection: &Connection,
    event_id: EventId,
    status: Option<BookingStatus>,
    page: &PageRequest<BookingId>,
) -> Result<Vec<Arc<Booking>>, Fault> {
    let surplus = page.limit as usize + 1;
    let event = event_id.uuid();
    let mut found = Vec::new();
    for one in BookingStatus::ALL {
        if status.is_none_or(|wanted| wanted == one) {
            found.extend(all(
                connection,
                sql::BOOKINGS_OF_EVENT,
                params![
                    event.as_bytes(),
                    one.as_str(),
                    below(page.after),
                    rows::at_most(surplus)
                ],
                |row| rows::booking(row).map(Arc::new),
            )?);
        }
    }
    found.sort_unstable_by_key(|booking| Reverse(booking.id));
    found.truncate(surplus);
    Ok(found)
}
