//! Bookings as rows. The first item lies in columns; further ones, which hardly any booking has, beside it.

use crate::error::Fault;
use evently_core::domain::{
    Booking, BookingId, BookingItem, BookingStatus, Currency, EndReason, EntryId, EventId, Fingerprint,
    IdempotencyKey, Items, SeatLabel, SectionId, Source, TicketTypeId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `evently.booking`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct BookingRow {
    booking_id: BookingId,
    event_id: EventId,
    user_id: UserId,
    ticket_type_id: TicketTypeId,
    section_id: SectionId,
    price_minor: i64,
    created_at: Timestamp,
    confirmed_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    hold_expires_at: Option<Timestamp>,
    fingerprint: Option<Uuid>,
    entry_id: Option<EntryId>,
    quantity: u32,
    status: BookingStatus,
    currency: Currency,
    source: Source,
    reason: Option<EndReason>,
    key: Option<IdempotencyKey>,
    payment_reference: Option<String>,
    seats: Option<Vec<SeatLabel>>,
    more_items: Option<Vec<BookingItem>>,
}

impl BookingRow {
    /// The row of a booking.
    ///
    /// # Errors
    /// The booking has no items.
    pub(crate) fn of(booking: &Booking) -> Result<Self, Fault> {
        let (first, more) = booking
            .items
            .split_first()
            .ok_or_else(|| Fault::Broken(format!("booking {} has no items", booking.id)))?;
        let (key, fingerprint) = match &booking.key {
            Some((key, fingerprint)) => (Some(key.clone()), Some(Uuid::from_bytes(fingerprint.to_bytes()))),
            None => (None, None),
        };
        Ok(Self {
            booking_id: booking.id,
            event_id: booking.event_id,
            user_id: booking.user_id,
            ticket_type_id: first.ticket_type_id,
            section_id: first.section_id,
            price_minor: first.price_minor,
            created_at: booking.created_at,
            confirmed_at: booking.confirmed_at,
            ended_at: booking.ended_at,
            hold_expires_at: booking.hold_expires_at,
            fingerprint,
            entry_id: booking.entry_id,
            quantity: first.quantity,
            status: booking.status,
            currency: booking.currency,
            source: booking.source,
            reason: booking.reason,
            key,
            payment_reference: booking.payment_reference.clone(),
            seats: some(&first.seats),
            more_items: some(more),
        })
    }

    /// The booking of a row.
    pub(crate) fn booking(self) -> Booking {
        let mut items = Items::new();
        items.push(BookingItem {
            ticket_type_id: self.ticket_type_id,
            section_id: self.section_id,
            quantity: self.quantity,
            seats: self.seats.unwrap_or_default(),
            price_minor: self.price_minor,
        });
        items.extend(self.more_items.into_iter().flatten());
        Booking {
            id: self.booking_id,
            event_id: self.event_id,
            user_id: self.user_id,
            status: self.status,
            items,
            currency: self.currency,
            hold_expires_at: self.hold_expires_at,
            payment_reference: self.payment_reference,
            source: self.source,
            entry_id: self.entry_id,
            reason: self.reason,
            key: key(self.key, self.fingerprint),
            created_at: self.created_at,
            confirmed_at: self.confirmed_at,
            ended_at: self.ended_at,
        }
    }
}

/// A key with its fingerprint, from two columns that may be null.
pub(super) fn key(
    key: Option<IdempotencyKey>,
    fingerprint: Option<Uuid>,
) -> Option<(IdempotencyKey, Fingerprint)> {
    let (key, fingerprint) = key.zip(fingerprint)?;
    Some((key, Fingerprint::from_bytes(fingerprint.into_bytes())))
}

/// A list; nothing for an empty one.
fn some<T: Clone>(list: &[T]) -> Option<Vec<T>> {
    (!list.is_empty()).then(|| list.to_vec())
}
