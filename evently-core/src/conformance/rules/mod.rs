//! The rules of the box office, through the facade: one caller after the other, on a clock that the case moves.
//!
//! A file's name says which rules of ARCHITECTURE.md it is about.

pub(crate) mod authority;
pub(crate) mod booking;
pub(crate) mod cancel;
pub(crate) mod change;
pub(crate) mod engine;
pub(crate) mod event_cancel;
pub(crate) mod events;
pub(crate) mod figures;
pub(crate) mod holds;
pub(crate) mod idempotency;
pub(crate) mod intake;
pub(crate) mod limits;
pub(crate) mod offers;
pub(crate) mod sales_window;
pub(crate) mod seats;
pub(crate) mod serving;
pub(crate) mod starving;
pub(crate) mod waitlist;
