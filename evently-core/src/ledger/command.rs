//! What can be asked of one event.

use crate::domain::{
    BookingId, Caller, EntryId, Event, EventDraft, EventId, IdempotencyKey, SeatLabel, SectionId,
    TicketTypeId,
};
use serde::{Deserialize, Serialize};

/// One request about one event.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Make an event.
    Create(Box<Event>),
    /// Book tickets or hold them.
    Book(Book),
    /// Give a request for tickets up, whoever may be deciding it still: answers what it made, or else refuses it as
    /// not found, and nothing can be made of it any more.
    Abandon {
        /// The booking that it asked for.
        booking_id: BookingId,
        /// The entry that it may have come to.
        entry_id: EntryId,
    },
    /// Turn a hold into a confirmed booking.
    Confirm {
        /// Who asks.
        by: Caller,
        /// Which hold.
        booking_id: BookingId,
        /// What the payer calls the payment.
        payment_reference: Option<String>,
    },
    /// Give a hold more time.
    Extend {
        /// Who asks.
        by: Caller,
        /// Which hold.
        booking_id: BookingId,
    },
    /// Cancel a booking, or release a hold.
    Cancel {
        /// Who asks.
        by: Caller,
        /// Which booking.
        booking_id: BookingId,
    },
    /// Join the waitlist.
    Join(Join),
    /// Leave the waitlist.
    Leave {
        /// Who asks.
        by: Caller,
        /// Which entry.
        entry_id: EntryId,
    },
    /// Accept an offer.
    Accept {
        /// Who asks.
        by: Caller,
        /// Whose offer.
        entry_id: EntryId,
    },
    /// Decline an offer.
    Decline {
        /// Who asks.
        by: Caller,
        /// Whose offer.
        entry_id: EntryId,
    },
    /// Change the event's definition.
    Change {
        /// The definition's version that the change was made on.
        expected: u64,
        /// The definition as it is to be.
        draft: Box<EventDraft>,
    },
    /// Tell what such a change would do, and do nothing of it.
    Preview {
        /// The definition's version that the change was made on.
        expected: u64,
        /// The definition as it would be.
        draft: Box<EventDraft>,
    },
    /// Publish a draft.
    Publish,
    /// Cancel the event: the first step; [`Command::Sweep`] does the rest.
    CancelEvent,
    /// Delete a draft.
    Delete,
    /// Do what is due: expire holds, lapse offers, close the waitlist, go on cancelling the event.
    Sweep,
}

/// Whether a command may have taken effect already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Recall {
    /// It is asked for the first time.
    #[default]
    First,
    /// It may have been committed before (an answer was lost, an id is named twice): its own id is looked up first.
    MayHaveHappened,
    /// Somebody else may be deciding it at this very moment, on what they loaded earlier. Its own id is looked up
    /// first, and a refusal is committed like a success: it moves the version, so that theirs is not stored later.
    MayBeHappening,
}

/// A request for tickets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// Who asks, and whose the booking will be.
    pub by: Caller,
    /// The booking's id, chosen where the request came in.
    pub booking_id: BookingId,
    /// The entry's id, should it come to the waitlist.
    pub entry_id: EntryId,
    /// Confirmed at once, or held.
    pub kind: BookingKind,
    /// What is asked for.
    pub selection: Selection,
    /// What happens if it is not to be had.
    pub on_full: OnFull,
    /// The caller's key for this request.
    pub key: Option<IdempotencyKey>,
    /// Whether it may have happened already.
    pub recall: Recall,
}

/// What a successful request for tickets makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BookingKind {
    /// A confirmed booking.
    Confirmed,
    /// A hold.
    Held,
}

/// What happens to a request that cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum OnFull {
    /// It is refused as sold out.
    #[default]
    Reject,
    /// It joins the waitlist.
    Waitlist,
}

/// Which tickets are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Selection {
    /// So many; in a reserved section the best available.
    Quantity {
        /// How many.
        quantity: u32,
        /// Of which type; `None` where the event has one only.
        ticket_type_id: Option<TicketTypeId>,
    },
    /// These seats.
    Seats {
        /// Their labels.
        seats: Vec<SeatLabel>,
        /// Of which type; `None` where their section has one only.
        ticket_type_id: Option<TicketTypeId>,
    },
    /// The best seats there are (rule 11).
    BestAvailable {
        /// How many.
        quantity: u32,
        /// In which section; `None` for wherever they are best.
        section_id: Option<SectionId>,
        /// Of which type; `None` where the section has one only.
        ticket_type_id: Option<TicketTypeId>,
        /// Whether they must be in one piece.
        adjacent: Adjacency,
        /// Whether accessible seats are asked for.
        accessible: Access,
    },
    /// Several types at once.
    Items(Vec<ItemRequest>),
}

/// One item of a request for several types.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ItemRequest {
    /// The type.
    pub ticket_type_id: TicketTypeId,
    /// How many; with `seats`, as many as they are.
    pub quantity: u32,
    /// Which seats; empty for any.
    pub seats: Vec<SeatLabel>,
}

/// Whether seats must be next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Adjacency {
    /// If they can be.
    #[default]
    Preferred,
    /// Or not at all.
    Required,
}

/// Which seats are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Access {
    /// Ordinary seats.
    #[default]
    Ordinary,
    /// Accessible seats.
    Accessible,
}

/// A request for a place on the waitlist.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Who asks.
    pub by: Caller,
    /// The entry's id, chosen where the request came in.
    pub entry_id: EntryId,
    /// How many tickets.
    pub quantity: u32,
    /// Of which type; `None` where the event has one only.
    pub ticket_type_id: Option<TicketTypeId>,
    /// The caller's key for this request.
    pub key: Option<IdempotencyKey>,
    /// Whether it may have happened already.
    pub recall: Recall,
}

impl Command {
    /// What the command surely needs to know, so that a lane that knows nothing can load it at once.
    pub(crate) fn needs(&self, event_id: EventId) -> super::Need {
        let mut need = super::Need::event(event_id);
        match self {
            Self::Create(_)
            | Self::Change { .. }
            | Self::Preview { .. }
            | Self::Publish
            | Self::CancelEvent
            | Self::Delete
            | Self::Sweep => {}
            Self::Book(book) => {
                need.keys
                    .extend(book.key.clone().map(|key| (book.by.user_id, key)));
                if book.recall != Recall::First {
                    need.bookings.push(book.booking_id);
                    need.entries.push(book.entry_id);
                }
            }
            Self::Join(join) => {
                need.keys
                    .extend(join.key.clone().map(|key| (join.by.user_id, key)));
                need.users.push(join.by.user_id);
                if join.recall != Recall::First {
                    need.entries.push(join.entry_id);
                }
            }
            Self::Confirm { booking_id, .. }
            | Self::Extend { booking_id, .. }
            | Self::Cancel { booking_id, .. } => need.bookings.push(*booking_id),
            Self::Abandon { booking_id, entry_id } => {
                need.bookings.push(*booking_id);
                need.entries.push(*entry_id);
            }
            Self::Leave { entry_id, .. } | Self::Accept { entry_id, .. } | Self::Decline { entry_id, .. } => {
                need.entries.push(*entry_id);
            }
        }
        need
    }

    /// Whether a refusal must be committed, since somebody else may be deciding the same request.
    pub(super) fn may_be_happening(&self) -> bool {
        match self {
            Self::Book(book) => book.recall == Recall::MayBeHappening,
            Self::Abandon { .. } => true,
            _ => false,
        }
    }

    /// Marks that the command may have taken effect already.
    pub(crate) fn may_have_happened(&mut self) {
        let recall = match self {
            Self::Book(book) => &mut book.recall,
            Self::Join(join) => &mut join.recall,
            _ => return,
        };
        if *recall == Recall::First {
            *recall = Recall::MayHaveHappened;
        }
    }
}
