//! From raw bytes and strings to requests: every rule about their form, once.
//!
//! Two ways to fail, kept apart throughout: what is no JSON, query or cursor at all is 400 `malformed`; what is
//! well-formed but breaks a rule is 422 `invalid` with every wrong field. What an input may *do* is the engine's
//! to judge.

mod account;
mod body;
mod book;
mod cursor;
mod event;
mod fields;
mod header;
mod json;
mod merge;
mod patch;
mod query;
mod read;

pub(crate) use account::{Credentials, NewAccount, refresh_token};
pub(crate) use body::{optional_body, required_body};
pub(crate) use book::{book_request, join_request, payment_reference};
pub(crate) use cursor::{Cursor, EventCursors, IdCursors, SeqCursors};
pub(crate) use event::draft;
pub(crate) use header::{Preference, idempotency_key, if_match, none_match};
pub(crate) use patch::patched_draft;
pub(crate) use query::Query;
