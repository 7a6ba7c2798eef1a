//! An event, and its ETag.

use crate::openapi::words::{EventStatus, Phase, SectionSeating, WaitlistPolicy as WaitlistPolicyWord};
use evently_core::Timestamp;
use evently_core::domain::{
    Event, EventId, Metadata, Policy, Section, SectionCount, SectionId, TicketType, TicketTypeId,
    WaitlistPolicy,
};
use evently_core::store::Listing;
use http::HeaderValue;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// The tag of an event's answer. It changes with the definition, with what is sold, and with the phase, which
/// time alone may change.
pub(crate) fn etag(listing: &Listing, now: Timestamp) -> Option<HeaderValue> {
    let phase = listing.phase(now).as_str();
    HeaderValue::try_from(format!(
        "\"{}-{}-{phase}\"",
        listing.event.version, listing.version
    ))
    .ok()
}

/// An event with what is left of it.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView<'a> {
    #[schema(value_type = Uuid)]
    id: EventId,
    name: &'a str,
    description: &'a str,
    venue: &'a str,
    /// An IANA name.
    #[schema(examples("Europe/Berlin"))]
    timezone: &'a str,
    starts_at: Timestamp,
    ends_at: Timestamp,
    /// Null: always open.
    #[schema(required)]
    sales_open_at: Option<Timestamp>,
    /// Null: until the start.
    #[schema(required)]
    sales_close_at: Option<Timestamp>,
    #[schema(value_type = EventStatus)]
    status: &'static str,
    #[schema(value_type = Phase)]
    phase: &'static str,
    /// ISO 4217.
    #[schema(examples("EUR"))]
    currency: &'static str,
    capacity: u32,
    available: u32,
    sections: Vec<SectionView<'a>>,
    ticket_types: Vec<TicketTypeView<'a>>,
    policy: PolicyView,
    /// Free-form.
    #[serde(serialize_with = "as_is")]
    #[schema(value_type = Object)]
    metadata: &'a Metadata,
    /// Counts changes of this definition: what `If-Match` names.
    version: u64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A part of an event's capacity.
#[derive(Serialize, ToSchema)]
#[schema(as = Section)]
struct SectionView<'a> {
    #[schema(value_type = Uuid)]
    id: SectionId,
    name: &'a str,
    #[schema(value_type = SectionSeating)]
    seating: &'static str,
    capacity: u32,
    available: u32,
}

/// What is bought.
#[derive(Serialize, ToSchema)]
#[schema(as = TicketType)]
struct TicketTypeView<'a> {
    #[schema(value_type = Uuid)]
    id: TicketTypeId,
    name: &'a str,
    #[schema(value_type = Uuid)]
    section_id: SectionId,
    /// In minor units.
    price_minor: i64,
    min_per_booking: u32,
    /// Null: 100.
    #[schema(required)]
    max_per_booking: Option<u32>,
}

/// An event's rules.
#[derive(Serialize, ToSchema)]
#[schema(as = Policy)]
struct PolicyView {
    /// Confirmed and held tickets of one user; null: no limit.
    #[schema(required)]
    per_user_limit: Option<u32>,
    hold_seconds: u32,
    hold_max_seconds: u32,
    /// Until when an owner may cancel; null: the start.
    #[schema(required)]
    cancel_until: Option<Timestamp>,
    #[schema(value_type = WaitlistPolicyWord)]
    waitlist: &'static str,
    offer_seconds: u32,
}

impl<'a> EventView<'a> {
    /// An event as it is at `now`.
    pub(crate) fn of(listing: &'a Listing, now: Timestamp) -> Self {
        let event: &'a Event = &listing.event;
        let sections = event.sections.iter().zip(&listing.counts);
        Self {
            id: event.id,
            name: &event.name,
            description: &event.description,
            venue: &event.venue,
            timezone: &event.timezone,
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            sales_open_at: event.sales_open_at,
            sales_close_at: event.sales_close_at,
            status: event.status.as_str(),
            phase: listing.phase(now).as_str(),
            currency: event.currency.code(),
            capacity: event.capacity(),
            available: listing.available(),
            sections: sections
                .map(|(section, count)| SectionView::of(section, count))
                .collect(),
            ticket_types: event.ticket_types.iter().map(TicketTypeView::of).collect(),
            policy: PolicyView::of(&event.policy),
            metadata: &event.metadata,
            version: event.version,
            created_at: event.created_at,
            updated_at: event.updated_at,
        }
    }
}

impl<'a> SectionView<'a> {
    fn of(section: &'a Section, count: &SectionCount) -> Self {
        Self {
            id: section.id,
            name: &section.name,
            seating: if section.is_reserved() {
                "reserved"
            } else {
                "general"
            },
            capacity: count.capacity,
            available: count.available(),
        }
    }
}

impl<'a> TicketTypeView<'a> {
    fn of(ticket_type: &'a TicketType) -> Self {
        Self {
            id: ticket_type.id,
            name: &ticket_type.name,
            section_id: ticket_type.section_id,
            price_minor: ticket_type.price_minor,
            min_per_booking: ticket_type.min_per_booking,
            max_per_booking: ticket_type.max_per_booking,
        }
    }
}

impl PolicyView {
    fn of(policy: &Policy) -> Self {
        Self {
            per_user_limit: policy.per_user_limit,
            hold_seconds: policy.hold_seconds,
            hold_max_seconds: policy.hold_max_seconds(),
            cancel_until: policy.cancel_until,
            waitlist: match policy.waitlist {
                WaitlistPolicy::Off => "off",
                WaitlistPolicy::Auto => "auto",
                WaitlistPolicy::Offer => "offer",
            },
            offer_seconds: policy.offer_seconds,
        }
    }
}

/// Metadata is JSON text already.
fn as_is<S: Serializer>(metadata: &&Metadata, serializer: S) -> Result<S::Ok, S::Error> {
    let raw: &RawValue = serde_json::from_str(metadata.as_json()).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}
