//! The adapter and its binary from outside: over sockets, signals and exit codes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;
mod deployment;
mod mounted;

use evently_testing::binary::Binary;

evently_testing::binary_suite!(binary);

/// The binary under test.
fn binary() -> Binary {
    Binary::new(env!("CARGO_BIN_EXE_evently-axum"))
}

#[cfg(feature = "otlp")]
#[tokio::test(flavor = "multi_thread")]
async fn requests_are_traced_to_the_collector() {
    evently_testing::binary::traces::requests_are_traced_to_the_collector(&binary()).await;
}
