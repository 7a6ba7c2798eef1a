//! Background work: the sweeper, which makes the consequences of time prompt, the consumers, which have what is
//! queued decided, and the porter, which brings requests to the queue.

mod consumer;
mod ends;
mod outcomes;
mod partitions;
mod porter;
mod round;
mod sweeper;

pub(crate) use consumer::{Consumers, Workplace};
pub(crate) use outcomes::{Listener, Outcomes};
pub(crate) use porter::Porter;
pub(crate) use sweeper::Sweeper;
