//! The waitlist: joining, being served, offers, leaving.

use super::client::{Client, Target, members};
use super::fixture::{Made, booking_of, full, general, path_of, seated};
use serde_json::{Value, json};

async fn join(user: &Client, made: &Made) -> Value {
    user.post(&made.path("/waitlist"), json!({})).await.ok(201)
}

async fn cancel(holder: &Client, booking: &Value) {
    holder
        .post(&path_of("bookings", booking, "/cancel"), Value::Null)
        .await
        .ok(200);
}

pub async fn whoever_waits_is_served_by_a_cancel(target: &Target) {
    let (made, holder, booking) = full(target, json!({})).await;
    let (first, second) = (target.user(), target.user());
    let answer = first.post(&made.path("/waitlist"), json!({"quantity": 1})).await;
    let entry = answer.ok(201);
    assert_eq!(answer.header("location"), path_of("waitlist", &entry, ""));
    assert_eq!(
        members(&entry),
        [
            "id",
            "event_id",
            "user_id",
            "ticket_type_id",
            "quantity",
            "status",
            "position",
            "booking_id",
            "offer_expires_at",
            "joined_at",
        ]
    );
    assert_eq!(
        (&entry["status"], &entry["position"]),
        (&json!("waiting"), &json!(1))
    );
    let behind = join(&second, &made).await;
    assert_eq!(behind["position"], 2);
    cancel(&holder, &booking).await;
    let served = first.get(&path_of("waitlist", &entry, "")).await.ok(200);
    assert_eq!(
        (&served["status"], &served["position"]),
        (&json!("converted"), &Value::Null)
    );
    let promoted = booking_of(&first, &served).await;
    assert_eq!(
        (&promoted["status"], &promoted["source"]),
        (&json!("confirmed"), &json!("waitlist"))
    );
    assert_eq!(
        second.get(&path_of("waitlist", &behind, "")).await.ok(200)["position"],
        1
    );
    // A newcomer does not pass those who wait.
    target
        .user()
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .problem(409, "sold_out");
    let left = first.delete(&path_of("waitlist", &entry, "")).await;
    left.problem(409, "not_waiting");
}

pub async fn an_entry_explains_itself(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let (first, second) = (target.user(), target.user());
    join(&first, &made).await;
    let entry = join(&second, &made).await;
    let explained = second.get(&path_of("waitlist", &entry, "")).await.ok(200);
    assert_eq!(members(&explained).last(), Some(&"explanation"));
    assert!(
        explained["explanation"]
            .as_str()
            .unwrap()
            .contains("1 entry is ahead of you"),
        "{explained}"
    );
    first
        .get(&path_of("waitlist", &entry, ""))
        .await
        .problem(404, "not_found");
    let own = second.get("/api/waitlist").await.ok(200);
    assert_eq!(
        (&own["data"], &own["next_cursor"]),
        (&json!([entry]), &Value::Null)
    );
}

pub async fn on_full_joins_the_line(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let user = target.user();
    let body = json!({"quantity": 1, "on_full": "waitlist"});
    let headers = [("idempotency-key", "k")];
    let answer = user.post_with(&made.path("/book"), &headers, body.clone()).await;
    let entry = answer.ok(202);
    assert_eq!(answer.header("location"), path_of("waitlist", &entry, ""));
    assert_eq!(entry["position"], 1);
    let again = user.post_with(&made.path("/book"), &headers, body.clone()).await;
    assert_eq!((again.status, &again.body), (202, &answer.body));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let roomy = general(target, 5).await;
    assert_eq!(
        user.post(&roomy.path("/book"), body.clone()).await.ok(201)["status"],
        "confirmed"
    );
    let (closed, _, _) = full(target, json!({"waitlist": "off"})).await;
    user.post(&closed.path("/book"), body)
        .await
        .problem(409, "sold_out");
}

pub async fn an_offer_is_accepted(target: &Target) {
    let (made, holder, booking) = full(target, json!({"waitlist": "offer"})).await;
    let user = target.user();
    let entry = join(&user, &made).await;
    let accept = path_of("waitlist", &entry, "/accept");
    user.post(&accept, Value::Null).await.problem(409, "not_offered");
    cancel(&holder, &booking).await;
    let offered = user.get(&path_of("waitlist", &entry, "")).await.ok(200);
    assert_eq!(offered["status"], "offered");
    assert!(offered["offer_expires_at"].is_string());
    target
        .user()
        .post(&accept, Value::Null)
        .await
        .problem(404, "not_found");
    target
        .user()
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .problem(409, "sold_out");
    let accepted = user.post(&accept, Value::Null).await;
    assert_eq!(accepted.ok(200)["status"], "confirmed");
    assert_eq!(user.post(&accept, Value::Null).await.body, accepted.body);
    assert_eq!(
        user.get(&path_of("waitlist", &entry, "")).await.ok(200)["status"],
        "converted"
    );
}

pub async fn an_offer_is_declined(target: &Target) {
    let (made, holder, booking) = full(target, json!({"waitlist": "offer"})).await;
    let (first, second) = (target.user(), target.user());
    let entry = join(&first, &made).await;
    let behind = join(&second, &made).await;
    cancel(&holder, &booking).await;
    let declined = first
        .post(&path_of("waitlist", &entry, "/decline"), Value::Null)
        .await
        .ok(200);
    assert_eq!(
        (&declined["status"], &declined["position"]),
        (&json!("declined"), &Value::Null)
    );
    assert_eq!(
        second.get(&path_of("waitlist", &behind, "")).await.ok(200)["status"],
        "offered"
    );
    first
        .post(&path_of("waitlist", &entry, "/accept"), Value::Null)
        .await
        .problem(409, "not_offered");
}

pub async fn leaving_is_leaving(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let user = target.user();
    let entry = join(&user, &made).await;
    let path = path_of("waitlist", &entry, "");
    target.user().delete(&path).await.problem(404, "not_found");
    for _ in 0..2 {
        let left = user.delete(&path).await;
        assert_eq!((left.status, left.body.len()), (204, 0));
    }
    let entry = user.get(&path).await.ok(200);
    assert_eq!(
        (&entry["status"], &entry["position"]),
        (&json!("left"), &Value::Null)
    );
    join(&user, &made).await;
}

pub async fn joining_has_its_refusals(target: &Target) {
    let user = target.user();
    let roomy = general(target, 5).await;
    user.post(&roomy.path("/waitlist"), json!({"quantity": 1}))
        .await
        .problem(409, "not_full");
    user.post(&roomy.path("/waitlist"), json!({"quantity": 6}))
        .await
        .ok(201);
    user.post(&roomy.path("/waitlist"), json!({"quantity": 6}))
        .await
        .problem(409, "already_waitlisted");
    let (closed, _, _) = full(target, json!({"waitlist": "off"})).await;
    user.post(&closed.path("/waitlist"), Value::Null)
        .await
        .problem(409, "waitlist_off");
    let several = seated(target).await;
    assert_eq!(
        user.post(&several.path("/waitlist"), json!({}))
            .await
            .invalid_fields(),
        ["ticket_type_id"]
    );
    for body in [
        json!({"quantity": 0}),
        json!({"quantity": "1"}),
        json!({"quantity": 101}),
    ] {
        assert_eq!(
            user.post(&roomy.path("/waitlist"), body).await.invalid_fields(),
            ["quantity"]
        );
    }
    target
        .guest()
        .post(&roomy.path("/waitlist"), json!({}))
        .await
        .problem(401, "unauthorized");
}
