//! An event's bookings as CSV.

use super::client::{Answer, Client, Target};
use super::fixture::{Made, event, general};
use http::Method;
use serde_json::json;

const HEADER: &str = "id,reference,user_id,status,quantity,total_minor,currency,payment_reference,created_at,\
                      confirmed_at,ended_at";

async fn csv(client: &Client, made: &Made, query: &str) -> Answer {
    let path = made.admin_path(&format!("/bookings{query}"));
    client
        .send(Method::GET, &path, &[("accept", "text/csv")], None)
        .await
}

fn records(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut reader = csv::Reader::from_reader(answer.body.as_slice());
    let header: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(header.join(","), HEADER);
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        record.iter().map(str::to_owned).collect()
    });
    records.collect()
}

pub async fn every_booking_is_exported_as_it_reads(target: &Target) {
    let made = event(
        target,
        json!({"capacity": 20, "price_minor": 1250, "currency": "EUR"}),
    )
    .await;
    let user = target.user();
    for quantity in 1..=3 {
        user.post(&made.path("/book"), json!({"quantity": quantity}))
            .await
            .ok(201);
    }
    let held = user
        .post(&made.path("/holds"), json!({"quantity": 4}))
        .await
        .ok(201);
    let path = format!("/api/bookings/{}/cancel", held["id"].as_str().unwrap());
    user.post(&path, json!(null)).await.ok(200);

    let listed = made
        .admin
        .get(&made.admin_path("/bookings?limit=100"))
        .await
        .ok(200);
    let listed = listed["data"].as_array().unwrap();
    let exported = records(&csv(&made.admin, &made, "").await);
    assert_eq!(exported.len(), listed.len());
    for (record, booking) in exported.iter().zip(listed) {
        for (cell, column) in record.iter().zip(HEADER.split(',')) {
            let value = &booking[column];
            let text = value.as_str().map_or_else(
                || {
                    if value.is_null() {
                        String::new()
                    } else {
                        value.to_string()
                    }
                },
                str::to_owned,
            );
            assert_eq!(*cell, text, "{column} of {booking}");
        }
    }
    let cancelled = records(&csv(&made.admin, &made, "?status=cancelled").await);
    assert_eq!(cancelled.len(), 1);
    assert_eq!(cancelled[0][3], "cancelled");
    // Whoever does not name CSV gets JSON.
    for accept in ["application/json", "*/*", "text/html"] {
        let path = made.admin_path("/bookings");
        let headers = [("accept", accept)];
        made.admin.send(Method::GET, &path, &headers, None).await.ok(200);
    }
}

pub async fn an_export_has_all_pages(target: &Target) {
    let made = general(target, 500).await;
    let user = target.user();
    for _ in 0..230 {
        user.post(&made.path("/book"), json!({"quantity": 1}))
            .await
            .ok(201);
    }
    let exported = records(&csv(&made.admin, &made, "?limit=7").await);
    let mut ids: Vec<_> = exported.iter().map(|record| record[0].clone()).collect();
    assert_eq!(ids.len(), 230);
    assert!(ids.is_sorted_by(|newer, older| newer > older), "newest first");
    ids.dedup();
    assert_eq!(ids.len(), 230);
}

pub async fn an_export_may_be_compressed(target: &Target) {
    let made = general(target, 100).await;
    for _ in 0..60 {
        target
            .user()
            .post(&made.path("/book"), json!({"quantity": 1}))
            .await
            .ok(201);
    }
    let headers = [("accept", "text/csv"), ("accept-encoding", "gzip")];
    let path = made.admin_path("/bookings");
    let answer = made.admin.send(Method::GET, &path, &headers, None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.body.is_empty(), "an answer that is whole");
    let plain = csv(&made.admin, &made, "").await;
    if answer.headers.contains_key("content-encoding") {
        assert!(answer.body.len() < plain.body.len());
    } else {
        assert_eq!(answer.body, plain.body);
    }
}

pub async fn formulas_are_exported_as_text(target: &Target) {
    let made = general(target, 10).await;
    let user = target.user();
    for (reference, cell) in [
        ("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"http://x\")"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("a,\"b\"", "a,\"b\""),
    ] {
        let held = user
            .post(&made.path("/holds"), json!({"quantity": 1}))
            .await
            .ok(201);
        let path = format!("/api/bookings/{}/confirm", held["id"].as_str().unwrap());
        user.post(&path, json!({"payment_reference": reference}))
            .await
            .ok(200);
        let exported = records(&csv(&made.admin, &made, "").await);
        assert_eq!(exported[0][7], cell);
    }
}

pub async fn exports_are_for_admins(target: &Target) {
    let made = general(target, 10).await;
    csv(&target.user(), &made, "").await.problem(403, "forbidden");
    csv(&target.guest(), &made, "").await.problem(401, "unauthorized");
    csv(&made.admin, &made, "?status=x")
        .await
        .problem(400, "malformed");
    let nowhere = "/api/admin/events/01890a5d-ac96-774b-bcce-b302099a8057/bookings";
    let headers = [("accept", "text/csv")];
    let answer = made.admin.send(Method::GET, nowhere, &headers, None).await;
    answer.problem(404, "not_found");
}
