//! The create body that a draft describes, member by member.

use crate::parse::json::{Json, Object};
use evently_core::domain::{
    EventDraft, EventStatus, Policy, RowDraft, SeatingDraft, SectionDraft, TicketTypeDraft, Timestamp,
    WaitlistPolicy,
};
use std::borrow::Cow;

/// The body that would create what the draft describes.
pub(super) fn create_body(draft: &EventDraft) -> Json<'_> {
    let (listed, price_minor) = listed_types(draft);
    let metadata = Json::parse(draft.metadata.as_json().as_bytes());
    object([
        ("name", text(&draft.name)),
        ("description", text(&draft.description)),
        ("venue", text(&draft.venue)),
        ("timezone", text(&draft.timezone)),
        ("starts_at", instant(Some(draft.starts_at))),
        ("ends_at", instant(Some(draft.ends_at))),
        ("sales_open_at", instant(draft.sales_open_at)),
        ("sales_close_at", instant(draft.sales_close_at)),
        ("currency", text(draft.currency.code())),
        ("status", text(status(draft.status))),
        ("sections", list(&draft.sections, section)),
        ("ticket_types", list(listed, ticket_type)),
        ("price_minor", number(price_minor)),
        ("policy", policy(&draft.policy)),
        ("metadata", metadata.unwrap_or(Json::Object(Object::new()))),
    ])
}

/// The word that a create body has for it. A cancelled event takes no change, whatever its body says.
fn status(status: EventStatus) -> &'static str {
    match status {
        EventStatus::Draft => "draft",
        EventStatus::Published | EventStatus::Cancelled => "published",
    }
}

/// The ticket types that the body must list, and the price of those that it need not: the only types of their
/// sections, as a body without them makes them, all at one price.
fn listed_types(draft: &EventDraft) -> (Vec<&TicketTypeDraft>, i64) {
    let is_default = |ticket_type: &&TicketTypeDraft| {
        let twins = draft
            .ticket_types
            .iter()
            .filter(|other| other.section == ticket_type.section);
        twins.count() == 1
            && ticket_type.name == EventDraft::STANDARD
            && ticket_type.min_per_booking == 1
            && ticket_type.max_per_booking.is_none()
    };
    let mut defaults = draft.ticket_types.iter().filter(is_default);
    let price_minor = defaults.next().map_or(0, |ticket_type| ticket_type.price_minor);
    if defaults.any(|other| other.price_minor != price_minor) {
        return (draft.ticket_types.iter().collect(), 0);
    }
    let listed = draft
        .ticket_types
        .iter()
        .filter(|ticket_type| !is_default(ticket_type));
    (listed.collect(), price_minor)
}

pub(super) fn section(section: &SectionDraft) -> Json<'_> {
    let places = match &section.seating {
        SeatingDraft::General { capacity } => ("capacity", number(*capacity)),
        SeatingDraft::Reserved { rows } => ("rows", list(rows, row)),
    };
    object([
        ("id", optional(section.id, owned)),
        ("name", text(&section.name)),
        places,
    ])
}

pub(super) fn row(row: &RowDraft) -> Json<'_> {
    object([
        ("label", text(&row.label)),
        ("seats", list(&row.seats, |seat| text(seat))),
        ("accessible", list(&row.accessible, |seat| text(seat))),
        ("blocked", list(&row.blocked, |seat| text(seat))),
    ])
}

pub(super) fn ticket_type(ticket_type: &TicketTypeDraft) -> Json<'_> {
    object([
        ("id", optional(ticket_type.id, owned)),
        ("name", text(&ticket_type.name)),
        ("section", text(&ticket_type.section)),
        ("price_minor", number(ticket_type.price_minor)),
        ("min_per_booking", number(ticket_type.min_per_booking)),
        ("max_per_booking", optional(ticket_type.max_per_booking, number)),
    ])
}

fn policy(policy: &Policy) -> Json<'_> {
    let waitlist = match policy.waitlist {
        WaitlistPolicy::Off => "off",
        WaitlistPolicy::Auto => "auto",
        WaitlistPolicy::Offer => "offer",
    };
    object([
        ("per_user_limit", optional(policy.per_user_limit, number)),
        ("hold_seconds", number(policy.hold_seconds)),
        ("hold_max_seconds", optional(policy.hold_max_seconds, number)),
        ("cancel_until", instant(policy.cancel_until)),
        ("waitlist", text(waitlist)),
        ("offer_seconds", number(policy.offer_seconds)),
    ])
}

fn object<'a>(members: impl IntoIterator<Item = (&'static str, Json<'a>)>) -> Json<'a> {
    Json::Object(
        members
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), value))
            .collect(),
    )
}

fn text(text: &str) -> Json<'_> {
    Json::Text(Cow::Borrowed(text))
}

fn owned(value: impl ToString) -> Json<'static> {
    Json::Text(Cow::Owned(value.to_string()))
}

fn number(number: impl Into<i64>) -> Json<'static> {
    let number = number.into();
    u64::try_from(number).map_or(Json::Negative(number), Json::Unsigned)
}

fn instant(at: Option<Timestamp>) -> Json<'static> {
    optional(at, owned)
}

fn optional<'a, T>(value: Option<T>, write: impl FnOnce(T) -> Json<'a>) -> Json<'a> {
    value.map_or(Json::Null, write)
}

fn list<'a, T>(values: impl IntoIterator<Item = T>, write: impl Fn(T) -> Json<'a>) -> Json<'a> {
    Json::List(values.into_iter().map(write).collect())
}
