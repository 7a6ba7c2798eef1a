//! A booking as the store keeps it.
//!
//! Fresh memory is what a booking in memory costs most, since the system clears each page of it first. So what every
//! booking has is packed, and what few have stands beside it.

use super::ascending::Ascending;
use crate::domain::{
    Booking, BookingId, BookingItem, BookingStatus, Currency, EndReason, EntryId, EventId, Fingerprint,
    IdempotencyKey, Items, SectionId, Source, TicketTypeId, Timestamp, UserId,
};
use smallvec::smallvec;
use std::sync::Arc;

/// The bookings of one event: lists are newest first, and new ids, which sort last, cost the same however many
/// there are.
pub(super) type Rows = Ascending<BookingId, Row>;

/// A booking but for its id and its event's, which are where it is found.
#[derive(Clone)]
pub(super) struct Row {
    user_id: UserId,
    key: Option<(IdempotencyKey, Fingerprint)>,
    bought: Bought,
    created_at: Instant,
    confirmed_at: Instant,
    ended_at: Instant,
    hold_expires_at: Instant,
    currency: Currency,
    status: BookingStatus,
    source: Source,
    reason: Option<EndReason>,
    rare: Option<Box<Rare>>,
}

/// The items of a booking.
#[derive(Clone)]
enum Bought {
    /// Tickets of one type, without seats.
    One {
        ticket_type_id: TicketTypeId,
        section_id: SectionId,
        price_minor: i64,
        quantity: u32,
    },
    Any(Box<Items>),
}

/// What few bookings have.
#[derive(Clone)]
struct Rare {
    payment_reference: Option<String>,
    entry_id: Option<EntryId>,
}

/// An instant or none, in a third of the bytes that an optional [`Timestamp`] takes: microseconds, which is what
/// instants are cut to.
#[derive(Clone, Copy)]
struct Instant(i64);

impl Row {
    /// The row of a booking.
    pub(super) fn of(booking: &Booking) -> Self {
        let is_rare = booking.payment_reference.is_some() || booking.entry_id.is_some();
        Self {
            user_id: booking.user_id,
            key: booking.key.clone(),
            bought: Bought::of(&booking.items),
            created_at: Instant::of(Some(booking.created_at)),
            confirmed_at: Instant::of(booking.confirmed_at),
            ended_at: Instant::of(booking.ended_at),
            hold_expires_at: Instant::of(booking.hold_expires_at),
            currency: booking.currency,
            status: booking.status,
            source: booking.source,
            reason: booking.reason,
            rare: is_rare.then(|| {
                Box::new(Rare {
                    payment_reference: booking.payment_reference.clone(),
                    entry_id: booking.entry_id,
                })
            }),
        }
    }

    /// The booking of a row.
    pub(super) fn booking(&self, id: BookingId, event_id: EventId) -> Arc<Booking> {
        let rare = self.rare.as_deref();
        Arc::new(Booking {
            id,
            event_id,
            user_id: self.user_id,
            status: self.status,
            items: self.bought.items(),
            currency: self.currency,
            hold_expires_at: self.hold_expires_at.timestamp(),
            payment_reference: rare.and_then(|rare| rare.payment_reference.clone()),
            source: self.source,
            entry_id: rare.and_then(|rare| rare.entry_id),
            reason: self.reason,
            key: self.key.clone(),
            created_at: self.created_at.timestamp().unwrap_or_default(),
            confirmed_at: self.confirmed_at.timestamp(),
            ended_at: self.ended_at.timestamp(),
        })
    }

    /// Where it is in its life.
    pub(super) fn status(&self) -> BookingStatus {
        self.status
    }

    /// Its tickets, while it takes capacity.
    pub(super) fn tickets(&self) -> u32 {
        match &self.bought {
            _ if !self.status.takes_capacity() => 0,
            Bought::One { quantity, .. } => *quantity,
            Bought::Any(items) => items.iter().map(|item| item.quantity).sum(),
        }
    }

    /// Whether it was made with this key.
    pub(super) fn has_key(&self, key: &IdempotencyKey) -> bool {
        self.key.as_ref().is_some_and(|(used, _)| used == key)
    }

    /// Until when it is held.
    pub(super) fn hold_expires_at(&self) -> Option<Timestamp> {
        self.hold_expires_at.timestamp()
    }
}

impl Bought {
    fn of(items: &Items) -> Self {
        match items.as_slice() {
            [only] if only.seats.is_empty() => Self::One {
                ticket_type_id: only.ticket_type_id,
                section_id: only.section_id,
                price_minor: only.price_minor,
                quantity: only.quantity,
            },
            _ => Self::Any(Box::new(items.clone())),
        }
    }

    fn items(&self) -> Items {
        match self {
            Self::One {
                ticket_type_id,
                section_id,
                price_minor,
                quantity,
            } => smallvec![BookingItem {
                ticket_type_id: *ticket_type_id,
                section_id: *section_id,
                quantity: *quantity,
                seats: Vec::new(),
                price_minor: *price_minor,
            }],
            Self::Any(items) => Items::clone(items),
        }
    }
}

impl Instant {
    /// Before every instant that a [`Timestamp`] can be.
    const NONE: i64 = i64::MIN;

    fn of(at: Option<Timestamp>) -> Self {
        Self(at.map_or(Self::NONE, |at| at.as_microsecond()))
    }

    fn timestamp(self) -> Option<Timestamp> {
        // The number that stands for none is out of a timestamp's range.
        Timestamp::from_microsecond(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeatLabel;
    use crate::memory::tests::{booking, event, user};

    #[test]
    fn a_row_is_its_booking() {
        let new = || {
            let mut booking = booking(&event(), user(), None);
            (booking.items[0].quantity, booking.items[0].price_minor) = (3, -7);
            booking
        };
        let plain = new();
        let mut seated = new();
        seated.items[0].seats = ["1", "2", "3"].map(|seat| SeatLabel::new("A", seat)).to_vec();
        let mut several = new();
        several.items.push(seated.items[0].clone());
        let rare = Booking {
            status: BookingStatus::Cancelled,
            hold_expires_at: Some(Timestamp::MIN),
            payment_reference: Some("paid".to_owned()),
            source: Source::Waitlist,
            entry_id: Some(EntryId::from_uuid(plain.id.uuid())),
            reason: Some(EndReason::EventCancelled),
            key: Some(("key".parse().unwrap(), Fingerprint::of(b"request"))),
            ended_at: Some("1969-12-31T23:59:59.999999Z".parse().unwrap()),
            ..new()
        };
        for (booking, tickets) in [(plain, 3), (seated, 3), (several, 6), (rare, 0)] {
            let row = Row::of(&booking);
            assert_eq!(*row.booking(booking.id, booking.event_id), booking);
            assert_eq!(row.tickets(), tickets);
        }
    }

    #[test]
    fn a_row_with_its_id_takes_160_bytes_at_most() {
        assert!(
            size_of::<(BookingId, Row)>() <= 160,
            "{}",
            size_of::<(BookingId, Row)>()
        );
    }
}
