//! Bookings as rows. A row begins with the tickets that it takes, which the commit script reads.

use super::{FORM, Fields, Row};
use crate::error::Fault;
use evently_core::domain::{
    Booking, BookingId, BookingItem, BookingStatus, EndReason, EntryId, EventId, Items, SeatLabel, SectionId,
    Source, TicketTypeId, UserId,
};

/// The letter of a status: in rows, and in the order of an event's bookings.
pub(crate) fn status_letter(status: BookingStatus) -> u8 {
    match status {
        BookingStatus::Pending => b'p',
        BookingStatus::Held => b'h',
        BookingStatus::Confirmed => b'c',
        BookingStatus::Rejected => b'r',
        BookingStatus::Cancelled => b'x',
        BookingStatus::Expired => b'e',
    }
}

fn source_letter(source: Source) -> u8 {
    match source {
        Source::Direct => b'd',
        Source::Waitlist => b'w',
    }
}

fn reason_letter(reason: EndReason) -> u8 {
    match reason {
        EndReason::EventCancelled => b'e',
        EndReason::CancelledByAdmin => b'a',
        EndReason::OfferDeclined => b'd',
        EndReason::OfferLapsed => b'l',
    }
}

const SOURCES: [Source; 2] = [Source::Direct, Source::Waitlist];
const REASONS: [EndReason; 4] = [
    EndReason::EventCancelled,
    EndReason::CancelledByAdmin,
    EndReason::OfferDeclined,
    EndReason::OfferLapsed,
];

/// Writes a booking.
pub(crate) fn booking_row(booking: &Booking) -> Vec<u8> {
    let mut row = Row(Vec::with_capacity(192));
    row.u32(match booking.status.takes_capacity() {
        true => booking.quantity(),
        false => 0,
    });
    row.byte(FORM);
    row.byte(status_letter(booking.status));
    row.byte(source_letter(booking.source));
    row.id(booking.user_id.uuid());
    row.text(booking.currency.code());
    row.instant(booking.created_at);
    row.option(booking.hold_expires_at, Row::instant);
    row.option(booking.confirmed_at, Row::instant);
    row.option(booking.ended_at, Row::instant);
    row.option(booking.reason, |row, reason| row.byte(reason_letter(reason)));
    row.option(booking.entry_id, |row, id| row.id(id.uuid()));
    row.option(booking.payment_reference.as_deref(), Row::text);
    row.option(booking.key.as_ref(), Row::key);
    row.count(booking.items.len());
    for item in &booking.items {
        row.id(item.ticket_type_id.uuid());
        row.id(item.section_id.uuid());
        row.u32(item.quantity);
        row.i64(item.price_minor);
        row.count(item.seats.len());
        for seat in &item.seats {
            row.text(seat.as_str());
        }
    }
    row.0
}

/// Reads a booking of an event.
///
/// # Errors
/// The row is damaged.
pub(crate) fn booking(event_id: EventId, id: BookingId, row: &[u8]) -> Result<Booking, Fault> {
    let row = row.get(size_of::<u32>()..).unwrap_or_default();
    let mut row = Fields::of(row)?;
    let status = row.letter(&BookingStatus::ALL, status_letter)?;
    let source = row.letter(&SOURCES, source_letter)?;
    let user_id = UserId::from_uuid(row.id()?);
    let currency = row.text()?.parse().map_err(Fault::damaged)?;
    Ok(Booking {
        id,
        event_id,
        user_id,
        status,
        currency,
        source,
        created_at: row.instant()?,
        hold_expires_at: row.option(Fields::instant)?,
        confirmed_at: row.option(Fields::instant)?,
        ended_at: row.option(Fields::instant)?,
        reason: row.option(|row| row.letter(&REASONS, reason_letter))?,
        entry_id: row.option(Fields::id)?.map(EntryId::from_uuid),
        payment_reference: row.option(Fields::text)?.map(str::to_owned),
        key: row.option(Fields::key)?,
        items: items(&mut row)?,
    })
}

fn items(row: &mut Fields<'_>) -> Result<Items, Fault> {
    let item = |row: &mut Fields<'_>| {
        Ok(BookingItem {
            ticket_type_id: TicketTypeId::from_uuid(row.id()?),
            section_id: SectionId::from_uuid(row.id()?),
            quantity: row.u32()?,
            price_minor: row.i64()?,
            seats: (0..row.u32()?)
                .map(|_| row.text().map(SeatLabel::from))
                .collect::<Result<_, Fault>>()?,
        })
    };
    (0..row.u32()?).map(|_| item(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evently_core::domain::{Fingerprint, Timestamp};
    use uuid::Uuid;

    fn sample() -> Booking {
        let id = |number| Uuid::from_u128(number);
        let at = |micros| Timestamp::from_microsecond(micros).unwrap();
        Booking {
            id: BookingId::from_uuid(id(1)),
            event_id: EventId::from_uuid(id(2)),
            user_id: UserId::from_uuid(id(3)),
            status: BookingStatus::Held,
            items: Items::from_iter([2_u32, 1].map(|quantity| {
                BookingItem {
                    ticket_type_id: TicketTypeId::from_uuid(id(4)),
                    section_id: SectionId::from_uuid(id(5)),
                    quantity,
                    seats: (0..quantity)
                        .map(|seat| SeatLabel::new("Ä", &seat.to_string()))
                        .collect(),
                    price_minor: -7,
                }
            })),
            currency: "EUR".parse().unwrap(),
            hold_expires_at: Some(at(-5)),
            payment_reference: Some("Überweisung 7/€".to_owned()),
            source: Source::Waitlist,
            entry_id: Some(EntryId::from_uuid(id(6))),
            reason: Some(EndReason::OfferLapsed),
            key: Some(("k".parse().unwrap(), Fingerprint::from_bytes([7; 16]))),
            created_at: at(1),
            confirmed_at: None,
            ended_at: Some(at(i64::from(u32::MAX))),
        }
    }

    #[test]
    fn a_booking_is_read_as_it_was_written() {
        let held = sample();
        let row = booking_row(&held);
        assert_eq!(row[..4], 3_u32.to_be_bytes(), "the tickets that it takes");
        assert_eq!(booking(held.event_id, held.id, &row).unwrap(), held);
        let bare = Booking {
            status: BookingStatus::Cancelled,
            hold_expires_at: None,
            payment_reference: None,
            entry_id: None,
            reason: None,
            key: None,
            ended_at: None,
            ..held
        };
        let row = booking_row(&bare);
        assert_eq!(row[..4], [0; 4]);
        assert_eq!(booking(bare.event_id, bare.id, &row).unwrap(), bare);
    }

    #[test]
    fn a_damaged_row_is_an_error() {
        let held = sample();
        let row = booking_row(&held);
        for length in 0..row.len() {
            assert!(
                booking(held.event_id, held.id, &row[..length]).is_err(),
                "{length} bytes"
            );
        }
        let mut later = row;
        later[4] = 9;
        let error = booking(held.event_id, held.id, &later).unwrap_err();
        assert_eq!(error.to_string(), "damaged data: a row of form 9");
    }
}
