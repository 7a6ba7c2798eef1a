//! Reads of the catalogue.

use crate::connections::Statement;
use crate::error::Fault;
use crate::load::{listing, listings};
use crate::rows::{self, optional_instant};
use crate::statements as sql;
use crate::store::PgStore;
use async_trait::async_trait;
use evently_core::domain::{
    EventCursor, EventFilter, EventId, EventSort, EventSortKey, Page, PageRequest, Phase, SeatLabel,
};
use evently_core::store::{EventStore, Listing, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;
use std::time::Duration;
use uuid::Uuid;

/// How often an event that is waited for is looked at, in case word of a commit was lost.
const LOOK_EVERY: Duration = Duration::from_millis(500);

#[async_trait]
impl EventStore for PgStore {
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError> {
        Ok(listings(self, &[id]).await?.pop().flatten())
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError> {
        loop {
            let found = self.connections.all(catalogue(filter, &page)).await?;
            let ids = found.iter().map(event_id).collect::<Result<Vec<_>, _>>()?;
            let listed = listings(self, &ids).await?;
            // A draft that was deleted in between would end the list early: then the page is read again.
            if let Some(rows) = listed.into_iter().collect::<Option<Vec<_>>>() {
                return Ok(Page::from_surplus(rows, page.limit, |listing| {
                    listing.cursor(filter.sort)
                }));
            }
        }
    }

    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let statement = sqlx::query(sql::EVENT_IDS)
            .bind(after.map(EventId::uuid))
            .bind(rows::at_most(limit));
        let rows = self.connections.all(statement).await?;
        Ok(rows.iter().map(event_id).collect::<Result<_, _>>()?)
    }

    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError> {
        let known = self.definitions.known(id);
        let statement = sqlx::query(sql::LISTING_WITH_SEATS).bind(id.uuid()).bind(known.0);
        let Some(row) = self.connections.first(statement).await? else {
            return Ok(None);
        };
        let listing = listing(&self.definitions, &row, known)?;
        let labels: Vec<String> = row.try_get(2).map_err(Fault::from)?;
        Ok(Some((
            listing,
            labels
                .iter()
                .map(|label| SeatLabel::from(label.as_str()))
                .collect(),
        )))
    }

    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError> {
        let version = || async {
            let statement = sqlx::query(sql::INVENTORY_VERSION).bind(id.uuid());
            let row = self.connections.first(statement).await?;
            let version = row.map(|row| u64::try_from(row.try_get::<i64, _>(0)?).map_err(Fault::damaged));
            Ok(version.transpose()?)
        };
        self.signals.wait(id, seen, at_most, LOOK_EVERY, version).await
    }
}

fn event_id(row: &PgRow) -> Result<EventId, Fault> {
    Ok(EventId::from_uuid(row.try_get::<Uuid, _>(0)?))
}

/// One id more than the page has, if there is one.
fn catalogue<'a>(filter: &EventFilter, page: &PageRequest<EventCursor>) -> Statement<'a> {
    let after = page.after.as_ref();
    let time = after.and_then(|cursor| match &cursor.key {
        EventSortKey::Time(at) => Some(rows::instant(*at)),
        EventSortKey::Name(_) => None,
    });
    let name = after.and_then(|cursor| match &cursor.key {
        EventSortKey::Name(name) => Some(name.clone()),
        EventSortKey::Time(_) => None,
    });
    let ordered = match filter.sort {
        EventSort::StartsAt => sqlx::query(sql::EVENTS_BY_START).bind(time),
        EventSort::StartsAtDescending => sqlx::query(sql::EVENTS_BY_START_DESCENDING).bind(time),
        EventSort::Name => sqlx::query(sql::EVENTS_BY_NAME).bind(name),
        EventSort::CreatedAtDescending => sqlx::query(sql::EVENTS_BY_CREATION_DESCENDING).bind(time),
    };
    ordered
        .bind(after.map(|cursor| cursor.id.uuid()))
        .bind(optional_instant(filter.from))
        .bind(optional_instant(filter.to))
        .bind(filter.include_drafts)
        .bind(filter.venue.as_ref().map(|venue| venue.to_lowercase()))
        .bind(filter.phase.map(Phase::as_str))
        .bind(rows::instant(filter.now))
        .bind(filter.available_only)
        .bind(filter.text.as_ref().map(|text| text.to_lowercase()))
        .bind(i64::from(page.limit) + 1)
}
