//! Idempotency keys.

use super::client::{Answer, Client, Target};
use super::fixture::{full, general, path_of};
use serde_json::{Value, json};

async fn book(client: &Client, path: &str, key: &str, body: Value) -> Answer {
    client.post_with(path, &[("idempotency-key", key)], body).await
}

pub async fn a_key_has_one_effect_and_one_answer(target: &Target) {
    let made = general(target, 9).await;
    let user = target.user();
    for (route, key) in [("/book", "k-book"), ("/holds", "k-hold")] {
        let first = book(&user, &made.path(route), key, json!({"quantity": 2})).await;
        first.ok(201);
        assert_eq!(first.header("idempotent-replayed"), "");
        let again = book(
            &user,
            &made.path(route),
            key,
            json!({"quantity": 2, "unknown": 7}),
        )
        .await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.header("idempotent-replayed"), "true");
        assert_eq!(again.header("location"), first.header("location"));
    }
    assert_eq!(made.available().await, 5);
    let (made, _, _) = full(target, json!({})).await;
    let first = book(&user, &made.path("/waitlist"), "k", json!({"quantity": 1})).await;
    first.ok(201);
    let again = book(&user, &made.path("/waitlist"), "k", json!({})).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
}

pub async fn quoted_and_bare_are_one_key(target: &Target) {
    let made = general(target, 9).await;
    let user = target.user();
    let path = made.path("/book");
    let body = json!({"quantity": 1});
    let first = book(&user, &path, "key-1", body.clone()).await.ok(201);
    assert_eq!(book(&user, &path, "\"key-1\"", body.clone()).await.ok(201), first);
    let other_header = [("x-idempotency-key", "key-1")];
    assert_eq!(
        user.post_with(&path, &other_header, body.clone()).await.ok(201),
        first
    );
    let both = [("idempotency-key", "\"key-1\""), ("x-idempotency-key", "key-1")];
    assert_eq!(user.post_with(&path, &both, body.clone()).await.ok(201), first);
    let differing = [("idempotency-key", "key-1"), ("x-idempotency-key", "key-2")];
    user.post_with(&path, &differing, body)
        .await
        .problem(400, "malformed");
    assert_eq!(made.available().await, 8);
}

pub async fn another_request_under_a_key_is_refused(target: &Target) {
    let made = general(target, 9).await;
    let user = target.user();
    book(&user, &made.path("/book"), "k", json!({"quantity": 1}))
        .await
        .ok(201);
    let other = [
        ("/book", json!({"quantity": 2})),
        ("/book", json!({"quantity": 1, "on_full": "waitlist"})),
        ("/holds", json!({"quantity": 1})),
        ("/waitlist", json!({"quantity": 1})),
    ];
    for (route, body) in other {
        book(&user, &made.path(route), "k", body)
            .await
            .problem(422, "idempotency_mismatch");
    }
    assert_eq!(made.available().await, 8);
}

pub async fn a_refusal_uses_no_key_up(target: &Target) {
    let made = general(target, 2).await;
    let first = target
        .user()
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    let user = target.user();
    book(&user, &made.path("/book"), "k", json!({"quantity": 2}))
        .await
        .problem(409, "sold_out");
    made.admin
        .post(&path_of("bookings", &first, "/cancel"), Value::Null)
        .await
        .ok(200);
    let booked = book(&user, &made.path("/book"), "k", json!({"quantity": 2})).await;
    booked.ok(201);
    assert_eq!(booked.header("idempotent-replayed"), "");
}

pub async fn a_key_is_its_users_and_its_events(target: &Target) {
    let (one, other) = (general(target, 9).await, general(target, 9).await);
    let (ada, eve) = (target.user(), target.user());
    let body = json!({"quantity": 1});
    let mut ids = Vec::new();
    for (user, event) in [(&ada, &one), (&eve, &one), (&ada, &other)] {
        let booked = book(user, &event.path("/book"), "same", body.clone())
            .await
            .ok(201);
        ids.push(booked["id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

pub async fn what_is_no_key_is_malformed(target: &Target) {
    let made = general(target, 9).await;
    let user = target.user();
    for key in ["", "\"\"", "a b", "\"a", "a\tb", &"k".repeat(256)] {
        for route in ["/book", "/holds", "/waitlist"] {
            book(&user, &made.path(route), key, json!({"quantity": 1}))
                .await
                .problem(400, "malformed");
        }
    }
    book(
        &user,
        &made.path("/book"),
        &"k".repeat(255),
        json!({"quantity": 1}),
    )
    .await
    .ok(201);
    assert_eq!(made.available().await, 8);
}

pub async fn a_replay_shows_the_booking_as_it_stands(target: &Target) {
    let made = general(target, 9).await;
    let user = target.user();
    let booked = book(&user, &made.path("/book"), "k", json!({"quantity": 1}))
        .await
        .ok(201);
    let cancelled = user
        .post(&path_of("bookings", &booked, "/cancel"), Value::Null)
        .await;
    let again = book(&user, &made.path("/book"), "k", json!({"quantity": 1})).await;
    assert_eq!((again.status, &again.body), (201, &cancelled.body));
    assert_eq!(made.available().await, 9);
}
