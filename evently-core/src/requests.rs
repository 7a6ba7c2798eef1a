//! What callers hand to [`Evently`](crate::Evently), and what they get back.

use crate::domain::{Booking, BookingId, Entry, IdempotencyKey, SeatLabel, TicketTypeId};
use crate::ledger::{BookingKind, OnFull, Refusal, Selection};
use crate::store::PlacedEntry;
use std::sync::Arc;

/// A request for tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookRequest {
    /// Confirmed at once (the default), or held.
    pub kind: BookingKind,
    /// What is asked for.
    pub selection: Selection,
    /// What happens if it is not to be had (default: refused).
    pub on_full: OnFull,
    /// The caller's key: asked twice with the same key, it has one effect.
    pub key: Option<IdempotencyKey>,
    /// The id that the booking gets; `None` for a new one. Naming the id of what the caller has of the event
    /// already is asking for it again.
    pub booking_id: Option<BookingId>,
}

impl BookRequest {
    /// A request with this selection, confirmed at once, refused if it is not to be had.
    pub fn new(selection: Selection) -> Self {
        Self {
            kind: BookingKind::Confirmed,
            selection,
            on_full: OnFull::Reject,
            key: None,
            booking_id: None,
        }
    }

    /// So many tickets of the event's one type.
    pub fn quantity(quantity: u32) -> Self {
        Self::new(Selection::Quantity {
            quantity,
            ticket_type_id: None,
        })
    }

    /// So many tickets of a type.
    pub fn of_type(ticket_type_id: TicketTypeId, quantity: u32) -> Self {
        Self::new(Selection::Quantity {
            quantity,
            ticket_type_id: Some(ticket_type_id),
        })
    }

    /// These seats.
    pub fn seats<'a>(labels: impl IntoIterator<Item = &'a str>) -> Self {
        let seats = labels.into_iter().map(SeatLabel::from).collect();
        Self::new(Selection::Seats {
            seats,
            ticket_type_id: None,
        })
    }

    /// The same, as a hold.
    #[must_use]
    pub fn held(mut self) -> Self {
        self.kind = BookingKind::Held;
        self
    }

    /// The same, onto the waitlist if it is not to be had.
    #[must_use]
    pub fn or_waitlist(mut self) -> Self {
        self.on_full = OnFull::Waitlist;
        self
    }

    /// The same, under an idempotency key.
    #[must_use]
    pub fn with_key(mut self, key: IdempotencyKey) -> Self {
        self.key = Some(key);
        self
    }
}

/// A request for a place on the waitlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// How many tickets.
    pub quantity: u32,
    /// Of which type; `None` where the event has one only.
    pub ticket_type_id: Option<TicketTypeId>,
    /// The caller's key: asked twice with the same key, it has one effect.
    pub key: Option<IdempotencyKey>,
}

impl JoinRequest {
    /// A request for so many tickets of the event's one type.
    pub fn quantity(quantity: u32) -> Self {
        Self {
            quantity,
            ticket_type_id: None,
            key: None,
        }
    }
}

/// What a request made.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The booking, or the place on the waitlist.
    pub outcome: Outcome,
    /// Whether an earlier request with the same key had made it.
    pub replayed: bool,
}

/// A booking or a place on the waitlist.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Tickets.
    Booking(Arc<Booking>),
    /// A place on the waitlist.
    Entry(PlacedEntry),
}

impl Placed {
    /// The booking, if there is one.
    pub fn booking(&self) -> Option<&Arc<Booking>> {
        match &self.outcome {
            Outcome::Booking(booking) => Some(booking),
            Outcome::Entry(_) => None,
        }
    }

    /// The waitlist entry, if there is one.
    pub fn entry(&self) -> Option<&Arc<Entry>> {
        match &self.outcome {
            Outcome::Booking(_) => None,
            Outcome::Entry(placed) => Some(&placed.entry),
        }
    }
}

/// How far a request for tickets has come.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It is queued and not decided yet.
    Pending {
        /// Its booking, which reads `pending`.
        booking: Arc<Booking>,
        /// Whether an earlier request with the same key had queued it.
        replayed: bool,
    },
    /// It made a booking.
    Booked {
        /// The booking as it now stands.
        booking: Arc<Booking>,
        /// Whether an earlier request with the same key had made it.
        replayed: bool,
    },
    /// It came to the waitlist.
    Waitlisted {
        /// The booking that it did not make, which reads `rejected`.
        booking: Arc<Booking>,
        /// Its place in line.
        entry: PlacedEntry,
        /// Whether an earlier request with the same key had come there.
        replayed: bool,
    },
    /// The rules refused it.
    Rejected {
        /// Its booking, which reads `rejected`.
        booking: Arc<Booking>,
        /// Why.
        refusal: Refusal,
    },
    /// Nobody could decide it, however often it was tried: a bug.
    Failed {
        /// Its booking, which reads `rejected`.
        booking: Arc<Booking>,
    },
}

impl Progress {
    /// The booking that was asked for, or the one that an earlier request with the same key had made.
    pub fn booking(&self) -> &Arc<Booking> {
        match self {
            Self::Pending { booking, .. }
            | Self::Booked { booking, .. }
            | Self::Waitlisted { booking, .. }
            | Self::Rejected { booking, .. }
            | Self::Failed { booking } => booking,
        }
    }
}
