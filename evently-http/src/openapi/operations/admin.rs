//! What admins do.

use super::super::bodies::{EventPatch, NewEvent};
use super::super::operation::{Operation, Who};
use super::super::parameters::{if_match, page, query_word};
use super::ADMIN;
use crate::code::Code;
use crate::view::{BookingView, EntryView, EventView, PreviewView};
use evently_core::domain::{BookingStatus, EntryStatus};

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| Operation::new(op, ADMIN, Who::Admin, summary);
    let etag = "Changes with the definition and with what is left.";
    vec![
        new("admin::create_event", "Make an event")
            .body::<NewEvent>()
            .answers::<EventView<'_>>(201, "The event.")
            .with_header("Location", "Where the event is.")
            .with_header("ETag", etag),
        new("admin::change_event", "Change an event")
            .about(
                "A JSON merge patch of the body that made the event, on the version that `If-Match` names. Capacity \
                 that grows serves the waitlist at once; what is sold or held cannot be taken away.",
            )
            .query([query_word(
                "dry_run",
                "`true`: answers what would change and whom it affects, and changes nothing.",
                ["true", "false"],
                Some("false"),
            )])
            .headers([if_match()])
            .patch::<EventPatch>()
            .answers_either::<EventView<'_>, PreviewView<'_>>(
                200,
                "The event as it now is; of a dry run, what would change.",
            )
            .with_header("ETag", etag)
            .refuses([
                Code::BelowSold,
                Code::EventCancelled,
                Code::VersionConflict,
                Code::PreconditionRequired,
            ]),
        new("admin::publish_event", "Publish a draft")
            .about("Publishing again answers the same.")
            .answers::<EventView<'_>>(200, "The published event.")
            .with_header("ETag", etag)
            .refuses([Code::EventCancelled]),
        new("admin::cancel_event", "Cancel an event")
            .about(
                "Ends all of its bookings, holds and waitlist entries, and nothing is sold any more. Cancelling again \
                 answers the same.",
            )
            .answers::<EventView<'_>>(200, "The cancelled event.")
            .with_header("ETag", etag)
            .refuses([Code::NotPublished]),
        new("admin::delete_event", "Delete a draft")
            .answers_empty(204, "Deleted.")
            .refuses([Code::NotDraft]),
        new("admin::bookings", "An event's bookings")
            .query([query_word(
                "status",
                "In this state only.",
                BookingStatus::ALL.map(BookingStatus::as_str),
                None,
            )])
            .query(page())
            .answers_page::<BookingView<'_>>("A page of bookings, newest first; all of them as CSV if `Accept` says so.")
            .answers_text("text/csv; charset=utf-8", "All bookings."),
        new("admin::waitlist", "An event's line")
            .query([query_word(
                "status",
                "In this state only.",
                EntryStatus::ALL.map(EntryStatus::as_str),
                None,
            )])
            .query(page())
            .answers_page::<EntryView>("A page of entries in the order of joining."),
    ]
}
