//! Background work: the sweeper, which makes the consequences of time prompt, the consumers, which have what is
//! queued decided, the porter, which brings requests to the queue, and the lookout, which sees what others have decided.

mod consumer;
pub(crate) mod lookout;
mod outcomes;
mod partitions;
mod porter;
mod sweeper;

pub(crate) use consumer::{Consumers, Workplace};
pub(crate) use outcomes::{Decided, Outcomes};
pub(crate) use porter::Porter;
pub(crate) use sweeper::Sweeper;
