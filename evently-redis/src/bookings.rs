//! Load, commit, and the reads of bookings.

use crate::RedisStore;
use crate::data::Data;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::load::bookings_of;
use crate::rows::{self, status_letter};
use crate::scripts::NEWEST;
use crate::{members, values};
use async_trait::async_trait;
use evently_core::domain::{
    Booking, BookingFilter, BookingId, BookingStatus, EventId, Page, PageRequest, Timestamp, UserId,
};
use evently_core::ledger::{Changes, Need, Snapshot};
use evently_core::store::{BookingStore, Committed, StoreError};
use redis::Cmd;
use std::cmp::Reverse;
use std::sync::Arc;

/// The most rows that are looked at in one go, where a filter leaves some out.
const CHUNK: usize = 512;

#[async_trait]
impl BookingStore for RedisStore {
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        Ok(self.data()?.load(needs).await?)
    }

    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        self.data()?.commit(changes).await
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError> {
        let data = self.data()?;
        let Some(event_id) = data.event_by(keys::events_of_bookings(id), id.uuid()).await? else {
            return Ok(None);
        };
        Ok(data.bookings_at(&[(id, event_id)]).await?.pop().flatten())
    }

    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let found = self.data()?.newest_of_user(user_id, filter, &page).await?;
        Ok(Page::from_surplus(found, page.limit, |booking| booking.id))
    }

    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let found = self
            .data()?
            .newest_of_event(event_id, filter.status, &page)
            .await?;
        Ok(Page::from_surplus(found, page.limit, |booking| booking.id))
    }

    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        Ok(self.data()?.due_events(now, limit).await?)
    }
}

impl Data {
    /// Bookings whose events are known, in their order.
    async fn bookings_at(&self, places: &[(BookingId, EventId)]) -> Result<Vec<Option<Arc<Booking>>>, Fault> {
        let ask = |(id, event_id): &(BookingId, EventId)| {
            let mut command = redis::cmd("HGET");
            command
                .arg(keys::event(*event_id, Part::Bookings))
                .arg(id.uuid().as_bytes());
            command
        };
        let answers = self
            .connection
            .read_every(places.iter().map(ask).collect())
            .await?;
        let read = |((id, event_id), answer): (&(BookingId, EventId), redis::Value)| {
            let row = values::optional_bytes(answer)?;
            row.map(|row| rows::booking(*event_id, *id, &row).map(Arc::new))
                .transpose()
        };
        places.iter().zip(answers).map(read).collect()
    }

    /// One row more than the page has, if there is one.
    async fn newest_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: &PageRequest<BookingId>,
    ) -> Result<Vec<Arc<Booking>>, Fault> {
        let surplus = page.limit as usize + 1;
        let (mut after, mut limit) = (page.after, surplus);
        let mut found = Vec::new();
        loop {
            let command = newest_first(keys::bookings_of_user(user_id), after.map(BookingId::uuid), limit);
            let listed = values::bytes_list(self.connection.read(command).await?)?;
            let mut places = Vec::with_capacity(listed.len());
            for member in &listed {
                let id = BookingId::from_uuid(members::first_id(member)?);
                places.push((id, EventId::from_uuid(members::last_id(member)?)));
            }
            after = places.last().map(|(id, _)| *id);
            places.retain(|(_, event_id)| filter.event_id.is_none_or(|wanted| wanted == *event_id));
            let bookings = self.bookings_at(&places).await?.into_iter().flatten();
            found.extend(
                bookings.filter(|booking| filter.status.is_none_or(|status| status == booking.status)),
            );
            if listed.len() < limit || found.len() >= surplus {
                found.truncate(surplus);
                return Ok(found);
            }
            limit = CHUNK;
        }
    }

    /// One row more than the page has, if there is one. The order is by status: of all of them, the newest are merged.
    async fn newest_of_event(
        &self,
        event_id: EventId,
        status: Option<BookingStatus>,
        page: &PageRequest<BookingId>,
    ) -> Result<Vec<Arc<Booking>>, Fault> {
        let surplus = page.limit as usize + 1;
        let mut command = NEWEST.call(&[
            keys::event(event_id, Part::ByStatus),
            keys::event(event_id, Part::Bookings),
        ]);
        command.arg(
            page.after
                .map_or_else(Vec::new, |id| id.uuid().as_bytes().to_vec()),
        );
        command.arg(surplus);
        for one in BookingStatus::ALL {
            if status.is_none_or(|wanted| wanted == one) {
                command.arg(&[status_letter(one)]);
            }
        }
        let mut found = bookings_of(event_id, self.connection.read(command).await?)?;
        found.sort_unstable_by_key(|booking| Reverse(booking.id));
        found.truncate(surplus);
        Ok(found)
    }

    /// The order of what is due is written after its commit: each event is asked itself. One that stands there
    /// wrongly is put right.
    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, Fault> {
        let mut command = redis::cmd("ZRANGEBYLEX");
        command.arg(keys::DUE).arg("-").arg(members::until_instant(now));
        command.arg("LIMIT").arg(0).arg(limit);
        let listed = values::bytes_list(self.connection.read(command).await?)?;
        let ids = listed
            .iter()
            .map(|member| members::last_id(member).map(EventId::from_uuid));
        let ids: Vec<EventId> = ids.collect::<Result<_, _>>()?;
        let standings = self.standings(&ids).await?;
        let mut due = Vec::with_capacity(ids.len());
        for (id, standing) in ids.into_iter().zip(standings) {
            let due_at = standing.and_then(|standing| standing.head.due_at);
            if due_at.is_some_and(|at| at <= now) {
                due.push(id);
            } else {
                self.settle(id).await?;
            }
        }
        Ok(due)
    }
}

/// Asks for members of an order by id, the greatest first, below one.
pub(crate) fn newest_first(key: String, after: Option<uuid::Uuid>, limit: usize) -> Cmd {
    let mut command = redis::cmd("ZREVRANGEBYLEX");
    command.arg(key);
    match after {
        Some(id) => command.arg([b"(".as_slice(), id.as_bytes()].concat()),
        None => command.arg("+"),
    };
    command.arg("-").arg("LIMIT").arg(0).arg(limit);
    command
}
