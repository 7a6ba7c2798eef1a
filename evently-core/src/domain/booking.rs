//! A booking: the only thing that takes capacity.

use super::{
    BookingId, Currency, EntryId, EventId, Fingerprint, IdempotencyKey, SeatLabel, SectionId, TicketTypeId,
    Timestamp, UserId,
};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// Where a booking is in its life. Only `Held` and `Confirmed` take capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    /// Accepted by queued intake, not decided yet.
    Pending,
    /// Takes capacity until `hold_expires_at`.
    Held,
    /// Sold.
    Confirmed,
    /// Refused by queued intake's decision.
    Rejected,
    /// Cancelled by its owner, an admin or the event's cancelling; or a hold released by its owner.
    Cancelled,
    /// A hold that ran out.
    Expired,
}

impl BookingStatus {
    /// Every status.
    pub const ALL: [Self; 6] = [
        Self::Pending,
        Self::Held,
        Self::Confirmed,
        Self::Rejected,
        Self::Cancelled,
        Self::Expired,
    ];

    /// Whether a booking in this status takes capacity.
    pub fn takes_capacity(self) -> bool {
        matches!(self, Self::Held | Self::Confirmed)
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// How a booking came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Its owner asked for it.
    Direct,
    /// A place freed for a waitlist entry.
    Waitlist,
}

impl Source {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Waitlist => "waitlist",
        }
    }
}

/// Why a booking ended, where its status alone does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The whole event was cancelled (rule 9).
    EventCancelled,
    /// An admin cancelled somebody else's booking.
    CancelledByAdmin,
    /// The user declined the waitlist's offer.
    OfferDeclined,
    /// Nobody accepted the waitlist's offer in time.
    OfferLapsed,
}

impl EndReason {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EventCancelled => "event_cancelled",
            Self::CancelledByAdmin => "cancelled_by_admin",
            Self::OfferDeclined => "offer_declined",
            Self::OfferLapsed => "offer_lapsed",
        }
    }
}

/// Tickets of one type in a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingItem {
    /// What was bought.
    pub ticket_type_id: TicketTypeId,
    /// The section it draws from.
    pub section_id: SectionId,
    /// How many tickets.
    pub quantity: u32,
    /// Which seats; empty in a general section, else as many as `quantity`.
    #[serde(default)]
    pub seats: Vec<SeatLabel>,
    /// The price of one ticket when it was booked, in minor units.
    pub price_minor: i64,
}

/// The items of a booking; nearly always one.
pub type Items = SmallVec<[BookingItem; 1]>;

/// What somebody took of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The event.
    pub event_id: EventId,
    /// Its owner.
    pub user_id: UserId,
    /// Where it is in its life.
    pub status: BookingStatus,
    /// What was taken; never empty.
    pub items: Items,
    /// The event's currency.
    pub currency: Currency,
    /// Until when a hold lasts; `None` once it is no hold any more.
    #[serde(with = "crate::domain::instant::optional")]
    pub hold_expires_at: Option<Timestamp>,
    /// What its payer called the payment, if anything.
    pub payment_reference: Option<String>,
    /// How it came to be.
    pub source: Source,
    /// The waitlist entry it was made for.
    pub entry_id: Option<EntryId>,
    /// Why it ended, where the status does not tell.
    pub reason: Option<EndReason>,
    /// The caller's key for the request that made it, and which request that was.
    pub key: Option<(IdempotencyKey, Fingerprint)>,
    /// When it was decided.
    #[serde(with = "crate::domain::instant::required")]
    pub created_at: Timestamp,
    /// When it was confirmed.
    #[serde(with = "crate::domain::instant::optional")]
    pub confirmed_at: Option<Timestamp>,
    /// When it left its last capacity-taking state.
    #[serde(with = "crate::domain::instant::optional")]
    pub ended_at: Option<Timestamp>,
}

impl Booking {
    /// Tickets over all items.
    pub fn quantity(&self) -> u32 {
        self.items.iter().map(|item| item.quantity).sum()
    }

    /// Σ quantity × price over all items, in minor units.
    pub fn total_minor(&self) -> i64 {
        self.items
            .iter()
            .map(|item| item.price_minor.saturating_mul(i64::from(item.quantity)))
            .sum()
    }

    /// Whether it is a hold whose time is over at `now`, swept or not (rule 5).
    pub fn is_hold_over(&self, now: Timestamp) -> bool {
        self.status == BookingStatus::Held && self.hold_expires_at.is_some_and(|expires| expires <= now)
    }

    /// Whether it was once confirmed.
    pub fn was_confirmed(&self) -> bool {
        self.confirmed_at.is_some()
    }
}
