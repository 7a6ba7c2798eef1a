//! The ledger's answers: receipts and refusals. Both are expected outcomes, not errors.

use crate::domain::{Booking, Entry, FieldError, Phase, SeatLabel, UserId};
use crate::store::Listing;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What was done, or had been done before under the same key.
#[derive(Debug, Clone, PartialEq)]
pub enum Receipt {
    /// A booking as it now stands.
    Booking {
        /// The booking.
        booking: Arc<Booking>,
        /// Whether an earlier request with the same key made it.
        replayed: bool,
    },
    /// A waitlist entry as it now stands.
    Entry {
        /// The entry.
        entry: Arc<Entry>,
        /// Whether an earlier request with the same key made it.
        replayed: bool,
    },
    /// An event as it now stands.
    Event(Listing),
    /// What a change would do; it was not done.
    Preview(Box<Preview>),
    /// It is done, and there is nothing to show.
    Done,
}

/// What a change of an event would do.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    /// The event as it is.
    pub before: Listing,
    /// The event as it would be, after those were served who are named below.
    pub after: Listing,
    /// Who waits and would be served, in the order of serving; of a very long line, only its beginning.
    pub served: Vec<Arc<Entry>>,
}

impl Receipt {
    /// Whose booking or entry it shows.
    pub(super) fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Booking { booking, .. } => Some(booking.user_id),
            Self::Entry { entry, .. } => Some(entry.user_id),
            Self::Event(_) | Self::Preview(_) | Self::Done => None,
        }
    }
}

/// Why a command was refused. A refusal has no effect: the same key may be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no such thing, or it is somebody else's.
    #[error("not found")]
    NotFound,
    /// The caller's role does not allow it.
    #[error("only an admin may do this")]
    Forbidden,
    /// The request is well-formed but breaks a rule of form.
    #[error("the request is invalid")]
    Invalid(
        /// Everything that is wrong.
        Vec<FieldError>,
    ),
    /// The event is not on sale now.
    #[error("the event is not on sale")]
    NotOnSale {
        /// What it is instead.
        phase: Phase,
    },
    /// So many tickets are not to be had.
    #[error("sold out: {available} available")]
    SoldOut {
        /// How many the caller could have.
        available: u32,
    },
    /// Named seats are taken or blocked.
    #[error("seats are taken")]
    SeatTaken {
        /// Which.
        seats: Vec<SeatLabel>,
    },
    /// The user would have more tickets than the event's policy allows.
    #[error("at most {limit} tickets a user: {tickets} taken already")]
    LimitExceeded {
        /// The policy's limit.
        limit: u32,
        /// The user's confirmed and held tickets.
        tickets: u32,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The hold's time was over.
    #[error("the hold has expired")]
    HoldExpired,
    /// The hold cannot be extended further.
    #[error("the hold cannot be extended further")]
    HoldLimit,
    /// The booking is no hold (any more).
    #[error("the booking is not held")]
    NotHeld,
    /// It is too late to cancel.
    #[error("it is too late to cancel")]
    CancelClosed,
    /// There are places: nobody needs to wait.
    #[error("the event is not full")]
    NotFull,
    /// The user is on the waitlist already.
    #[error("the user is on the waitlist already")]
    AlreadyWaitlisted,
    /// The event has no waitlist.
    #[error("the event has no waitlist")]
    WaitlistOff,
    /// The entry has no offer.
    #[error("the entry has no offer")]
    NotOffered,
    /// The offer's time was over.
    #[error("the offer has lapsed")]
    OfferLapsed,
    /// The entry does not wait (any more).
    #[error("the entry is not waiting")]
    NotWaiting,
    /// The event's definition has moved on from the version that was named.
    #[error("the event has moved on to version {current}")]
    VersionConflict {
        /// The version it has now.
        current: u64,
    },
    /// What is sold or held cannot be taken away.
    #[error("{sold} places are sold or held")]
    BelowSold {
        /// Sold and held places of what was to be taken away.
        sold: u32,
    },
    /// Only a draft may be deleted.
    #[error("the event is not a draft")]
    NotDraft,
    /// The event was cancelled, for good.
    #[error("the event was cancelled")]
    EventCancelled,
    /// A draft is not cancelled: nobody knows of it, and it can be deleted.
    #[error("the event is still a draft")]
    NotPublished,
}
