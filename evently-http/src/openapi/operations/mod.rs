//! What is said of every operation, a file for each of its modules in [`ops`](crate::ops).

mod admin;
mod analytics;
mod auth;
mod bookings;
mod docs;
mod events;
mod health;
mod queue;
mod waitlist;

use super::operation::Operation;
use utoipa::openapi::tag::{Tag, TagBuilder};

const ACCOUNTS: &str = "Accounts";
const EVENTS: &str = "Events";
const BOOKINGS: &str = "Bookings";
const WAITLIST: &str = "Waitlist";
const ADMIN: &str = "Running events";
const ANALYTICS: &str = "Analytics";
const OPERATIONS: &str = "Operations";

/// The areas, in the order in which they are shown.
pub(super) fn tags() -> Vec<Tag> {
    let tag = |(name, about): (&str, &str)| TagBuilder::new().name(name).description(Some(about)).build();
    [
        (
            ACCOUNTS,
            "Signing up, in and out. 404 where accounts are kept elsewhere.",
        ),
        (
            EVENTS,
            "What can be booked, and what is left of it. For everybody; drafts are seen by admins alone.",
        ),
        (BOOKINGS, "Tickets, confirmed at once or held for a while."),
        (WAITLIST, "A place in line for tickets that free."),
        (
            ADMIN,
            "Making, changing and ending events, and who has booked them. For admins.",
        ),
        (
            ANALYTICS,
            "Figures that always equal a recount of the bookings. For admins.",
        ),
        (
            OPERATIONS,
            "How the service is, and this document. Never counted against a limit.",
        ),
    ]
    .map(tag)
    .to_vec()
}

/// Every operation.
pub(super) fn all() -> Vec<Operation> {
    [
        auth::operations(),
        events::operations(),
        bookings::operations(),
        waitlist::operations(),
        admin::operations(),
        queue::operations(),
        analytics::operations(),
        health::operations(),
        docs::operations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
