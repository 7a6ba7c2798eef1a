//! Waitlist entries as rows.

use super::{instant, key, micros, optional_instant, optional_uuid, text, uuid, word};
use crate::error::Fault;
use evently_core::domain::{
    BookingId, Entry, EntryId, EntryStatus, EventId, SectionId, TicketTypeId, UserId,
};
use rusqlite::{Row, Statement, params};

/// Reads an entry.
pub(crate) fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    Ok(Entry {
        id: EntryId::from_uuid(uuid(row, 0)?),
        event_id: EventId::from_uuid(uuid(row, 1)?),
        user_id: UserId::from_uuid(uuid(row, 2)?),
        ticket_type_id: TicketTypeId::from_uuid(uuid(row, 3)?),
        section_id: SectionId::from_uuid(uuid(row, 4)?),
        quantity: row.get(5)?,
        status: word(text(row, 6)?, &EntryStatus::ALL, EntryStatus::as_str)?,
        seq: row.get(7)?,
        passes: row.get(8)?,
        booking_id: optional_uuid(row, 9)?.map(BookingId::from_uuid),
        offer_expires_at: optional_instant(row, 10)?,
        key: key(row, 11)?,
        joined_at: instant(row, 13)?,
    })
}

/// Writes a new entry through [`INSERT_ENTRY`](crate::statements::INSERT_ENTRY).
pub(crate) fn insert_entry(statement: &mut Statement<'_>, entry: &Entry) -> Result<(), Fault> {
    let (key, fingerprint) = match &entry.key {
        Some((key, fingerprint)) => (Some(key.as_str()), Some(fingerprint.to_bytes())),
        None => (None, None),
    };
    statement.execute(params![
        entry.id.uuid().as_bytes(),
        entry.event_id.uuid().as_bytes(),
        entry.user_id.uuid().as_bytes(),
        entry.ticket_type_id.uuid().as_bytes(),
        entry.section_id.uuid().as_bytes(),
        entry.quantity,
        entry.status.as_str(),
        entry.seq,
        entry.passes,
        entry.booking_id.map(|id| id.uuid().into_bytes()),
        entry.offer_expires_at.map(micros),
        key,
        fingerprint,
        micros(entry.joined_at),
    ])?;
    Ok(())
}

/// Writes what may change of an entry through [`UPDATE_ENTRY`](crate::statements::UPDATE_ENTRY).
pub(crate) fn update_entry(statement: &mut Statement<'_>, entry: &Entry) -> Result<(), Fault> {
    let changed = statement.execute(params![
        entry.id.uuid().as_bytes(),
        entry.event_id.uuid().as_bytes(),
        entry.status.as_str(),
        entry.passes,
        entry.booking_id.map(|id| id.uuid().into_bytes()),
        entry.offer_expires_at.map(micros),
    ])?;
    match changed {
        1 => Ok(()),
        _ => Err(Fault::Broken(format!("there is no entry {} to change", entry.id))),
    }
}
