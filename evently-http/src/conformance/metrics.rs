//! What an operator watches.

use super::client::Target;
use super::fixture::{full, general};
use serde_json::json;

/// The value of a figure with these labels; nothing where it is not named.
async fn figure(target: &Target, name: &str, labels: &[&str]) -> Option<f64> {
    let answer = target.guest().get("/metrics").await;
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .starts_with("text/plain; version=0.0.4"),
        "{answer:?}"
    );
    let text = String::from_utf8(answer.body).unwrap();
    let fits = |line: &&str| {
        let named = line.strip_prefix(name);
        named.is_some_and(|rest| rest.starts_with(['{', ' ']))
            && labels.iter().all(|label| line.contains(label))
    };
    let line = text.lines().find(fits)?;
    line.rsplit(' ').next().unwrap().parse().ok()
}

pub async fn the_engines_figures_are_shown(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let held = user
        .post(&made.path("/holds"), json!({"quantity": 1}))
        .await
        .ok(201);
    user.post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    let path = format!("/api/bookings/{}/cancel", held["id"].as_str().unwrap());
    user.post(&path, json!(null)).await.ok(200);
    for (name, labels, at_least) in [
        ("evently_bookings_total", &["outcome=\"held\""][..], 1.0),
        ("evently_bookings_total", &["outcome=\"confirmed\""], 1.0),
        ("evently_bookings_total", &["outcome=\"cancelled\""], 1.0),
        ("evently_hold_expiries_total", &[], 0.0),
        ("evently_lane_commands_total", &[], 4.0),
        ("evently_lane_batch_size_count", &[], 1.0),
        ("evently_lane_batch_size_bucket", &["le=\"512\""], 1.0),
        ("evently_lane_waiting_commands", &[], 0.0),
        ("evently_store_commits_total", &[], 1.0),
        ("evently_store_conflicts_total", &[], 0.0),
        ("evently_store_retries_total", &[], 0.0),
        ("evently_build_info", &["version="], 1.0),
        ("process_start_time_seconds", &[], 1_600_000_000.0),
    ] {
        let value = figure(target, name, labels).await;
        assert!(value.is_some_and(|value| value >= at_least), "{name}: {value:?}");
    }
}

pub async fn a_stores_connections_are_shown_where_they_are_bounded(target: &Target) {
    let on_postgres = figure(target, "evently_build_info", &["store=\"postgres\""]).await;
    let most = figure(target, "evently_store_connections_max", &[]).await;
    let in_use = figure(target, "evently_store_connections", &["state=\"in_use\""]).await;
    match on_postgres {
        Some(_) => assert!(most.is_some_and(|most| in_use.is_some_and(|in_use| in_use <= most))),
        None => assert_eq!((most, in_use), (None, None)),
    }
}

pub async fn refusals_are_counted_by_their_code(target: &Target) {
    let (made, _, _) = full(target, json!({"waitlist": "off"})).await;
    let refused = target
        .user()
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await;
    refused.problem(409, "sold_out");
    let counted = figure(target, "evently_http_problems_total", &["code=\"sold_out\""]).await;
    assert_eq!(counted, Some(1.0));
}

pub async fn metrics_are_not_counted_against_a_limit(target: &Target) {
    let answer = target.with_token("bad").get("/metrics").await;
    assert_eq!((answer.status, answer.header("ratelimit")), (200, ""));
    assert_eq!(answer.header("cache-control"), "no-store");
}
