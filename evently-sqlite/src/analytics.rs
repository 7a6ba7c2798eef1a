//! Reads of the figures, and the recount that proves them.

use crate::definitions::Definitions;
use crate::error::Fault;
use crate::query::{all, first};
use crate::rows::{self, micros, parsed};
use crate::statements as sql;
use crate::{SqliteStore, load};
use async_trait::async_trait;
use evently_core::domain::{EventFigures, EventId, Overview, Popularity, SalesRow};
use evently_core::ledger::{Audit, Tally, Totals};
use evently_core::store::{AnalyticsStore, Span, StoreError};
use rusqlite::{Connection, params};
use std::sync::Arc;

#[async_trait]
impl AnalyticsStore for SqliteStore {
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError> {
        self.readers
            .ask(move |connection| overview(connection, starts))
            .await
    }

    async fn popular(
        &self,
        by: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, StoreError> {
        self.readers
            .ask(move |connection| {
                let (from, to) = bounds(starts);
                let events = all(
                    connection,
                    sql::POPULAR,
                    params![word(by), from, to, limit],
                    rows::figures,
                )?;
                events
                    .into_iter()
                    .map(|figures| with_counts(connection, figures))
                    .collect()
            })
            .await
    }

    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError> {
        self.readers
            .ask(move |connection| {
                let event = event_id.uuid();
                let figures = first(connection, sql::FIGURES, [event.as_bytes()], rows::figures)?;
                figures
                    .map(|figures| with_counts(connection, figures))
                    .transpose()
            })
            .await
    }

    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError> {
        self.readers
            .ask(move |connection| sales(connection, event_id, span))
            .await
    }

    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError> {
        let definitions = Arc::clone(&self.definitions);
        self.readers
            .ask(move |connection| audit(connection, &definitions, event_id))
            .await
    }
}

/// A span's bounds as columns compare with them.
fn bounds(span: Span) -> (i64, i64) {
    (
        span.from.map_or(i64::MIN, micros),
        span.to.map_or(i64::MAX, micros),
    )
}

fn word(by: Popularity) -> &'static str {
    match by {
        Popularity::Tickets => "tickets",
        Popularity::Bookings => "bookings",
        Popularity::Utilization => "utilization",
        Popularity::Revenue => "revenue",
    }
}

fn with_counts(connection: &Connection, figures: EventFigures) -> Result<EventFigures, Fault> {
    let sections = load::counts(connection, figures.event_id)?;
    Ok(EventFigures { sections, ..figures })
}

fn overview(connection: &Connection, starts: Span) -> Result<Overview, Fault> {
    let (from, to) = bounds(starts);
    let overview = first(connection, sql::OVERVIEW, params![from, to], |row| {
        Ok(Overview {
            events: row.get(0)?,
            bookings: row.get(1)?,
            cancellations: row.get(2)?,
            tickets_sold: row.get(3)?,
            tickets_cancelled: row.get(4)?,
            revenue: Vec::new(),
            waiting: row.get(5)?,
            capacity: row.get(6)?,
        })
    })?;
    let revenue = all(connection, sql::REVENUE, params![from, to], |row| {
        Ok((parsed(row, 0)?, row.get(1)?))
    })?;
    Ok(Overview {
        revenue,
        ..overview.unwrap_or_default()
    })
}

fn sales(connection: &Connection, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, Fault> {
    let (from, to) = bounds(span);
    let event = event_id.uuid();
    all(
        connection,
        sql::SALES,
        params![event.as_bytes(), from, to],
        rows::sales_row,
    )
}

/// Everything of an event is added up row by row: it need not fit into memory.
fn audit(
    connection: &Connection,
    definitions: &Definitions,
    event_id: EventId,
) -> Result<Option<Audit>, Fault> {
    let Some(listing) = load::listing(connection, definitions, event_id)? else {
        return Ok(None);
    };
    let event = event_id.uuid();
    let stats = load::inventory(connection, event_id)?.map(|row| row.stats);
    let mut seats = load::taken_seats(connection, event_id)?;
    seats.sort_unstable();
    let stored = Totals {
        counts: listing.counts,
        stats: stats.unwrap_or_default(),
        sales: sales(connection, event_id, Span::default())?,
        seats,
    };
    let mut tally = Tally::new(&listing.event);
    let every_booking = params![event.as_bytes()];
    all(connection, sql::ALL_BOOKINGS_OF_EVENT, every_booking, |row| {
        tally.booking(&rows::booking(row)?);
        Ok(())
    })?;
    let every_entry = params![event.as_bytes(), rows::behind(None), None::<&str>, -1];
    all(connection, sql::ENTRIES_OF_EVENT, every_entry, |row| {
        tally.entry(&rows::entry(row)?);
        Ok(())
    })?;
    Ok(Some(Audit {
        stored,
        counted: tally.finish(),
    }))
}
