//! Servers that Evently's own tests and benchmarks run against.

#[cfg(feature = "binary")]
pub mod binary;
