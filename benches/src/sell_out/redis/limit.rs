//! The limit: `redis-benchmark` sends a script that checks and writes the rows and indexes that a booking is in
//! Evently's store, sixteen at a time on fifty connections.

use super::super::Failure;
use super::{Events, Keys};
use crate::cpu;
use crate::measure::Sample;
use std::time::Duration;
use tokio::process::Command;

/// What `redis-benchmark` writes new numbers into: one number alone would meet itself again.
const LONG_RANDOM: &str = "__rand_int__-__rand_int__";

/// Checks and writes.
const BOOK: &str = include_str!("lua/rows.lua");
/// As many bytes as a row of Evently's has.
const ROW_BYTES: usize = 150;

/// The requests of one run a second of what other designs are given; the run ends when they are answered.
const REQUESTS_A_SECOND: f64 = 80_000.0;

pub(crate) async fn limit(
    client: &redis::Client,
    servers: &[u32],
    span: Duration,
) -> Result<Sample, Failure> {
    let events = Events::make(client, 1).await?;
    let event = events.id(0);
    let mut connection = events.connection.clone();
    let sha: String = redis::cmd("SCRIPT")
        .arg("LOAD")
        .arg(BOOK)
        .query_async(&mut connection)
        .await?;
    let address = client.get_connection_info().addr().to_string();
    let port = address.rsplit(':').next().unwrap_or_default();
    let requests = (span.as_secs_f64() * REQUESTS_A_SECOND).round();
    let before = cpu::used(servers);
    let output = Command::new("redis-benchmark")
        .args(["-p", port, "-n", &requests.to_string(), "-P", "16", "-c", "50"])
        .args(["-r", "2000000000", "--csv", "EVALSHA", &sha, "8"])
        .args(Keys::of_rows(event, LONG_RANDOM))
        .args([
            "1",
            LONG_RANDOM,
            LONG_RANDOM,
            &"x".repeat(ROW_BYTES),
            "bench:booked",
        ])
        .output()
        .await?;
    let cpu = cpu::used(servers).saturating_sub(before);
    let bookings = events.close_rows().await?;
    sample(&String::from_utf8_lossy(&output.stdout), bookings, cpu)
}

/// Reads the table: name, requests a second, then the latencies avg, min, p50, p95, p99 and max in milliseconds.
fn sample(csv: &str, bookings: u64, cpu: Duration) -> Result<Sample, Failure> {
    let line = csv.lines().last().unwrap_or_default();
    let figures: Vec<f64> = line
        .rsplit("\",\"")
        .filter_map(|field| field.trim_matches('"').parse().ok())
        .collect();
    let [_max, p99_ms, _p95, p50_ms, _min, _avg, per_second, ..] = figures[..] else {
        return Err(format!("redis-benchmark answered {csv:?}").into());
    };
    Ok(Sample {
        bookings,
        per_second,
        p50_ms,
        p99_ms,
        cpu_ms_per_1000: cpu.as_secs_f64() * 1e6 / bookings as f64,
        mean_batch: Some(16.0),
    })
}
