//! Reads of the catalogue.

use crate::RedisStore;
use crate::data::Data;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::{members, values};
use async_trait::async_trait;
use evently_core::domain::{EventCursor, EventFilter, EventId, EventSort, Page, PageRequest, SeatLabel};
use evently_core::ledger::Need;
use evently_core::store::{EventStore, Listing, Span, StoreError};
use std::time::Duration;

/// The most events that are looked at in one go, where a filter leaves some out.
const CHUNK: usize = 256;
/// How often somebody who waits for a change looks, should word of it get lost.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[async_trait]
impl EventStore for RedisStore {
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError> {
        let standing = self.data()?.standing(id).await?;
        Ok(standing.map(|standing| standing.listing()))
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError> {
        let found = self.data()?.catalogue(filter, &page).await?;
        Ok(Page::from_surplus(found, page.limit, |listing| {
            listing.cursor(filter.sort)
        }))
    }

    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let after = after.map(|id| id.uuid().as_bytes().to_vec());
        let data = self.data()?;
        let listed = data
            .in_order(keys::BY_ID, behind(after), b"+".to_vec(), limit)
            .await?;
        Ok(listed.into_iter().map(|(id, _)| id).collect())
    }

    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError> {
        let need = Need {
            seats: true,
            ..Need::event(id)
        };
        let snapshot = self.data()?.load(&[need]).await?.pop().flatten();
        Ok(snapshot.map(|snapshot| {
            let listing = Listing {
                event: snapshot.event,
                version: snapshot.revision.version,
                counts: snapshot.counts,
            };
            (listing, snapshot.taken_seats.unwrap_or_default())
        }))
    }

    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError> {
        let data = self.data()?;
        let version = || async { Ok(data.version(id).await?) };
        data.signals.wait(id, seen, at_most, LOOK_EVERY, version).await
    }
}

/// The lower bound behind a member, or of all.
fn behind(member: Option<Vec<u8>>) -> Vec<u8> {
    member.map_or(b"-".to_vec(), |member| [b"(".as_slice(), &member].concat())
}

impl Data {
    pub(crate) async fn version(&self, id: EventId) -> Result<Option<u64>, Fault> {
        let mut command = redis::cmd("HGET");
        command.arg(keys::event(id, Part::Inventory)).arg("version");
        match self.connection.read(command).await? {
            redis::Value::Nil => Ok(None),
            version => Ok(Some(values::number(version)?)),
        }
    }

    /// Events in an order, with their members there.
    pub(crate) async fn in_order(
        &self,
        order: &str,
        from: Vec<u8>,
        to: Vec<u8>,
        limit: usize,
    ) -> Result<Vec<(EventId, Vec<u8>)>, Fault> {
        let mut command = redis::cmd("ZRANGEBYLEX");
        command
            .arg(order)
            .arg(from)
            .arg(to)
            .arg("LIMIT")
            .arg(0)
            .arg(limit);
        let listed = values::bytes_list(self.connection.read(command).await?)?.into_iter();
        let with_id = |member: Vec<u8>| Ok((EventId::from_uuid(members::last_id(&member)?), member));
        listed.map(with_id).collect()
    }

    /// One row more than the page has, if there is one.
    async fn catalogue(
        &self,
        filter: &EventFilter,
        page: &PageRequest<EventCursor>,
    ) -> Result<Vec<Listing>, Fault> {
        let surplus = page.limit as usize + 1;
        let after = page.after.as_ref();
        let mut from = behind(after.map(|cursor| members::in_catalogue(filter.sort, cursor)));
        let mut to = b"+".to_vec();
        if filter.sort == EventSort::StartsAt {
            if let (None, Some(at)) = (after, filter.from) {
                from = members::from_instant(at);
            }
            to = filter.to.map_or(to, members::before_instant);
        }
        let (mut limit, mut found) = (surplus, Vec::new());
        loop {
            let listed = self
                .in_order(order_of(filter.sort), from, to.clone(), limit)
                .await?;
            let ids: Vec<EventId> = listed.iter().map(|(id, _)| *id).collect();
            let standings = self.standings(&ids).await?.into_iter().flatten();
            let listings = standings.map(|standing| standing.listing());
            found.extend(listings.filter(|listing| listing.matches(filter)));
            if listed.len() < limit || found.len() >= surplus {
                found.truncate(surplus);
                return Ok(found);
            }
            from = behind(listed.into_iter().next_back().map(|(_, member)| member));
            limit = CHUNK;
        }
    }

    /// The ids of the events that start in a span, soonest first, some at a time: those behind a member.
    pub(crate) async fn starting(
        &self,
        starts: Span,
        after: Option<Vec<u8>>,
    ) -> Result<Vec<(EventId, Vec<u8>)>, Fault> {
        let from = match (after, starts.from) {
            (None, Some(at)) => members::from_instant(at),
            (after, _) => behind(after),
        };
        let to = starts.to.map_or(b"+".to_vec(), members::before_instant);
        self.in_order(keys::BY_START, from, to, CHUNK).await
    }
}

fn order_of(sort: EventSort) -> &'static str {
    match sort {
        EventSort::StartsAt => keys::BY_START,
        EventSort::StartsAtDescending => keys::BY_START_DESCENDING,
        EventSort::Name => keys::BY_NAME,
        EventSort::CreatedAtDescending => keys::BY_CREATION,
    }
}
