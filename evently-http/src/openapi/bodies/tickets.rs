//! Asking for tickets, for a place in line, and confirming a hold.

use crate::openapi::words::one_of;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use uuid::Uuid;

/// Which tickets: exactly one of `quantity`, `seats`, `best_available` and `items` says it.
#[derive(ToSchema)]
#[schema(examples(
    json!({"quantity": 2}),
    json!({"seats": ["A-1", "A-2"]}),
    json!({"best_available": {"quantity": 2, "adjacent": true}}),
    json!({"quantity": 2, "on_full": "waitlist"}),
))]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) enum TicketRequest {
    Quantity(Quantity),
    Seats(NamedSeats),
    BestAvailable(BestAvailable),
    Items(Items),
}

/// So many tickets of one type; of a reserved section, the best available seats.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct Quantity {
    #[schema(minimum = 1, maximum = 100, examples(2))]
    quantity: u32,
    /// Needed where more than one type can be meant.
    ticket_type_id: Option<Uuid>,
    #[schema(schema_with = on_full)]
    on_full: Option<String>,
}

/// These seats and no others.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct NamedSeats {
    /// Labels, each once.
    #[schema(min_items = 1, max_items = 100, value_type = Vec<SeatLabel>, examples(json!(["A-1", "A-2"])))]
    seats: Vec<String>,
    /// Needed where several types draw on the seats' section.
    ticket_type_id: Option<Uuid>,
}

/// A seat's label, such as `A-12`.
#[derive(ToSchema)]
#[schema(pattern = r"^[^\u0000]*$")]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct SeatLabel(String);

/// The best seats that are free: adjacent, central, in front.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct BestAvailable {
    best_available: BestSeats,
    /// Needed where more than one type can be meant.
    ticket_type_id: Option<Uuid>,
    #[schema(schema_with = on_full)]
    on_full: Option<String>,
}

/// How many seats, and where.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct BestSeats {
    #[schema(minimum = 1, maximum = 100, examples(2))]
    quantity: u32,
    section_id: Option<Uuid>,
    ticket_type_id: Option<Uuid>,
    /// Only neighbouring seats will do.
    adjacent: Option<bool>,
    /// Accessible seats only.
    accessible: Option<bool>,
}

/// Tickets of several types: all of them or none.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct Items {
    #[schema(min_items = 1, max_items = 20)]
    items: Vec<Item>,
    #[schema(schema_with = on_full)]
    on_full: Option<String>,
}

/// Tickets of one type: so many, or these seats.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) enum Item {
    Quantity(ItemQuantity),
    Seats(ItemSeats),
}

/// So many tickets of a type.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct ItemQuantity {
    ticket_type_id: Uuid,
    #[schema(minimum = 1, maximum = 100)]
    quantity: u32,
}

/// These seats at a type's price.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct ItemSeats {
    ticket_type_id: Uuid,
    #[schema(min_items = 1, max_items = 100, value_type = Vec<SeatLabel>)]
    seats: Vec<String>,
}

/// What is waited for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct JoinWaitlist {
    #[schema(minimum = 1, maximum = 100, default = 1)]
    quantity: Option<u32>,
    /// Needed where the event has several.
    ticket_type_id: Option<Uuid>,
}

/// What confirms a hold.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(in crate::openapi) struct Confirmation {
    /// What the payer calls the payment.
    #[schema(
        min_length = 1,
        max_length = 255,
        pattern = r"^[^\u0000-\u001F\u007F-\u009F]+$",
        examples("pay-2041")
    )]
    payment_reference: Option<String>,
}

fn on_full() -> Object {
    let mut schema = one_of(["reject", "waitlist"]);
    schema.description = Some("What happens if the tickets are not to be had.".to_owned());
    schema.default = Some("reject".into());
    schema
}
