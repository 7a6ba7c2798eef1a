//! The body that describes an event.

use super::body::Body;
use super::fields::{Errors, Fields, Rule};
use super::json::Json;
use super::read;
use crate::problem::Problem;
use evently_core::domain::{
    Currency, EventDraft, EventStatus, Limits, Metadata, Policy, RowDraft, SeatingDraft, SectionDraft,
    TicketTypeDraft, WaitlistPolicy,
};
use std::cell::Cell;

/// Instants and amounts are bounded by the engine; here they must only be what their type can hold.
const ANY_PRICE: std::ops::RangeInclusive<i64> = i64::MIN..=i64::MAX;
const ANY_COUNT: std::ops::RangeInclusive<u32> = 0..=u32::MAX;

/// An event as a create body describes it.
///
/// # Errors
/// 422 with every field that cannot be read. What breaks a rule of the engine's, the engine says.
pub(crate) fn draft(body: &Body<'_>, limits: &Limits) -> Result<EventDraft, Problem> {
    let mut errors = Errors::default();
    let draft = read_draft(&body.fields(), &mut errors, limits);
    errors.none_or(draft)
}

/// The same of a body's members; what is wrong goes to `errors`.
pub(super) fn read_draft(fields: &Fields<'_>, errors: &mut Errors, limits: &Limits) -> Option<EventDraft> {
    let text = |value| read::text(value).map(str::to_owned);
    let name = fields.required(errors, "name", text);
    let venue = fields.required(errors, "venue", text);
    let starts_at = fields.required(errors, "starts_at", read::instant);
    let ends_at = fields.required(errors, "ends_at", read::instant);
    let description = fields.optional(errors, "description", text);
    let timezone = fields.optional(errors, "timezone", text);
    let sales_open_at = fields.optional(errors, "sales_open_at", read::instant);
    let sales_close_at = fields.optional(errors, "sales_close_at", read::instant);
    let currency = fields.optional(errors, "currency", currency);
    let status = fields.optional(
        errors,
        "status",
        read::word(&[
            ("draft", EventStatus::Draft),
            ("published", EventStatus::Published),
        ]),
    );
    let sections = sections(fields, errors, limits);
    let ticket_types = fields.objects(
        errors,
        "ticket_types",
        limits.max_ticket_types,
        |errors, fields| ticket_type(&fields, errors, sections.as_deref()),
    );
    let price_minor = fields.optional(errors, "price_minor", read::whole(ANY_PRICE));
    let policy = policy(fields, errors);
    let metadata = metadata(fields, errors, limits);
    Some(EventDraft {
        name: name?,
        description: description.unwrap_or_default(),
        venue: venue?,
        timezone: timezone.unwrap_or_else(|| "UTC".to_owned()),
        starts_at: starts_at?,
        ends_at: ends_at?,
        sales_open_at,
        sales_close_at,
        currency: currency.unwrap_or(Currency::USD),
        status: status.unwrap_or(EventStatus::Published),
        sections: sections?,
        ticket_types: ticket_types.unwrap_or_default(),
        price_minor: price_minor.unwrap_or(0),
        policy,
        metadata,
    })
}

fn currency(value: &Json<'_>) -> Result<Currency, Rule> {
    read::text(value)?.parse::<Currency>().map_err(Into::into)
}

/// The sections, or the one that a bare capacity stands for.
fn sections(fields: &Fields<'_>, errors: &mut Errors, limits: &Limits) -> Option<Vec<SectionDraft>> {
    if fields.has("capacity") && fields.has("sections") {
        errors.add("capacity", "must not be given with sections");
        return None;
    }
    if fields.has("sections") {
        let seats_left = Cell::new(limits.max_seats);
        return fields.objects(errors, "sections", limits.max_sections, |errors, fields| {
            section(&fields, errors, limits, &seats_left)
        });
    }
    if !fields.has("capacity") {
        errors.add("capacity", "is required, or sections");
    }
    let capacity = fields.optional(errors, "capacity", read::whole(1..=limits.max_capacity))?;
    Some(vec![SectionDraft {
        id: None,
        name: EventDraft::GENERAL_ADMISSION.to_owned(),
        seating: SeatingDraft::General { capacity },
    }])
}

fn section(
    fields: &Fields<'_>,
    errors: &mut Errors,
    limits: &Limits,
    seats_left: &Cell<usize>,
) -> Option<SectionDraft> {
    let id = fields.optional(errors, "id", read::id);
    let name = fields.required(errors, "name", |value| read::text(value).map(str::to_owned));
    if fields.has("capacity") && fields.has("rows") {
        errors.add(fields.path("capacity"), "must not be given with rows");
        return None;
    }
    let seating = if fields.has("rows") {
        let rows = fields.objects(errors, "rows", limits.max_seats, |errors, fields| {
            row(&fields, errors, limits, seats_left)
        });
        SeatingDraft::Reserved { rows: rows? }
    } else if fields.has("capacity") {
        let capacity = fields.required(errors, "capacity", read::whole(ANY_COUNT));
        SeatingDraft::General { capacity: capacity? }
    } else {
        errors.add(fields.path("capacity"), "is required, or rows");
        return None;
    };
    Some(SectionDraft {
        id,
        name: name?,
        seating,
    })
}

fn row(
    fields: &Fields<'_>,
    errors: &mut Errors,
    limits: &Limits,
    seats_left: &Cell<usize>,
) -> Option<RowDraft> {
    let most = limits.max_seats;
    let texts = |value| {
        let texts = read::texts(most)(value)?;
        Ok(texts.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let label = fields.required(errors, "label", |value| read::text(value).map(str::to_owned));
    let seats = fields.required(errors, "seats", |value| match value {
        Json::List(_) => texts(value),
        _ => {
            // Rows are counted together before any of them is written out: a few bytes can ask for many.
            let count = read::whole(1..=most)(value).map_err(|rule| format!("{rule}, or a list of texts"))?;
            let left = seats_left.get().checked_sub(count);
            seats_left.set(left.ok_or_else(|| format!("must be at most {most} in the event"))?);
            Ok((1..=count).map(|number| number.to_string()).collect())
        }
    });
    let accessible = fields.optional(errors, "accessible", texts);
    let blocked = fields.optional(errors, "blocked", texts);
    Some(RowDraft {
        label: label?,
        seats: seats?,
        accessible: accessible.unwrap_or_default(),
        blocked: blocked.unwrap_or_default(),
    })
}

fn ticket_type(
    fields: &Fields<'_>,
    errors: &mut Errors,
    sections: Option<&[SectionDraft]>,
) -> Option<TicketTypeDraft> {
    let text = |value| read::text(value).map(str::to_owned);
    let id = fields.optional(errors, "id", read::id);
    let name = fields.required(errors, "name", text);
    let section = match sections {
        Some([only]) if !fields.has("section") => Some(only.name.clone()),
        _ => fields.required(errors, "section", text),
    };
    let price_minor = fields.required(errors, "price_minor", read::whole(ANY_PRICE));
    let min_per_booking = fields.optional(errors, "min_per_booking", read::whole(ANY_COUNT));
    let max_per_booking = fields.optional(errors, "max_per_booking", read::whole(ANY_COUNT));
    Some(TicketTypeDraft {
        id,
        name: name?,
        section: section?,
        price_minor: price_minor?,
        min_per_booking: min_per_booking.unwrap_or(1),
        max_per_booking,
    })
}

fn policy(fields: &Fields<'_>, errors: &mut Errors) -> Policy {
    let default = Policy::default();
    let Some(fields) = fields.object(errors, "policy") else {
        return default;
    };
    let per_user_limit = fields.optional(errors, "per_user_limit", read::whole(ANY_COUNT));
    let hold_seconds = fields.optional(errors, "hold_seconds", read::whole(ANY_COUNT));
    let hold_max_seconds = fields.optional(errors, "hold_max_seconds", read::whole(ANY_COUNT));
    let offer_seconds = fields.optional(errors, "offer_seconds", read::whole(ANY_COUNT));
    let cancel_until = fields.optional(errors, "cancel_until", read::instant);
    let waitlist = fields.optional(
        errors,
        "waitlist",
        read::word(&[
            ("off", WaitlistPolicy::Off),
            ("auto", WaitlistPolicy::Auto),
            ("offer", WaitlistPolicy::Offer),
        ]),
    );
    Policy {
        per_user_limit,
        hold_seconds: hold_seconds.unwrap_or(default.hold_seconds),
        hold_max_seconds,
        cancel_until,
        waitlist: waitlist.unwrap_or_default(),
        offer_seconds: offer_seconds.unwrap_or(default.offer_seconds),
    }
}

fn metadata(fields: &Fields<'_>, errors: &mut Errors, limits: &Limits) -> Metadata {
    let read = |value: &Json<'_>| {
        if !matches!(value, Json::Object(_)) {
            return Err("must be an object".into());
        }
        if has_nul(value) {
            return Err("must not contain the character NUL".into());
        }
        let text = serde_json::to_string(value).map_err(|_| "must be JSON")?;
        if text.len() > limits.max_metadata_bytes {
            return Err(format!("must be at most {} bytes of JSON", limits.max_metadata_bytes).into());
        }
        Ok(Metadata::from_json(text))
    };
    fields.optional(errors, "metadata", read).unwrap_or_default()
}

fn has_nul(value: &Json<'_>) -> bool {
    match value {
        Json::Text(text) => text.contains('\0'),
        Json::List(list) => list.iter().any(has_nul),
        Json::Object(object) => object
            .iter()
            .any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}
