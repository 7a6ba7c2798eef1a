//! Reads of the figures, and the recount that proves them.

use super::MemoryStore;
use super::row::Row;
use super::state::EventState;
use crate::domain::{
    BookingId, Currency, Entry, Event, EventFigures, EventId, EventStatus, Overview, Popularity, SalesRow,
};
use crate::ledger::{Audit, Tally, Totals};
use crate::store::{AnalyticsStore, Span, StoreError};
use async_trait::async_trait;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

#[async_trait]
impl AnalyticsStore for MemoryStore {
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError> {
        let rows = self.data()?.read_all(|state| {
            let counts = starts.contains(state.event.starts_at);
            counts.then(|| (state.event.status, state.figures()))
        });
        let mut overview = Overview::default();
        let mut revenue: BTreeMap<&str, (Currency, i64)> = BTreeMap::new();
        for (status, figures) in rows {
            add(&mut overview, status, &figures);
            let currency = figures.currency;
            revenue.entry(currency.code()).or_insert((currency, 0)).1 += figures.stats.revenue_minor;
        }
        overview.revenue = revenue.into_values().filter(|(_, minor)| *minor != 0).collect();
        Ok(overview)
    }

    async fn popular(
        &self,
        by: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, StoreError> {
        let mut rows = self.data()?.read_all(|state| {
            let event = &state.event;
            let counts = event.status != EventStatus::Draft && starts.contains(event.starts_at);
            counts.then(|| state.figures())
        });
        rows.sort_unstable_by(|one, other| {
            let more_first = popularity(by, other, one);
            more_first.then(one.event_id.cmp(&other.event_id))
        });
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError> {
        Ok(self.data()?.read(event_id, EventState::figures))
    }

    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError> {
        let hours = |state: &EventState| {
            let rows = state.sales.iter().filter(|row| span.contains(row.start));
            rows.copied().collect()
        };
        Ok(self.data()?.read(event_id, hours).unwrap_or_default())
    }

    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError> {
        let books = self.data()?.read(event_id, Books::copy);
        Ok(books.map(Books::audit))
    }
}

/// Adds one event's figures.
fn add(overview: &mut Overview, status: EventStatus, figures: &EventFigures) {
    if status == EventStatus::Published {
        overview.events += 1;
        overview.capacity += figures.capacity();
    }
    overview.bookings += figures.stats.bookings;
    overview.cancellations += figures.stats.cancellations;
    overview.tickets_sold += figures.tickets_sold();
    overview.tickets_cancelled += figures.stats.tickets_cancelled;
    let waiting = figures.sections.iter().map(|section| u64::from(section.waiting));
    overview.waiting += waiting.sum::<u64>();
}

fn popularity(by: Popularity, one: &EventFigures, other: &EventFigures) -> Ordering {
    match by {
        Popularity::Tickets => one.tickets_sold().cmp(&other.tickets_sold()),
        Popularity::Bookings => one.stats.bookings.cmp(&other.stats.bookings),
        Popularity::Utilization => one.utilization().total_cmp(&other.utilization()),
        Popularity::Revenue => one.stats.revenue_minor.cmp(&other.stats.revenue_minor),
    }
}

/// An event's books at one version, copied under its lock to be recounted without it.
struct Books {
    event: Arc<Event>,
    stored: Totals,
    rows: Vec<(BookingId, Row)>,
    entries: Vec<Arc<Entry>>,
}

impl Books {
    fn copy(state: &EventState) -> Self {
        let seats = state.seats.iter().map(|(seat, owner)| (seat.clone(), *owner));
        Self {
            event: Arc::clone(&state.event),
            stored: Totals {
                counts: state.counts.clone(),
                stats: state.stats,
                sales: state.sales.clone(),
                seats: seats.collect(),
            },
            rows: state.rows.iter().map(|(id, row)| (*id, row.clone())).collect(),
            entries: state.line.entries().map(Arc::clone).collect(),
        }
    }

    fn audit(mut self) -> Audit {
        let mut tally = Tally::new(&self.event);
        for (id, row) in &self.rows {
            tally.booking(&row.booking(*id, self.event.id));
        }
        self.entries.iter().for_each(|entry| tally.entry(entry));
        self.stored.seats.sort_unstable();
        Audit {
            stored: self.stored,
            counted: tally.finish(),
        }
    }
}
