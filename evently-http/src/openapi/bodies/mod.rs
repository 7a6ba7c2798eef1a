//! What requests carry, as schemas: what [`parse`](crate::parse) reads, with every bound that it checks.
//!
//! Members that are not named here are ignored. A member that may be left out may be `null` too.

mod account;
mod event;
mod patch;
mod tickets;

pub(super) use account::{Credentials, RefreshToken, SignUp};
pub(super) use event::NewEvent;
pub(super) use patch::EventPatch;
pub(super) use tickets::{Confirmation, JoinWaitlist, TicketRequest};

use utoipa::ToSchema;

/// A name or a label: not blank, without control characters.
#[derive(ToSchema)]
#[schema(
    min_length = 1,
    max_length = 200,
    pattern = r"^[^\u0000-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F]*$",
    examples("Harbour hall")
)]
#[expect(dead_code, reason = "only its schema is used")]
struct Name(String);
