//! Describing an event.

use super::Name;
use crate::openapi::words::{WaitlistPolicy, one_of};
use evently_core::Timestamp;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use uuid::Uuid;

/// An event to be made. It has either `capacity` (one general section, "General admission") or `sections`.
#[derive(ToSchema)]
#[schema(examples(
    json!({
        "name": "Lighthouse", "venue": "Harbour hall", "starts_at": "2030-06-01T19:30:00Z",
        "ends_at": "2030-06-01T22:00:00Z", "capacity": 300, "price_minor": 2500, "currency": "EUR",
    }),
    json!({
        "name": "Lighthouse", "venue": "Harbour hall", "starts_at": "2030-06-01T19:30:00Z",
        "ends_at": "2030-06-01T22:00:00Z",
        "sections": [
            {"name": "Stalls", "rows": [{"label": "A", "seats": 20, "accessible": ["1", "20"]}]},
            {"name": "Floor", "capacity": 100},
        ],
        "ticket_types": [
            {"name": "Adult", "section": "Stalls", "price_minor": 2500},
            {"name": "Child", "section": "Stalls", "price_minor": 1200},
            {"name": "Standing", "section": "Floor", "price_minor": 1500, "max_per_booking": 6},
        ],
        "policy": {"per_user_limit": 6, "waitlist": "offer"},
    }),
))]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct NewEvent {
    name: Name,
    venue: Name,
    starts_at: Timestamp,
    /// Later than `starts_at`.
    ends_at: Timestamp,
    /// Places of the one general section; not with `sections`.
    #[schema(minimum = 1, maximum = 10_000_000)]
    capacity: Option<u32>,
    /// Not with `capacity`.
    #[schema(min_items = 1, max_items = 100)]
    sections: Option<Vec<SectionBody>>,
    #[schema(max_length = 10_000, pattern = r"^[^\u0000]*$", default = "")]
    description: Option<String>,
    /// An IANA name.
    #[schema(default = "UTC", examples("Europe/Berlin"))]
    timezone: Option<String>,
    /// ISO 4217.
    #[schema(default = "USD", examples("EUR"))]
    currency: Option<String>,
    /// The price of the type "Standard" that a section without a ticket type gets, in minor units.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64, default = 0)]
    price_minor: Option<i64>,
    #[schema(max_items = 100)]
    ticket_types: Option<Vec<TicketTypeBody>>,
    policy: Option<PolicyBody>,
    /// Default: always open.
    sales_open_at: Option<Timestamp>,
    /// Default: the start.
    sales_close_at: Option<Timestamp>,
    /// Free-form; at most 16 KiB of JSON.
    #[schema(value_type = Option<Object>)]
    metadata: Option<String>,
    #[schema(schema_with = status)]
    status: Option<String>,
}

/// A part of the capacity: a number of places, or rows of seats.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) enum SectionBody {
    General(GeneralSection),
    Reserved(ReservedSection),
}

/// A part of the capacity, counted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct GeneralSection {
    /// In a change: which section this is; by default the one of that name.
    id: Option<Uuid>,
    /// Unique in the event.
    name: Name,
    #[schema(minimum = 1, maximum = 10_000_000)]
    capacity: u32,
}

/// A part of the capacity, seated. An event has at most 100,000 seats.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct ReservedSection {
    /// In a change: which section this is; by default the one of that name.
    id: Option<Uuid>,
    /// Unique in the event.
    name: Name,
    /// The front row first.
    #[schema(min_items = 1)]
    rows: Vec<RowBody>,
}

/// A row of seats, labelled `ROW-SEAT`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct RowBody {
    /// Unique in the event.
    label: Name,
    seats: SeatsBody,
    /// Numbers of the row's seats that are given only when asked for.
    #[schema(examples(json!(["1"])))]
    accessible: Option<Vec<String>>,
    /// Numbers of the row's seats that are not for sale.
    #[schema(examples(json!(["4"])))]
    blocked: Option<Vec<String>>,
}

/// How many seats, numbered from 1, or their numbers.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) enum SeatsBody {
    Count(SeatCount),
    Numbers(Vec<String>),
}

/// How many seats, numbered from 1.
#[derive(ToSchema)]
#[schema(minimum = 1, maximum = 100_000, examples(20))]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct SeatCount(u32);

/// What is bought. `min_per_booking` is at most `max_per_booking`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct TicketTypeBody {
    /// In a change: which type this is; by default the one of that name.
    id: Option<Uuid>,
    name: Name,
    /// The name of the section it draws from; needed where there are several.
    #[schema(pattern = r"^[^\u0000]*$")]
    section: Option<String>,
    /// In minor units.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    price_minor: i64,
    #[schema(minimum = 1, maximum = 100, default = 1)]
    min_per_booking: Option<u32>,
    #[schema(minimum = 1, maximum = 100)]
    max_per_booking: Option<u32>,
}

/// An event's rules.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct PolicyBody {
    /// Confirmed and held tickets of one user; default: no limit.
    #[schema(minimum = 1, maximum = 2_147_483_647)]
    per_user_limit: Option<u32>,
    /// How long a hold lasts.
    #[schema(minimum = 1, maximum = 86_400, default = 600)]
    hold_seconds: Option<u32>,
    /// How long after its making a hold may be extended to; at least `hold_seconds`. Default: the greater of 1800
    /// and `hold_seconds`.
    #[schema(minimum = 1, maximum = 2_592_000)]
    hold_max_seconds: Option<u32>,
    /// Until when an owner may cancel; default: the start.
    cancel_until: Option<Timestamp>,
    #[schema(value_type = Option<WaitlistPolicy>)]
    waitlist: Option<String>,
    /// How long an offer lasts.
    #[schema(minimum = 1, maximum = 86_400, default = 900)]
    offer_seconds: Option<u32>,
}

fn status() -> Object {
    let mut schema = one_of(["draft", "published"]);
    schema.description = Some("A draft is seen by admins alone.".to_owned());
    schema.default = Some("published".into());
    schema
}
