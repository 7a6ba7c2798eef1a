//! The adapter and its binary from outside: over sockets, signals and exit codes.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod command_line;
mod conformance;
mod durability;
mod hostile;
mod mounted;
mod process;
mod secrets;
mod signals;
