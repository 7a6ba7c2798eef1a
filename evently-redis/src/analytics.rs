//! Reads of the figures, and the recount that proves them.

use crate::RedisStore;
use crate::data::Data;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::load::{bookings_of, entries_of, seat};
use crate::scripts::{BOOKS, ROWS};
use crate::values::Pair;
use crate::{rows, values};
use async_trait::async_trait;
use evently_core::domain::{
    BookingId, Currency, EventFigures, EventId, EventStatus, Overview, Popularity, SalesRow, SeatLabel,
    Timestamp,
};
use evently_core::ledger::{Audit, Tally, Totals};
use evently_core::store::{AnalyticsStore, Span, StoreError};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use uuid::Uuid;

#[async_trait]
impl AnalyticsStore for RedisStore {
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError> {
        let mut overview = Overview::default();
        let mut revenue: BTreeMap<&str, (Currency, i64)> = BTreeMap::new();
        for (status, figures) in self.data()?.all_figures(starts).await? {
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
        let all = self.data()?.all_figures(starts).await?.into_iter();
        let shown = all.filter(|(status, _)| *status != EventStatus::Draft);
        let mut rows: Vec<EventFigures> = shown.map(|(_, figures)| figures).collect();
        rows.sort_unstable_by(|one, other| {
            let more_first = popularity(by, other, one);
            more_first.then(one.event_id.cmp(&other.event_id))
        });
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError> {
        let standing = self.data()?.standing(event_id).await?;
        Ok(standing.map(|standing| standing.figures()))
    }

    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError> {
        let mut command = redis::cmd("HGETALL");
        command.arg(keys::event(event_id, Part::Sales));
        let fields = values::pairs(self.data()?.connection.read(command).await?)?;
        let hours = sales(fields)?.into_iter();
        Ok(hours.filter(|row| span.contains(row.start)).collect())
    }

    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError> {
        let data = self.data()?;
        for _ in 0..RECOUNTS {
            if let Recount::Done(audit) = data.recount(event_id).await? {
                return Ok(audit.map(|audit| *audit));
            }
        }
        Err(StoreError::transient(
            crate::NAME,
            format!("event {event_id} changes faster than it can be recounted"),
        ))
    }
}

/// How often a recount is begun anew because the event moved on.
const RECOUNTS: usize = 50;
/// How many bookings or entries are read in one go.
const CHUNK: usize = 2_048;

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

/// The hours of sales from the fields that they are stored in: start and letter.
fn sales(fields: Vec<Pair>) -> Result<Vec<SalesRow>, Fault> {
    let mut hours: BTreeMap<Timestamp, SalesRow> = BTreeMap::new();
    for (field, count) in fields {
        let text = |bytes| String::from_utf8(bytes).map_err(Fault::damaged);
        let (mut start, count) = (text(field)?, text(count)?);
        let figure = start.pop();
        let start = rows::instant(start.parse().map_err(Fault::damaged)?)?;
        let count: i64 = count.parse().map_err(Fault::damaged)?;
        let row = hours.entry(start).or_insert_with(|| SalesRow::empty(start));
        match figure {
            Some('b') => row.bookings = count.unsigned_abs(),
            Some('t') => row.tickets = count.unsigned_abs(),
            Some('c') => row.cancelled_tickets = count.unsigned_abs(),
            Some('r') => row.revenue_minor = count,
            _ => return Err(Fault::damaged("an hour of sales with an unknown figure")),
        }
    }
    Ok(hours.into_values().collect())
}

enum Recount {
    /// It was of one version.
    Done(Option<Box<Audit>>),
    /// The event moved on meanwhile.
    Moved,
}

impl Data {
    /// The figures of all events that start in a span. Each is read: with counts that move with every sale, an order
    /// by popularity would cost each commit more than this costs the few who ask.
    async fn all_figures(&self, starts: Span) -> Result<Vec<(EventStatus, EventFigures)>, Fault> {
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let mut listed = self.starting(starts, after).await?;
            let ids: Vec<EventId> = listed.iter().map(|(id, _)| *id).collect();
            let standings = self.standings(&ids).await?.into_iter().flatten();
            let counted = standings.filter(|standing| starts.contains(standing.event.starts_at));
            found.extend(counted.map(|standing| (standing.event.status, standing.figures())));
            match listed.pop() {
                Some((_, member)) => after = Some(member),
                None => return Ok(found),
            }
        }
    }

    /// Adds everything of an event up, some rows at a time: neither it nor the server need hold all of them at once.
    /// It counts if the event is at the same version after as before.
    async fn recount(&self, id: EventId) -> Result<Recount, Fault> {
        let Some(standing) = self.standing(id).await? else {
            return Ok(Recount::Done(None));
        };
        let parts = [Part::Inventory, Part::Seats, Part::Sales].map(|part| keys::event(id, part));
        let [version, seats, hours] = values::parts(self.connection.read(BOOKS.call(&parts)).await?)?;
        if values::optional_bytes(version)? != Some(standing.version.to_string().into_bytes()) {
            return Ok(Recount::Moved);
        }
        let mut tally = Tally::new(&standing.event);
        self.count_bookings(id, &mut tally).await?;
        self.count_entries(id, &mut tally).await?;
        if self.version(id).await? != Some(standing.version) {
            return Ok(Recount::Moved);
        }
        let mut seats: Vec<(SeatLabel, BookingId)> = values::pairs(seats)?
            .into_iter()
            .map(|(label, owner)| Ok((seat(&label)?, owner_of(&owner)?)))
            .collect::<Result<_, Fault>>()?;
        seats.sort_unstable();
        let stored = Totals {
            counts: standing.head.counts,
            stats: standing.head.stats,
            sales: sales(values::pairs(hours)?)?,
            seats,
        };
        let counted = tally.finish();
        Ok(Recount::Done(Some(Box::new(Audit { stored, counted }))))
    }

    async fn count_bookings(&self, id: EventId, tally: &mut Tally) -> Result<(), Fault> {
        let mut after = b"-".to_vec();
        loop {
            let mut command = redis::cmd("ZRANGEBYLEX");
            command.arg(keys::event(id, Part::ByStatus)).arg(after).arg("+");
            command.arg("LIMIT").arg(0).arg(CHUNK);
            let members = values::bytes_list(self.connection.read(command).await?)?;
            let ids = members.iter().map(|member| crate::members::last_id(member));
            let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
            for booking in bookings_of(id, self.rows(keys::event(id, Part::Bookings), &ids).await?)? {
                tally.booking(&booking);
            }
            match members.last() {
                Some(last) if members.len() == CHUNK => after = [b"(".as_slice(), last].concat(),
                _ => return Ok(()),
            }
        }
    }

    async fn count_entries(&self, id: EventId, tally: &mut Tally) -> Result<(), Fault> {
        let mut after = None;
        loop {
            let ids = self.ids_in_line(id, after, CHUNK).await?;
            let entries = entries_of(id, self.rows(keys::event(id, Part::Entries), &ids).await?)?;
            entries.iter().for_each(|entry| tally.entry(entry));
            match entries.last() {
                Some(last) if ids.len() == CHUNK => after = Some(last.seq),
                _ => return Ok(()),
            }
        }
    }

    async fn rows(&self, key: String, ids: &[Uuid]) -> Result<redis::Value, Fault> {
        let mut command = ROWS.call(&[key]);
        for id in ids {
            command.arg(id.as_bytes());
        }
        self.connection.read(command).await
    }
}

fn owner_of(owner: &[u8]) -> Result<BookingId, Fault> {
    Uuid::from_slice(owner)
        .map(BookingId::from_uuid)
        .map_err(Fault::damaged)
}
