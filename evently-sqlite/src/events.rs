//! Reads of the catalogue.

use crate::definitions::Definitions;
use crate::error::Fault;
use crate::query::all;
use crate::rows::{self, micros, uuid};
use crate::statements as sql;
use crate::{SqliteStore, load};
use async_trait::async_trait;
use evently_core::domain::{
    EventCursor, EventFilter, EventId, EventSort, EventSortKey, Page, PageRequest, Phase, SeatLabel,
};
use evently_core::store::{EventStore, Listing, StoreError};
use rusqlite::types::Value;
use rusqlite::{Connection, named_params, params};
use std::sync::Arc;
use std::time::Duration;

/// How often an event that somebody waits for is looked at: nobody tells of what another process commits.
const LOOK_EVERY: Duration = Duration::from_millis(200);

#[async_trait]
impl EventStore for SqliteStore {
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError> {
        let definitions = Arc::clone(&self.definitions);
        self.readers
            .ask(move |connection| load::listing(connection, &definitions, id))
            .await
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError> {
        let (filter, definitions) = (filter.clone(), Arc::clone(&self.definitions));
        self.readers
            .ask(move |connection| {
                let rows = catalogue(connection, &definitions, &filter, &page)?;
                Ok(Page::from_surplus(rows, page.limit, |listing| {
                    listing.cursor(filter.sort)
                }))
            })
            .await
    }

    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError> {
        self.readers
            .ask(move |connection| {
                let after = after.map_or(Vec::new(), |id| id.uuid().as_bytes().to_vec());
                all(
                    connection,
                    sql::EVENT_IDS,
                    params![after, rows::at_most(limit)],
                    |row| Ok(EventId::from_uuid(uuid(row, 0)?)),
                )
            })
            .await
    }

    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError> {
        let definitions = Arc::clone(&self.definitions);
        self.readers
            .ask(move |connection| {
                let Some(listing) = load::listing(connection, &definitions, id)? else {
                    return Ok(None);
                };
                let taken = load::taken_seats(connection, id)?;
                Ok(Some((
                    listing,
                    taken.into_iter().map(|(label, _)| label).collect(),
                )))
            })
            .await
    }

    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError> {
        let version = || {
            self.readers
                .ask(move |connection| Ok(load::inventory(connection, id)?.map(|row| row.revision.version)))
        };
        self.signals.wait(id, seen, at_most, LOOK_EVERY, version).await
    }
}

/// One row more than the page has, if there is one.
fn catalogue(
    connection: &Connection,
    definitions: &Definitions,
    filter: &EventFilter,
    page: &PageRequest<EventCursor>,
) -> Result<Vec<Listing>, Fault> {
    let (after_key, after_id) = place_before(filter.sort, page.after.as_ref());
    let found = all(
        connection,
        statement(filter.sort),
        named_params! {
            ":after_key": after_key,
            ":after_id": after_id,
            ":from": filter.from.map(micros),
            ":to": filter.to.map(micros),
            ":include_drafts": filter.include_drafts,
            ":venue": filter.venue.as_ref().map(|venue| venue.to_lowercase()),
            ":phase": filter.phase.map(Phase::as_str),
            ":now": micros(filter.now),
            ":available_only": filter.available_only,
            ":text": filter.text.as_ref().map(|text| text.to_lowercase()),
            ":limit": rows::at_most(page.limit as usize + 1),
        },
        |row| {
            let id = EventId::from_uuid(uuid(row, 0)?);
            Ok((id, (row.get(1)?, row.get(2)?)))
        },
    )?;
    let listing = |(id, versions)| load::listing_at(connection, definitions, id, versions);
    found.into_iter().map(listing).collect()
}

fn statement(sort: EventSort) -> &'static str {
    match sort {
        EventSort::StartsAt => sql::EVENTS_BY_START,
        EventSort::StartsAtDescending => sql::EVENTS_BY_START_DESCENDING,
        EventSort::Name => sql::EVENTS_BY_NAME,
        EventSort::CreatedAtDescending => sql::EVENTS_BY_CREATION_DESCENDING,
    }
}

/// The key and id of the row before a page; before the first page they are what no row can stand before.
fn place_before(sort: EventSort, after: Option<&EventCursor>) -> (Value, Vec<u8>) {
    match after {
        Some(cursor) => {
            let key = match &cursor.key {
                EventSortKey::Time(at) => Value::Integer(micros(*at)),
                EventSortKey::Name(name) => Value::Text(name.clone()),
            };
            (key, cursor.id.uuid().as_bytes().to_vec())
        }
        None => {
            let key = match sort {
                EventSort::StartsAt => Value::Integer(i64::MIN),
                EventSort::Name => Value::Text(String::new()),
                EventSort::StartsAtDescending | EventSort::CreatedAtDescending => Value::Integer(i64::MAX),
            };
            (key, Vec::new())
        }
    }
}
