//! Writing what was decided: for each event everything or nothing, if it still is at the version decided on.
//!
//! One statement writes all events of a call. New bookings alone, which is nearly all that is ever written, have a
//! statement of their own, made to be fast; everything else takes the general one.

use crate::error::Fault;
use crate::rows::{BookingRow, ChangeRow, EntryRow, EventRow, HourRow, SeatRow, text, to_json};
use crate::sales::{self, are_sales};
use crate::statements as sql;
use crate::store::PgStore;
use evently_core::domain::EventId;
use evently_core::ledger::{Changes, EventWrite};
use evently_core::store::{Committed, Conflict};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

/// Writes each event's changes, or tells why not.
///
/// # Errors
/// The storage failed, or what was decided cannot be stored: then nothing of the call is.
pub(crate) async fn commit(store: &PgStore, changes: &[Changes]) -> Result<Vec<Committed>, Fault> {
    let mut ordered: Vec<&Changes> = changes.iter().collect();
    ordered.sort_unstable_by_key(|changes| changes.event_id);
    if ordered
        .windows(2)
        .any(|twins| twins[0].event_id == twins[1].event_id)
    {
        return Err(Fault::Broken("an event is named twice in one commit".to_owned()));
    }
    let outcomes = match ordered.as_slice() {
        [] => return Ok(Vec::new()),
        ordered if ordered.iter().all(|changes| are_sales(changes)) => match sell(store, ordered).await {
            // Whose key it was, the general statement finds out: it asks before it writes.
            Err(fault) if fault.is_used_key() => write(store, ordered).await?,
            outcomes => outcomes?,
        },
        ordered => write(store, ordered).await?,
    };
    let outcome = |changes: &Changes| match outcomes.binary_search_by_key(&changes.event_id, |(id, _)| *id) {
        Ok(place) => outcomes[place].1,
        Err(_) => Committed::Conflict(Conflict::Version),
    };
    Ok(changes.iter().map(outcome).collect())
}

/// What became of each event that was at the right version, in the order of ids.
type Outcomes = Vec<(EventId, Committed)>;

async fn sell(store: &PgStore, changes: &[&Changes]) -> Result<Outcomes, Fault> {
    let rows = store.connections.all(sales::statement(changes)?).await?;
    sorted(rows.iter().map(|row| Ok((event_id(row)?, Committed::Done))))
}

async fn write(store: &PgStore, changes: &[&Changes]) -> Result<Outcomes, Fault> {
    let statement = sqlx::query(sql::COMMIT)
        .bind(list(changes, |changes| Ok([ChangeRow::of(changes)?]))?)
        .bind(list(changes, |changes| match &changes.event {
            Some(EventWrite::Put(event)) => Ok(vec![EventRow::of(event)?]),
            _ => Ok(Vec::new()),
        })?)
        .bind(list(changes, |changes| {
            changes
                .new_bookings
                .iter()
                .map(|booking| BookingRow::of(booking))
                .collect::<Result<Vec<_>, _>>()
        })?)
        .bind(list(changes, |changes| {
            changes
                .changed_bookings
                .iter()
                .map(|booking| BookingRow::of(booking))
                .collect::<Result<Vec<_>, _>>()
        })?)
        .bind(list(changes, |changes| {
            Ok(changes.new_entries.iter().map(|entry| EntryRow::of(entry)))
        })?)
        .bind(list(changes, |changes| {
            Ok(changes.changed_entries.iter().map(|entry| EntryRow::of(entry)))
        })?)
        .bind(list(changes, |changes| {
            Ok(changes
                .freed
                .iter()
                .map(|seat| SeatRow::of(changes.event_id, seat)))
        })?)
        .bind(list(changes, |changes| {
            Ok(changes
                .taken
                .iter()
                .map(|seat| SeatRow::of(changes.event_id, seat)))
        })?)
        .bind(list(changes, |changes| {
            Ok(changes
                .sales
                .iter()
                .map(|hour| HourRow::of(changes.event_id, hour)))
        })?);
    let rows = store.connections.all(statement).await?;
    sorted(rows.iter().map(|row| {
        let outcome = match text(row, 1)? {
            "done" => Committed::Done,
            _ => Committed::Conflict(Conflict::Key),
        };
        Ok((event_id(row)?, outcome))
    }))
}

/// The rows that all events write into one table, as JSON.
fn list<'c, Row: serde::Serialize, Rows: IntoIterator<Item = Row>>(
    changes: &[&'c Changes],
    rows: impl Fn(&'c Changes) -> Result<Rows, Fault>,
) -> Result<String, Fault> {
    let mut all = Vec::new();
    for changes in changes {
        all.extend(rows(changes)?);
    }
    to_json(&all)
}

fn event_id(row: &PgRow) -> Result<EventId, Fault> {
    Ok(EventId::from_uuid(row.try_get::<Uuid, _>(0)?))
}

fn sorted(outcomes: impl Iterator<Item = Result<(EventId, Committed), Fault>>) -> Result<Outcomes, Fault> {
    let mut outcomes: Outcomes = outcomes.collect::<Result<_, _>>()?;
    outcomes.sort_unstable_by_key(|(id, _)| *id);
    Ok(outcomes)
}
