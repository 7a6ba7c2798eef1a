//! Jobs to put into a queue.

use crate::clock::{IdSource, RandomIds};
use crate::domain::{
    Booking, BookingId, BookingItem, BookingStatus, Caller, Currency, EntryId, EventId, SectionId, Source,
    TicketTypeId, Timestamp, UserId,
};
use crate::ledger::{Book, BookingKind, OnFull, Recall, Selection};
use crate::queue::{DeskId, Job};
use smallvec::smallvec;
use std::sync::Arc;
use uuid::Uuid;

/// An event's id that follows from its number.
pub(crate) fn event_id(number: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(number))
}

/// A request of somebody new for one ticket of an event.
pub fn job_for(event_id: EventId, accepted_at: Timestamp) -> Job {
    let id = || RandomIds.next(accepted_at);
    let booking_id = BookingId::from_uuid(id());
    let by = Caller::user(UserId::from_uuid(id()));
    let ticket_type_id = TicketTypeId::from_uuid(id());
    let item = BookingItem {
        ticket_type_id,
        section_id: SectionId::from_uuid(id()),
        quantity: 1,
        seats: Vec::new(),
        price_minor: 2_500,
    };
    let key = Some(booking_id.to_string().parse().expect("an id is a fine key"));
    let pending = Booking {
        id: booking_id,
        event_id,
        user_id: by.user_id,
        status: BookingStatus::Pending,
        items: smallvec![item],
        currency: Currency::USD,
        hold_expires_at: None,
        payment_reference: None,
        source: Source::Direct,
        entry_id: None,
        reason: None,
        key: None,
        created_at: accepted_at,
        confirmed_at: None,
        ended_at: None,
    };
    let book = Book {
        by,
        booking_id,
        entry_id: EntryId::from_uuid(booking_id.uuid()),
        kind: BookingKind::Confirmed,
        selection: Selection::Quantity {
            quantity: 1,
            ticket_type_id: Some(ticket_type_id),
        },
        on_full: OnFull::Reject,
        key,
        recall: Recall::First,
    };
    Job {
        book,
        pending: Arc::new(pending),
        accepted_at,
        reply_to: Some(DeskId(Uuid::from_u128(7))),
    }
}
