//! Writing what was decided: for each event everything or nothing, if it still is at the version decided on.
//!
//! The first statement of an event is the compare-and-swap of its version: a conflict there has written nothing. What
//! a booking costs beyond its own insert is shared by all bookings of the event in the call.

use crate::error::Fault;
use crate::query::{is_so, write};
use crate::rows::{self, micros};
use crate::statements as sql;
use crate::writer::{Halt, Pass, guarded};
use evently_core::domain::{Event, EventId, IdempotencyKey, UserId};
use evently_core::ledger::{Changes, EventWrite, Revision};
use evently_core::store::{Committed, Conflict};
use rusqlite::{Connection, params};

/// Why an event's changes are not written.
enum Stop {
    Conflict(Conflict),
    Failed(Fault),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Writes each event's changes, or tells why not.
///
/// # Errors
/// The storage failed, or what was decided cannot be stored: then nothing of the call is.
pub(crate) fn commit(
    connection: &Connection,
    changes: &[Changes],
    pass: Pass,
) -> Result<Vec<Committed>, Halt> {
    let outcome = |changes| match guarded(connection, pass, || write_event(connection, changes)) {
        Ok(()) => Ok(Committed::Done),
        Err(Stop::Conflict(Conflict::Key)) if pass == Pass::Plain => Err(Halt::Redo),
        Err(Stop::Conflict(conflict)) => Ok(Committed::Conflict(conflict)),
        Err(Stop::Failed(fault)) => Err(Halt::Failed(fault)),
    };
    changes.iter().map(outcome).collect()
}

fn write_event(connection: &Connection, changes: &Changes) -> Result<(), Stop> {
    swap_revision(connection, changes)?;
    match &changes.event {
        Some(EventWrite::Delete) => return Ok(delete_event(connection, changes.event_id)?),
        Some(EventWrite::Put(event)) => put_event(connection, changes, event)?,
        None => write_counts(connection, changes)?,
    }
    write_seats(connection, changes)?;
    write_bookings(connection, changes)?;
    write_entries(connection, changes)?;
    Ok(write_sales(connection, changes)?)
}

/// The compare-and-swap that everything hangs on.
fn swap_revision(connection: &Connection, changes: &Changes) -> Result<(), Stop> {
    let stats = &changes.stats;
    let mut values: Vec<&dyn rusqlite::ToSql> = Vec::with_capacity(17);
    let (id, due_at, sold_out_at) = (
        changes.event_id.uuid(),
        changes.due_at.map(micros),
        stats.sold_out_at.map(micros),
    );
    let (writer, decided_on) = (changes.writer.uuid(), changes.expected.writer.uuid());
    let (id, writer, decided_on) = (id.as_bytes(), writer.as_bytes(), decided_on.as_bytes());
    values.extend::<[&dyn rusqlite::ToSql; 15]>([
        id,
        &due_at,
        &changes.next_seq,
        &stats.bookings,
        &stats.cancellations,
        &stats.tickets_cancelled,
        &stats.revenue_minor,
        &stats.offered,
        &stats.converted,
        &stats.lapsed,
        &stats.declined,
        &stats.left,
        &stats.closed,
        &sold_out_at,
        writer,
    ]);
    let statement = match changes.expected {
        Revision::NONE => sql::CREATE_INVENTORY,
        _ => {
            values.extend::<[&dyn rusqlite::ToSql; 2]>([&changes.expected.version, decided_on]);
            sql::UPDATE_INVENTORY
        }
    };
    match write(connection, statement, values.as_slice())? {
        0 => Err(Stop::Conflict(Conflict::Version)),
        _ => Ok(()),
    }
}

fn delete_event(connection: &Connection, id: EventId) -> Result<(), Fault> {
    let event = [id.uuid().into_bytes()];
    if is_so(connection, sql::EVENT_IN_USE, event)? {
        return Err(Fault::Broken(format!(
            "event {id} has bookings or entries and cannot be deleted"
        )));
    }
    for statement in [
        sql::DELETE_INVENTORY,
        sql::DELETE_SECTION_COUNTS,
        sql::DELETE_DEFINITION,
    ] {
        write(connection, statement, event)?;
    }
    Ok(())
}

fn put_event(connection: &Connection, changes: &Changes, event: &Event) -> Result<(), Fault> {
    let id = changes.event_id.uuid().into_bytes();
    let definition = serde_json::to_string(event).map_err(|error| Fault::Broken(error.to_string()))?;
    write(
        connection,
        sql::PUT_DEFINITION,
        params![
            id,
            event.status.as_str(),
            event.name,
            event.currency.code(),
            micros(event.starts_at),
            micros(event.ends_at),
            event.sales_open_at.map(micros),
            micros(event.closes_at()),
            micros(event.created_at),
            event.name.to_lowercase(),
            event.venue.to_lowercase(),
            event.description.to_lowercase(),
            definition,
        ],
    )?;
    write(connection, sql::NOTE_DEFINITION, [id])?;
    write(connection, sql::DELETE_SECTION_COUNTS, [id])?;
    for (place, count) in changes.counts.iter().enumerate() {
        write(
            connection,
            sql::INSERT_SECTION_COUNT,
            params![
                id,
                place,
                count.section_id.uuid().as_bytes(),
                count.capacity,
                count.sold,
                count.held,
                count.waiting,
                count.starved,
            ],
        )?;
    }
    Ok(())
}

fn write_counts(connection: &Connection, changes: &Changes) -> Result<(), Fault> {
    let id = changes.event_id.uuid().into_bytes();
    let mut statement = connection.prepare_cached(sql::UPDATE_SECTION_COUNT)?;
    for (place, count) in changes.counts.iter().enumerate() {
        statement.execute(params![
            id,
            place,
            count.capacity,
            count.sold,
            count.held,
            count.waiting,
            count.starved
        ])?;
    }
    Ok(())
}

fn write_seats(connection: &Connection, changes: &Changes) -> Result<(), Fault> {
    let event = changes.event_id.uuid().into_bytes();
    // Freed before taken: a seat may change hands within one commit.
    for (statement, seats) in [(sql::FREE_SEAT, &changes.freed), (sql::TAKE_SEAT, &changes.taken)] {
        if seats.is_empty() {
            continue;
        }
        let mut statement = connection.prepare_cached(statement)?;
        for (label, booking) in seats {
            statement.execute(params![event, label.as_str(), booking.uuid().as_bytes()])?;
        }
    }
    Ok(())
}

fn write_bookings(connection: &Connection, changes: &Changes) -> Result<(), Stop> {
    if !changes.changed_bookings.is_empty() {
        let mut update = connection.prepare_cached(sql::UPDATE_BOOKING)?;
        for booking in &changes.changed_bookings {
            rows::update_booking(&mut update, booking)?;
        }
    }
    if changes.new_bookings.is_empty() {
        return Ok(());
    }
    let keyed = changes.new_bookings.iter().filter_map(|booking| {
        let (key, _) = booking.key.as_ref()?;
        Some((booking.user_id, key))
    });
    refuse_keys_of_entries(connection, changes.event_id, keyed)?;
    let mut insert = connection.prepare_cached(sql::INSERT_BOOKING)?;
    for booking in &changes.new_bookings {
        rows::insert_booking(&mut insert, booking).map_err(|fault| match fault.is_unique_violation() {
            // The one unique index of the table, other than its primary key.
            true => Stop::Conflict(Conflict::Key),
            false => Stop::Failed(fault),
        })?;
    }
    Ok(())
}

/// A booking's key must not be an entry's either: asked one by one, but only where any entry of the event has a key.
fn refuse_keys_of_entries<'a>(
    connection: &Connection,
    event_id: EventId,
    keyed: impl Iterator<Item = (UserId, &'a IdempotencyKey)>,
) -> Result<(), Stop> {
    let mut keyed = keyed.peekable();
    let event = [event_id.uuid().into_bytes()];
    if keyed.peek().is_none() || !is_so(connection, sql::KEYED_ENTRIES_EXIST, event)? {
        return Ok(());
    }
    keyed.try_for_each(|(user_id, key)| refuse_used_key(connection, event_id, user_id, key))
}

fn refuse_used_key(
    connection: &Connection,
    event_id: EventId,
    user_id: UserId,
    key: &IdempotencyKey,
) -> Result<(), Stop> {
    let (event, user) = (event_id.uuid(), user_id.uuid());
    match is_so(
        connection,
        sql::KEY_IN_USE,
        params![event.as_bytes(), user.as_bytes(), key.as_str()],
    )? {
        true => Err(Stop::Conflict(Conflict::Key)),
        false => Ok(()),
    }
}

fn write_entries(connection: &Connection, changes: &Changes) -> Result<(), Stop> {
    // Changed before new: a user who leaves and joins again has one active entry at any time.
    if !changes.changed_entries.is_empty() {
        let mut update = connection.prepare_cached(sql::UPDATE_ENTRY)?;
        for entry in &changes.changed_entries {
            rows::update_entry(&mut update, entry)?;
        }
    }
    if changes.new_entries.is_empty() {
        return Ok(());
    }
    let mut insert = connection.prepare_cached(sql::INSERT_ENTRY)?;
    for entry in &changes.new_entries {
        if let Some((key, _)) = &entry.key {
            refuse_used_key(connection, entry.event_id, entry.user_id, key)?;
        }
        rows::insert_entry(&mut insert, entry)?;
    }
    Ok(())
}

fn write_sales(connection: &Connection, changes: &Changes) -> Result<(), Fault> {
    let id = changes.event_id.uuid().into_bytes();
    for row in &changes.sales {
        write(
            connection,
            sql::ADD_SALES,
            params![
                id,
                micros(row.start),
                row.bookings,
                row.tickets,
                row.cancelled_tickets,
                row.revenue_minor,
            ],
        )?;
    }
    Ok(())
}
