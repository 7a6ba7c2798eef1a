//! A waitlist entry: a place in an event's queue.

use super::{
    BookingId, EntryId, EventId, Fingerprint, IdempotencyKey, SectionId, TicketTypeId, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

/// Where an entry is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// Waits for places.
    Waiting,
    /// Has a hold to accept or decline.
    Offered,
    /// Became a booking.
    Converted,
    /// Its offer ran out.
    Lapsed,
    /// Its owner declined the offer.
    Declined,
    /// Its owner left.
    Left,
    /// The event was cancelled, or its sales closed.
    Closed,
}

impl EntryStatus {
    /// Every status.
    pub const ALL: [Self; 7] = [
        Self::Waiting,
        Self::Offered,
        Self::Converted,
        Self::Lapsed,
        Self::Declined,
        Self::Left,
        Self::Closed,
    ];

    /// Whether the user still has this place: waiting or offered.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Waiting | Self::Offered)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Offered => "offered",
            Self::Converted => "converted",
            Self::Lapsed => "lapsed",
            Self::Declined => "declined",
            Self::Left => "left",
            Self::Closed => "closed",
        }
    }
}

/// A place in an event's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// The event.
    pub event_id: EventId,
    /// Its owner.
    pub user_id: UserId,
    /// What is waited for.
    pub ticket_type_id: TicketTypeId,
    /// The section that the type drew from when the user joined.
    pub section_id: SectionId,
    /// How many tickets.
    pub quantity: u32,
    /// Where it is in its life.
    pub status: EntryStatus,
    /// Its place in the event's order of joining: lower is earlier, never reused.
    pub seq: u64,
    /// How often somebody behind it, or a newcomer, was served while it did not fit (rule 7).
    pub passes: u32,
    /// The booking made for it.
    pub booking_id: Option<BookingId>,
    /// Until when its offer stands; `None` where it has none.
    pub offer_expires_at: Option<Timestamp>,
    /// The caller's key for the request that made it, and which request that was.
    pub key: Option<(IdempotencyKey, Fingerprint)>,
    /// When the user joined.
    pub joined_at: Timestamp,
}

impl Entry {
    /// How many passes an entry bears before what frees is saved for it (rule 7).
    pub const MAX_PASSES: u32 = 10;

    /// Whether it waits and what frees is saved for it.
    pub fn is_starved(&self) -> bool {
        self.status == EntryStatus::Waiting && self.passes >= Self::MAX_PASSES
    }
}
