//! The waitlist.

use super::super::bodies::JoinWaitlist;
use super::super::operation::{Operation, Who};
use super::super::parameters::{idempotency_key, page};
use super::WAITLIST;
use crate::code::Code;
use crate::view::{BookingView, EntryView, ExplainedEntry};

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| Operation::new(op, WAITLIST, Who::User, summary);
    vec![
        new("waitlist::join", "Get in line")
            .about("Needs an event that is full for what is asked, and one entry a user at most.")
            .headers(idempotency_key())
            .optional_body::<JoinWaitlist>()
            .answers::<EntryView>(201, "The place in line.")
            .with_header("Location", "Where the waitlist entry is.")
            .with_header(
                "Idempotent-Replayed",
                "`true` if an earlier request with the same key made it.",
            )
            .refuses([
                Code::NotFull,
                Code::AlreadyWaitlisted,
                Code::WaitlistOff,
                Code::NotOnSale,
                Code::LimitExceeded,
                Code::IdempotencyMismatch,
            ]),
        new("waitlist::list", "Own places in line")
            .query(page())
            .answers_page::<EntryView>("A page of the caller's entries, newest first."),
        new("waitlist::one", "One place in line")
            .answers::<ExplainedEntry>(200, "The entry, and why it was not served yet."),
        new("waitlist::leave", "Leave the line")
            .about("Leaving again answers the same.")
            .answers_empty(204, "Left.")
            .refuses([Code::NotWaiting]),
        new("waitlist::accept", "Accept an offer")
            .about("Takes the offered tickets. Accepting again answers the same.")
            .answers::<BookingView<'_>>(200, "The confirmed booking.")
            .refuses([Code::NotOffered, Code::OfferLapsed]),
        new("waitlist::decline", "Decline an offer")
            .about("Leaves the offered tickets to the next in line.")
            .answers::<EntryView>(200, "The entry.")
            .refuses([Code::NotOffered, Code::OfferLapsed]),
    ]
}
