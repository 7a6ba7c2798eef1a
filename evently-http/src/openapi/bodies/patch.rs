//! Changing an event.

use super::Name;
use super::event::{PolicyBody, SeatsBody};
use evently_core::Timestamp;
use utoipa::ToSchema;
use uuid::Uuid;

/// A JSON merge patch (RFC 7396) of the body that made the event: what is left out stays, `null` resets to the
/// default, lists are replaced whole. A part of a list that is not given whole changes what it matches.
#[derive(ToSchema)]
#[schema(examples(
    json!({"capacity": 350}),
    json!({"name": "Lighthouse II", "policy": {"waitlist": "off"}, "metadata": {"tour": null}}),
    json!({"sections": [{"name": "Stalls", "rows": [{"label": "A", "blocked": ["4"]}]}, {"name": "Floor"}]}),
))]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct EventPatch {
    #[schema(nullable = false)]
    name: Option<Name>,
    #[schema(nullable = false)]
    venue: Option<Name>,
    #[schema(nullable = false)]
    starts_at: Option<Timestamp>,
    #[schema(nullable = false)]
    ends_at: Option<Timestamp>,
    /// Of the one general section; not with `sections`, and not where there are several.
    #[schema(minimum = 1, maximum = 10_000_000)]
    capacity: Option<u32>,
    /// All that the event is to have, in order. What is sold or held stays.
    #[schema(min_items = 1, max_items = 100, nullable = false)]
    sections: Option<Vec<SectionPatch>>,
    #[schema(max_length = 10_000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// An IANA name.
    timezone: Option<String>,
    /// ISO 4217; stays once something is sold or held.
    currency: Option<String>,
    /// Of the types "Standard" that sections without a ticket type got.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    price_minor: Option<i64>,
    /// All that the event is to have, in order.
    #[schema(max_items = 100)]
    ticket_types: Option<Vec<TicketTypePatch>>,
    policy: Option<PolicyBody>,
    sales_open_at: Option<Timestamp>,
    sales_close_at: Option<Timestamp>,
    /// Merged member by member.
    #[schema(value_type = Option<Object>)]
    metadata: Option<String>,
    /// `published` publishes a draft.
    #[schema(examples("published"))]
    status: Option<String>,
}

/// A section: the one of this `id`, else the one of this name, else a new one. One that has `name`, and `capacity` or
/// `rows`, takes the place of that; else it changes that.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct SectionPatch {
    id: Option<Uuid>,
    name: Option<Name>,
    /// Not with `rows`.
    #[schema(minimum = 1, maximum = 10_000_000)]
    capacity: Option<u32>,
    /// All that the section is to have, the front row first. Not with `capacity`.
    #[schema(min_items = 1)]
    rows: Option<Vec<RowPatch>>,
}

/// A row. One that has `seats` takes the place of the row of this label; else it changes that.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct RowPatch {
    label: Name,
    seats: Option<SeatsBody>,
    /// Numbers of the row's seats that are given only when asked for.
    accessible: Option<Vec<String>>,
    /// Numbers of the row's seats that are not for sale.
    #[schema(examples(json!(["4"])))]
    blocked: Option<Vec<String>>,
}

/// A ticket type: the one of this `id`, else the one of this name, else a new one. One that has `name`, `section` (where
/// there are several) and `price_minor` takes the place of that; else it changes that.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct TicketTypePatch {
    id: Option<Uuid>,
    name: Option<Name>,
    /// The name of the section it draws from.
    #[schema(pattern = r"^[^\u0000]*$")]
    section: Option<String>,
    /// In minor units.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    price_minor: Option<i64>,
    #[schema(minimum = 1, maximum = 100)]
    min_per_booking: Option<u32>,
    #[schema(minimum = 1, maximum = 100)]
    max_per_booking: Option<u32>,
}
