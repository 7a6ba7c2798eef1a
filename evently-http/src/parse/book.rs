//! The bodies of `book`, `holds`, `waitlist` and `confirm`.

use super::body::Body;
use super::fields::{Errors, Fields};
use super::json::Json;
use super::read;
use crate::problem::Problem;
use evently_core::domain::{IdempotencyKey, Limits, SeatLabel, TicketTypeId};
use evently_core::ledger::{Access, Adjacency, BookingKind, ItemRequest, OnFull, Selection};
use evently_core::requests::{BookRequest, JoinRequest};

/// The longest name of a payment, in characters.
const MAX_PAYMENT_REFERENCE_CHARS: usize = 255;

/// The members of which a request has exactly one: each is a way to say what is wanted.
const WAYS: [&str; 4] = ["quantity", "seats", "best_available", "items"];

/// A request for tickets.
///
/// # Errors
/// 422 with every wrong field.
pub(crate) fn book_request(
    body: &Body<'_>,
    kind: BookingKind,
    key: Option<IdempotencyKey>,
    limits: &Limits,
) -> Result<BookRequest, Problem> {
    let fields = body.fields();
    let mut errors = Errors::default();
    let selection = selection(&fields, &mut errors, limits);
    let words = read::word(&[("reject", OnFull::Reject), ("waitlist", OnFull::Waitlist)]);
    let on_full = fields.optional(&mut errors, "on_full", words).unwrap_or_default();
    errors.none_or(selection.map(|selection| BookRequest {
        kind,
        selection,
        on_full,
        key,
        booking_id: None,
    }))
}

fn selection(fields: &Fields<'_>, errors: &mut Errors, limits: &Limits) -> Option<Selection> {
    let mut ways = WAYS.iter().filter(|way| fields.has(way));
    let Some(way) = ways.next() else {
        errors.add("quantity", "is required, or one of seats, best_available, items");
        return None;
    };
    if let Some(other) = ways.next() {
        errors.add(*other, format!("must not be given with {way}"));
        return None;
    }
    let ticket_type_id = fields.optional(errors, "ticket_type_id", read::id);
    match *way {
        "quantity" => Some(Selection::Quantity {
            quantity: fields.required(errors, "quantity", read::whole(1..=limits.max_per_booking))?,
            ticket_type_id,
        }),
        "seats" => Some(Selection::Seats {
            seats: seats(fields, errors, limits)?,
            ticket_type_id,
        }),
        "best_available" => best_available(&fields.object(errors, way)?, errors, ticket_type_id, limits),
        _ => {
            if fields.has("ticket_type_id") {
                errors.add("ticket_type_id", "must not be given with items");
            }
            let items = fields.objects(errors, "items", limits.max_items, |errors, item| {
                item_request(&item, errors, limits)
            })?;
            if matches!(fields.get("items"), Some(Json::List(list)) if list.is_empty()) {
                errors.add("items", "must not be empty");
            }
            Some(Selection::Items(items))
        }
    }
}

fn best_available(
    fields: &Fields<'_>,
    errors: &mut Errors,
    ticket_type_id: Option<TicketTypeId>,
    limits: &Limits,
) -> Option<Selection> {
    let quantity = fields.required(errors, "quantity", read::whole(1..=limits.max_per_booking));
    let section_id = fields.optional(errors, "section_id", read::id);
    let own_type_id = fields.optional(errors, "ticket_type_id", read::id);
    let adjacent = fields.optional(errors, "adjacent", read::boolean);
    let accessible = fields.optional(errors, "accessible", read::boolean);
    Some(Selection::BestAvailable {
        quantity: quantity?,
        section_id,
        ticket_type_id: own_type_id.or(ticket_type_id),
        adjacent: match adjacent {
            Some(true) => Adjacency::Required,
            _ => Adjacency::Preferred,
        },
        accessible: match accessible {
            Some(true) => Access::Accessible,
            _ => Access::Ordinary,
        },
    })
}

fn item_request(fields: &Fields<'_>, errors: &mut Errors, limits: &Limits) -> Option<ItemRequest> {
    let ticket_type_id = fields.required(errors, "ticket_type_id", read::id);
    if fields.has("quantity") && fields.has("seats") {
        errors.add(fields.path("seats"), "must not be given with quantity");
        return None;
    }
    let (quantity, seats) = if fields.has("seats") {
        let seats = seats(fields, errors, limits)?;
        (u32::try_from(seats.len()).unwrap_or(u32::MAX), seats)
    } else {
        let quantity = fields.required(errors, "quantity", read::whole(1..=limits.max_per_booking))?;
        (quantity, Vec::new())
    };
    Some(ItemRequest {
        ticket_type_id: ticket_type_id?,
        quantity,
        seats,
    })
}

fn seats(fields: &Fields<'_>, errors: &mut Errors, limits: &Limits) -> Option<Vec<SeatLabel>> {
    let most = usize::try_from(limits.max_per_booking).unwrap_or(usize::MAX);
    let labels = fields.required(errors, "seats", read::texts(most))?;
    if labels.is_empty() {
        errors.add(fields.path("seats"), "must not be empty");
    }
    Some(labels.into_iter().map(SeatLabel::from).collect())
}

/// A request for a place on the waitlist: one ticket where nothing is said.
///
/// # Errors
/// 422 with every wrong field.
pub(crate) fn join_request(
    body: &Body<'_>,
    key: Option<IdempotencyKey>,
    limits: &Limits,
) -> Result<JoinRequest, Problem> {
    let fields = body.fields();
    let mut errors = Errors::default();
    let quantity = fields.optional(&mut errors, "quantity", read::whole(1..=limits.max_per_booking));
    let ticket_type_id = fields.optional(&mut errors, "ticket_type_id", read::id);
    errors.none_or(Some(JoinRequest {
        quantity: quantity.unwrap_or(1),
        ticket_type_id,
        key,
    }))
}

/// What the payer calls the payment.
///
/// # Errors
/// 422 for what is no text of 1 to 255 characters.
pub(crate) fn payment_reference(body: &Body<'_>) -> Result<Option<String>, Problem> {
    let mut errors = Errors::default();
    let read = |value: &Json<'_>| read::line(MAX_PAYMENT_REFERENCE_CHARS)(value);
    let reference = body.fields().optional(&mut errors, "payment_reference", read);
    errors.none_or(Some(reference))
}
