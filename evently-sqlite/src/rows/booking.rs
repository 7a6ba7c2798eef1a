//! Bookings as rows. The first item lies in columns, which nearly always is all; the others are JSON.

use super::{key, micros, optional_instant, optional_uuid, parsed, text, uuid, word};
use crate::error::Fault;
use evently_core::domain::{
    Booking, BookingId, BookingItem, BookingStatus, EndReason, EntryId, EventId, Items, SectionId, Source,
    TicketTypeId, UserId,
};
use rusqlite::{Row, Statement, params};

/// Reads a booking.
pub(crate) fn booking(row: &Row<'_>) -> Result<Booking, Fault> {
    let reason = row.get_ref(15)?.as_str_or_null().map_err(Fault::damaged)?;
    Ok(Booking {
        id: BookingId::from_uuid(uuid(row, 0)?),
        event_id: EventId::from_uuid(uuid(row, 1)?),
        user_id: UserId::from_uuid(uuid(row, 2)?),
        status: word(text(row, 3)?, &BookingStatus::ALL, BookingStatus::as_str)?,
        items: items(row)?,
        currency: parsed(row, 10)?,
        hold_expires_at: optional_instant(row, 11)?,
        payment_reference: row.get(12)?,
        source: word(
            text(row, 13)?,
            &[Source::Direct, Source::Waitlist],
            Source::as_str,
        )?,
        entry_id: optional_uuid(row, 14)?.map(EntryId::from_uuid),
        reason: reason
            .map(|reason| word(reason, &REASONS, EndReason::as_str))
            .transpose()?,
        key: key(row, 16)?,
        created_at: super::instant(row, 18)?,
        confirmed_at: optional_instant(row, 19)?,
        ended_at: optional_instant(row, 20)?,
    })
}

const REASONS: [EndReason; 4] = [
    EndReason::EventCancelled,
    EndReason::CancelledByAdmin,
    EndReason::OfferDeclined,
    EndReason::OfferLapsed,
];

fn items(row: &Row<'_>) -> Result<Items, Fault> {
    let seats = row.get_ref(8)?.as_str_or_null().map_err(Fault::damaged)?;
    let mut items = Items::new();
    items.push(BookingItem {
        ticket_type_id: TicketTypeId::from_uuid(uuid(row, 4)?),
        section_id: SectionId::from_uuid(uuid(row, 5)?),
        quantity: row.get(6)?,
        seats: seats.map_or(Ok(Vec::new()), read_json)?,
        price_minor: row.get(7)?,
    });
    items.extend(more_items(row, 9)?);
    Ok(items)
}

fn more_items(row: &Row<'_>, place: usize) -> Result<Vec<BookingItem>, Fault> {
    let text = row.get_ref(place)?.as_str_or_null().map_err(Fault::damaged)?;
    text.map_or(Ok(Vec::new()), read_json)
}

/// The tickets of a booking's items, from the columns `quantity` and `more_items`.
pub(crate) fn items_quantity(row: &Row<'_>) -> Result<u32, Fault> {
    let first: u32 = row.get(0)?;
    let more = more_items(row, 1)?;
    Ok(more
        .iter()
        .map(|item| item.quantity)
        .fold(first, u32::saturating_add))
}

/// Writes a new booking through [`INSERT_BOOKING`](crate::statements::INSERT_BOOKING).
pub(crate) fn insert_booking(statement: &mut Statement<'_>, booking: &Booking) -> Result<(), Fault> {
    let (first, more) = booking
        .items
        .split_first()
        .ok_or_else(|| Fault::Broken(format!("booking {} has no items", booking.id)))?;
    let (key, fingerprint) = match &booking.key {
        Some((key, fingerprint)) => (Some(key.as_str()), Some(fingerprint.to_bytes())),
        None => (None, None),
    };
    statement.execute(params![
        booking.id.uuid().as_bytes(),
        booking.event_id.uuid().as_bytes(),
        booking.user_id.uuid().as_bytes(),
        booking.status.as_str(),
        first.ticket_type_id.uuid().as_bytes(),
        first.section_id.uuid().as_bytes(),
        first.quantity,
        first.price_minor,
        json_of_some(&first.seats)?,
        json_of_some(more)?,
        booking.currency.code(),
        booking.hold_expires_at.map(micros),
        booking.payment_reference.as_deref(),
        booking.source.as_str(),
        booking.entry_id.map(|id| id.uuid().into_bytes()),
        booking.reason.map(EndReason::as_str),
        key,
        fingerprint,
        micros(booking.created_at),
        booking.confirmed_at.map(micros),
        booking.ended_at.map(micros),
    ])?;
    Ok(())
}

/// Writes what may change of a booking through [`UPDATE_BOOKING`](crate::statements::UPDATE_BOOKING).
pub(crate) fn update_booking(statement: &mut Statement<'_>, booking: &Booking) -> Result<(), Fault> {
    let changed = statement.execute(params![
        booking.id.uuid().as_bytes(),
        booking.event_id.uuid().as_bytes(),
        booking.status.as_str(),
        booking.hold_expires_at.map(micros),
        booking.payment_reference.as_deref(),
        booking.reason.map(EndReason::as_str),
        booking.confirmed_at.map(micros),
        booking.ended_at.map(micros),
    ])?;
    match changed {
        1 => Ok(()),
        _ => Err(Fault::Broken(format!(
            "there is no booking {} to change",
            booking.id
        ))),
    }
}

/// A list as JSON; nothing for an empty one.
fn json_of_some<T: serde::Serialize>(list: &[T]) -> Result<Option<String>, Fault> {
    match list {
        [] => Ok(None),
        list => Ok(Some(
            serde_json::to_string(list).map_err(|error| Fault::Broken(error.to_string()))?,
        )),
    }
}

fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<Vec<T>, Fault> {
    serde_json::from_str(text).map_err(Fault::damaged)
}
