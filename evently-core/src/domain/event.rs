//! An event: what people come to.

use super::{Currency, EventId, Policy, Section, SectionId, TicketTypeId, Timestamp};
use serde::{Deserialize, Serialize};

/// Free-form data of an event: the text of one JSON object.
///
/// Core keeps it and never reads it; whoever parses JSON (the HTTP layer, an embedder) sees to its being an
/// object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Metadata(String);

impl Metadata {
    /// Metadata with this JSON object as its text.
    pub fn from_json(object: String) -> Self {
        Self(object)
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self("{}".to_owned())
    }
}

/// Where an event is in its life, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Seen by admins only; may be deleted.
    Draft,
    /// Seen by everybody; sold within its window.
    Published,
    /// Over for good: every booking is or is being cancelled.
    Cancelled,
}

/// What somebody at the box office's window would be told, derived from status, time and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not published.
    Draft,
    /// Published; sales are not open yet.
    Scheduled,
    /// Sales are open and something is left.
    OnSale,
    /// Sales are open and nothing is left.
    SoldOut,
    /// The sales window is over.
    Closed,
    /// The event is over.
    Ended,
    /// The event was cancelled.
    Cancelled,
}

impl EventStatus {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Phase {
    /// Every phase.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Scheduled,
        Self::OnSale,
        Self::SoldOut,
        Self::Closed,
        Self::Ended,
        Self::Cancelled,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::OnSale => "on_sale",
            Self::SoldOut => "sold_out",
            Self::Closed => "closed",
            Self::Ended => "ended",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What is bought: a name, the section it draws from, a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketType {
    /// Its id; kept when the type is changed.
    pub id: TicketTypeId,
    /// Its name, unique among the types of its section.
    pub name: String,
    /// The section it draws from.
    pub section_id: SectionId,
    /// The price of one ticket, in minor units of the event's currency.
    pub price_minor: i64,
    /// The fewest tickets of this type in one booking.
    pub min_per_booking: u32,
    /// The most tickets of this type in one booking; `None` for [`Limits::max_per_booking`](super::Limits).
    pub max_per_booking: Option<u32>,
}

/// What people come to, as its admin defined it. What is sold of it is the inventory's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its name.
    pub name: String,
    /// A longer text; may be empty.
    pub description: String,
    /// Where it is.
    pub venue: String,
    /// The IANA name of the venue's time zone.
    pub timezone: String,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends; later than its start.
    pub ends_at: Timestamp,
    /// When sales open; `None` for always.
    pub sales_open_at: Option<Timestamp>,
    /// When sales close; `None` for the event's start.
    pub sales_close_at: Option<Timestamp>,
    /// Where it is in its life.
    pub status: EventStatus,
    /// The currency of its prices.
    pub currency: Currency,
    /// Its sections; at least one.
    pub sections: Vec<Section>,
    /// Its ticket types; at least one a section.
    pub ticket_types: Vec<TicketType>,
    /// The rules an admin set.
    pub policy: Policy,
    /// Free-form data.
    pub metadata: Metadata,
    /// Counts the changes of this definition, from 1.
    pub version: u64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its definition last changed.
    pub updated_at: Timestamp,
}

impl Event {
    /// When sales close: `sales_close_at`, or the start.
    pub fn closes_at(&self) -> Timestamp {
        self.sales_close_at.unwrap_or(self.starts_at)
    }

    /// Until when owners may cancel: the policy's instant, or the start (rule 6).
    pub fn cancel_until(&self) -> Timestamp {
        self.policy.cancel_until.unwrap_or(self.starts_at)
    }

    /// Whether bookings and holds are accepted at `now` (rule 3).
    pub fn is_on_sale(&self, now: Timestamp) -> bool {
        self.status == EventStatus::Published
            && self.sales_open_at.is_none_or(|open| now >= open)
            && now < self.closes_at()
    }

    /// The phase at `now` with so many places available.
    pub fn phase(&self, now: Timestamp, available: u32) -> Phase {
        match self.status {
            EventStatus::Cancelled => Phase::Cancelled,
            EventStatus::Draft => Phase::Draft,
            EventStatus::Published if now >= self.ends_at => Phase::Ended,
            EventStatus::Published if now >= self.closes_at() => Phase::Closed,
            EventStatus::Published if self.sales_open_at.is_some_and(|open| now < open) => Phase::Scheduled,
            EventStatus::Published if available == 0 => Phase::SoldOut,
            EventStatus::Published => Phase::OnSale,
        }
    }

    /// All places of all sections.
    pub fn capacity(&self) -> u32 {
        self.sections
            .iter()
            .map(Section::capacity)
            .fold(0, u32::saturating_add)
    }

    /// The section with this id.
    pub fn section(&self, id: SectionId) -> Option<&Section> {
        self.sections.iter().find(|section| section.id == id)
    }

    /// The ticket type with this id.
    pub fn ticket_type(&self, id: TicketTypeId) -> Option<&TicketType> {
        self.ticket_types.iter().find(|ticket_type| ticket_type.id == id)
    }

    /// Whether any of its sections has labelled seats.
    pub fn has_seats(&self) -> bool {
        self.sections.iter().any(Section::is_reserved)
    }
}
