//! Servers that Evently's own tests and benchmarks run against.
//!
//! Each comes from the first place that has it: a URL in the environment, a program on this machine, Docker. None of
//! them is a failure that says in one line what to install; nothing here ever lets a test pass without its server.

#[cfg(feature = "binary")]
pub mod binary;
mod ports;
pub mod postgres;
pub mod redis;

pub use ports::free_port;
