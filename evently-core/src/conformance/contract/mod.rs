//! What a store promises: every statement in the documents of [`crate::store`] as a case.
//!
//! These cases write [`Changes`](crate::ledger::Changes) by hand: no ledger decides, so that a fault is the
//! store's.

pub(crate) mod accounts;
pub(crate) mod analytics;
pub(crate) mod bookings;
pub(crate) mod catalogue;
pub(crate) mod changed;
pub(crate) mod commit;
pub(crate) mod due;
pub(crate) mod entries;
pub(crate) mod load;
mod raw;
pub(crate) mod together;
pub(crate) mod windows;
