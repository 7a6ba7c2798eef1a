//! All booking rules, once, as pure synchronous code.
//!
//! An [`Inventory`] is what a batch of commands needs to know of one event. [`Inventory::decide`] answers a
//! [`Command`] from it and records what must be written as [`Changes`]. There is no I/O here, no waiting and no
//! clock: the lane loads what is needed and commits what was decided. Rule numbers in comments are those of
//! ARCHITECTURE.md.

mod audit;
mod changes;
mod command;
mod decide;
mod fingerprint;
mod inventory;
mod keys;
mod line;
mod need;
mod outcome;
mod recent;
mod seats;

pub use audit::{Audit, Difference, Tally, Totals};
pub use changes::{Changes, EventWrite, Revision};
pub use command::{
    Access, Adjacency, Book, BookingKind, Command, ItemRequest, Join, OnFull, Recall, Selection,
};
pub use decide::{Offer, create};
pub use inventory::{Context, Decision, Inventory};
pub use need::{DueHolds, Need, Snapshot, Standing, WaitlistNeed, WaitlistWindow};
pub use outcome::{Preview, Receipt, Refusal};
pub use seats::{SeatMap, SeatsWanted};
