//! Changing an event.

use super::Name;
use super::event::{PolicyBody, SectionBody, TicketTypeBody};
use evently_core::Timestamp;
use utoipa::ToSchema;

/// A JSON merge patch (RFC 7396) of the body that made the event: what is left out stays, `null` resets to the
/// default, lists are replaced whole.
#[derive(ToSchema)]
#[schema(examples(
    json!({"capacity": 350}),
    json!({"name": "Lighthouse II", "policy": {"waitlist": "off"}, "metadata": {"tour": null}}),
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
    /// Matched by `id`, else by name. What is sold or held stays.
    #[schema(min_items = 1, max_items = 100, nullable = false)]
    sections: Option<Vec<SectionBody>>,
    #[schema(max_length = 10_000, pattern = r"^[^\u0000]*$")]
    description: Option<String>,
    /// An IANA name.
    timezone: Option<String>,
    /// ISO 4217; stays once something is sold or held.
    currency: Option<String>,
    /// Of the types "Standard" that sections without a ticket type got.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    price_minor: Option<i64>,
    /// Matched by `id`, else by name.
    #[schema(max_items = 100)]
    ticket_types: Option<Vec<TicketTypeBody>>,
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
