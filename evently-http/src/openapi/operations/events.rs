//! The catalogue.

use super::super::operation::{Operation, Who};
use super::super::parameters::{if_none_match, page, query_id, query_text, query_word, span};
use super::EVENTS;
use crate::ops::events::SORTS;
use crate::view::{AvailabilityView, EventView, SeatsView};
use evently_core::domain::Phase;

pub(super) fn operations() -> Vec<Operation> {
    let new = |op, summary| Operation::new(op, EVENTS, Who::Viewer, summary);
    vec![
        new("events::list", "Find events")
            .query([
                query_text(
                    "q",
                    "A part of the name, the venue or the description, in any case.",
                ),
                query_text("venue", "The venue, in any case."),
            ])
            .query(span("Events that start"))
            .query([
                query_word(
                    "phase",
                    "Where the event stands.",
                    Phase::ALL.map(Phase::as_str),
                    None,
                ),
                query_word(
                    "available",
                    "`true` leaves out what is full.",
                    ["true", "false"],
                    Some("false"),
                ),
                query_word(
                    "sort",
                    "The order.",
                    SORTS.map(|(word, _)| word),
                    Some("starts_at"),
                ),
            ])
            .query(page())
            .answers_page::<EventView<'_>>("A page of events; drafts are listed to admins alone."),
        new("events::one", "One event")
            .headers([if_none_match()])
            .answers::<EventView<'_>>(200, "The event.")
            .with_header("ETag", "Changes with the definition and with what is left.")
            .answers_empty(304, "It is as the caller knows it.")
            .with_header("ETag", "The same."),
        new("events::availability", "What is left, in numbers")
            .answers::<AvailabilityView<'_>>(200, "What is left, section by section."),
        new("events::seats", "What is left, seat by seat")
            .query([query_id("section_id", "This section only.")])
            .answers::<SeatsView<'_>>(200, "The seats of the reserved sections."),
        new("events::stream", "What is left, as it changes")
            .about(
                "Server-sent events: an `availability` event (the object that `/availability` answers, its `id` the \
                 inventory's version) at once and after each change, at most 10 a second, and a comment every 15 \
                 seconds.",
            )
            .answers_stream::<StreamEvent>("Events as they come; the stream ends when the service shuts down."),
    ]
}

/// One event of the stream.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
struct StreamEvent {
    /// The inventory's version.
    #[schema(examples("17"))]
    id: String,
    #[schema(examples("availability"))]
    event: String,
    /// What is left, as `/availability` answers it.
    #[schema(content_media_type = "application/json")]
    data: String,
}
