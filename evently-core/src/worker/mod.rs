//! Background work: the sweeper, which makes the consequences of time prompt, and the consumers, which have what is
//! queued decided.

mod consumer;
mod outcomes;
mod partitions;
mod sweeper;

pub(crate) use consumer::{Consumers, Workplace};
pub(crate) use outcomes::{Decided, Outcomes};
pub(crate) use sweeper::Sweeper;
