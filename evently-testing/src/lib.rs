//! Servers that Evently's own tests and benchmarks run against.
//!
//! Each kind of server is looked for in this order: where an environment variable says, among the programs of this
//! machine, in Docker. Where there is none, whoever asks panics with one line that says what to install: a test never
//! passes because its server is missing.

pub mod postgres;
