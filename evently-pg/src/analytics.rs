//! Reads of the figures, and the recount that proves them.

use crate::error::Fault;
use crate::load::{booking, entry};
use crate::rows::{FiguresRow, HourRow, InventoryRow, SeatRow, from_json, optional_instant, text};
use crate::statements as sql;
use crate::store::PgStore;
use async_trait::async_trait;
use evently_core::domain::{
    BookingId, BookingStatus, Currency, Event, EventFigures, EventId, Overview, Popularity, SalesRow,
    SeatLabel,
};
use evently_core::ledger::{Audit, Tally, Totals};
use evently_core::store::{AnalyticsStore, Span, StoreError};
use sqlx::Row;
use sqlx::postgres::PgRow;

#[async_trait]
impl AnalyticsStore for PgStore {
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError> {
        let statement = sqlx::query(sql::OVERVIEW)
            .bind(optional_instant(starts.from))
            .bind(optional_instant(starts.to));
        let row = self.connections.first(statement).await?;
        Ok(row.map(|row| overview(&row)).transpose()?.unwrap_or_default())
    }

    async fn popular(
        &self,
        by: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, StoreError> {
        let statement = sqlx::query(sql::POPULAR)
            .bind(word(by))
            .bind(optional_instant(starts.from))
            .bind(optional_instant(starts.to))
            .bind(i64::from(limit));
        let rows = self.connections.all(statement).await?;
        Ok(rows.iter().map(figures).collect::<Result<_, _>>()?)
    }

    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError> {
        let row = self
            .connections
            .first(sqlx::query(sql::FIGURES).bind(event_id.uuid()))
            .await?;
        Ok(row.as_ref().map(figures).transpose()?)
    }

    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError> {
        let statement = sqlx::query(sql::SALES)
            .bind(event_id.uuid())
            .bind(optional_instant(span.from))
            .bind(optional_instant(span.to));
        let rows = self.connections.all(statement).await?;
        let hour = |row: &PgRow| Ok(from_json::<HourRow>(text(row, 0)?)?.hour());
        Ok(rows.iter().map(hour).collect::<Result<_, Fault>>()?)
    }

    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError> {
        let mut books = Books::default();
        let statuses = BookingStatus::ALL.map(BookingStatus::as_str);
        let statement = sqlx::query(sql::AUDIT)
            .bind(event_id.uuid())
            .bind(statuses.to_vec());
        self.connections
            .each(statement, |row| books.take(text(&row, 0)?, text(&row, 1)?))
            .await?;
        Ok(books.audit()?)
    }
}

fn word(by: Popularity) -> &'static str {
    match by {
        Popularity::Tickets => "tickets",
        Popularity::Bookings => "bookings",
        Popularity::Utilization => "utilization",
        Popularity::Revenue => "revenue",
    }
}

fn figures(row: &PgRow) -> Result<EventFigures, Fault> {
    from_json::<FiguresRow>(text(row, 0)?)?.figures()
}

fn overview(row: &PgRow) -> Result<Overview, Fault> {
    let count = |place| {
        let count: i64 = row.try_get(place)?;
        u64::try_from(count).map_err(Fault::damaged)
    };
    Ok(Overview {
        events: count(0)?,
        bookings: count(1)?,
        cancellations: count(2)?,
        tickets_sold: count(3)?,
        tickets_cancelled: count(4)?,
        waiting: count(5)?,
        capacity: count(6)?,
        revenue: from_json::<Vec<(Currency, i64)>>(text(row, 7)?)?,
    })
}

/// Everything of an event, added up row by row. Inventory and definition come first: what follows is counted by them.
#[derive(Default)]
struct Books {
    inventory: Option<InventoryRow>,
    event: Option<(Event, Tally)>,
    seats: Vec<(SeatLabel, BookingId)>,
    sales: Vec<SalesRow>,
}

impl Books {
    fn take(&mut self, part: &str, fact: &str) -> Result<(), Fault> {
        match part {
            "inventory" => self.inventory = Some(from_json(fact)?),
            "definition" => {
                let event: Event = from_json(fact)?;
                let tally = Tally::new(&event);
                self.event = Some((event, tally));
            }
            "seat" => {
                let seat: SeatRow = from_json(fact)?;
                self.seats.push((seat.label, seat.booking_id));
            }
            "hour" => self.sales.push(from_json::<HourRow>(fact)?.hour()),
            "booking" => self.tally()?.booking(&*booking(fact)?),
            _ => self.tally()?.entry(&*entry(fact)?),
        }
        Ok(())
    }

    fn tally(&mut self) -> Result<&mut Tally, Fault> {
        let event = self
            .event
            .as_mut()
            .ok_or_else(|| Fault::damaged("bookings of an event without a definition"))?;
        Ok(&mut event.1)
    }

    fn audit(mut self) -> Result<Option<Audit>, Fault> {
        let (Some(inventory), Some((event, tally))) = (self.inventory, self.event) else {
            return Ok(None);
        };
        self.seats.sort_unstable();
        self.sales.sort_unstable_by_key(|hour| hour.start);
        Ok(Some(Audit {
            stored: Totals {
                counts: inventory.counts(&event)?,
                stats: inventory.stats,
                sales: self.sales,
                seats: self.seats,
            },
            counted: tally.finish(),
        }))
    }
}
