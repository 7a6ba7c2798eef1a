//! Waitlist entries as rows.

use super::{FORM, Fields, Row};
use crate::error::Fault;
use evently_core::domain::{
    BookingId, Entry, EntryId, EntryStatus, EventId, SectionId, TicketTypeId, UserId,
};

fn letter(status: EntryStatus) -> u8 {
    match status {
        EntryStatus::Waiting => b'w',
        EntryStatus::Offered => b'o',
        EntryStatus::Converted => b'c',
        EntryStatus::Lapsed => b'l',
        EntryStatus::Declined => b'd',
        EntryStatus::Left => b'f',
        EntryStatus::Closed => b'x',
    }
}

/// Writes an entry.
pub(crate) fn entry_row(entry: &Entry) -> Vec<u8> {
    let mut row = Row(Vec::with_capacity(128));
    row.byte(FORM);
    row.byte(letter(entry.status));
    row.id(entry.user_id.uuid());
    row.id(entry.ticket_type_id.uuid());
    row.id(entry.section_id.uuid());
    row.u32(entry.quantity);
    row.u64(entry.seq);
    row.u32(entry.passes);
    row.option(entry.booking_id, |row, id| row.id(id.uuid()));
    row.option(entry.offer_expires_at, Row::instant);
    row.option(entry.key.as_ref(), Row::key);
    row.instant(entry.joined_at);
    row.0
}

/// Reads an entry of an event.
///
/// # Errors
/// The row is damaged.
pub(crate) fn entry(event_id: EventId, id: EntryId, row: &[u8]) -> Result<Entry, Fault> {
    let mut row = Fields::of(row)?;
    let status = row.letter(&EntryStatus::ALL, letter)?;
    Ok(Entry {
        id,
        event_id,
        status,
        user_id: UserId::from_uuid(row.id()?),
        ticket_type_id: TicketTypeId::from_uuid(row.id()?),
        section_id: SectionId::from_uuid(row.id()?),
        quantity: row.u32()?,
        seq: row.u64()?,
        passes: row.u32()?,
        booking_id: row.option(Fields::id)?.map(BookingId::from_uuid),
        offer_expires_at: row.option(Fields::instant)?,
        key: row.option(Fields::key)?,
        joined_at: row.instant()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evently_core::domain::{Fingerprint, Timestamp};
    use uuid::Uuid;

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let id = |number| Uuid::from_u128(number);
        for status in EntryStatus::ALL {
            let written = Entry {
                id: EntryId::from_uuid(id(1)),
                event_id: EventId::from_uuid(id(2)),
                user_id: UserId::from_uuid(id(3)),
                ticket_type_id: TicketTypeId::from_uuid(id(4)),
                section_id: SectionId::from_uuid(id(5)),
                quantity: 3,
                status,
                seq: 1 << 40,
                passes: 10,
                booking_id: Some(BookingId::from_uuid(id(6))),
                offer_expires_at: Some(Timestamp::from_microsecond(9).unwrap()),
                key: Some(("k".parse().unwrap(), Fingerprint::from_bytes([1; 16]))),
                joined_at: Timestamp::from_microsecond(-1).unwrap(),
            };
            let row = entry_row(&written);
            assert_eq!(entry(written.event_id, written.id, &row).unwrap(), written);
        }
    }
}
