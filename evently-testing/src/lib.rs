//! Servers that Evently's own tests and benchmarks run against.
