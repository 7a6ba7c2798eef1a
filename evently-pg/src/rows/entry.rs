//! Waitlist entries as rows.

use super::booking::key;
use evently_core::domain::{
    BookingId, Entry, EntryId, EntryStatus, EventId, IdempotencyKey, SectionId, TicketTypeId, Timestamp,
    UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A row of `evently.entry`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EntryRow {
    entry_id: EntryId,
    event_id: EventId,
    user_id: UserId,
    ticket_type_id: TicketTypeId,
    section_id: SectionId,
    quantity: u32,
    status: EntryStatus,
    seq: u64,
    passes: u32,
    booking_id: Option<BookingId>,
    offer_expires_at: Option<Timestamp>,
    key: Option<IdempotencyKey>,
    fingerprint: Option<Uuid>,
    joined_at: Timestamp,
}

impl EntryRow {
    /// The row of an entry.
    pub(crate) fn of(entry: &Entry) -> Self {
        let (key, fingerprint) = match &entry.key {
            Some((key, fingerprint)) => (Some(key.clone()), Some(Uuid::from_bytes(fingerprint.to_bytes()))),
            None => (None, None),
        };
        Self {
            entry_id: entry.id,
            event_id: entry.event_id,
            user_id: entry.user_id,
            ticket_type_id: entry.ticket_type_id,
            section_id: entry.section_id,
            quantity: entry.quantity,
            status: entry.status,
            seq: entry.seq,
            passes: entry.passes,
            booking_id: entry.booking_id,
            offer_expires_at: entry.offer_expires_at,
            key,
            fingerprint,
            joined_at: entry.joined_at,
        }
    }

    /// The entry of a row.
    pub(crate) fn entry(self) -> Entry {
        Entry {
            id: self.entry_id,
            event_id: self.event_id,
            user_id: self.user_id,
            ticket_type_id: self.ticket_type_id,
            section_id: self.section_id,
            quantity: self.quantity,
            status: self.status,
            seq: self.seq,
            passes: self.passes,
            booking_id: self.booking_id,
            offer_expires_at: self.offer_expires_at,
            key: key(self.key, self.fingerprint),
            joined_at: self.joined_at,
        }
    }
}
