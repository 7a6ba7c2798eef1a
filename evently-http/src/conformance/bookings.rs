//! Booking, holding, confirming, extending, cancelling; own bookings; wrong bodies.

use super::client::{Target, members, nothing};
use super::fixture::{event, general, path_of, seated};
use serde_json::{Value, json};

pub async fn a_booking_has_the_contracts_shape(target: &Target) {
    let made = event(
        target,
        json!({"capacity": 5, "price_minor": 1250, "currency": "EUR"}),
    )
    .await;
    let user = target.user();
    let answer = user.post(&made.path("/book"), json!({"quantity": 2})).await;
    let booking = answer.ok(201);
    assert_eq!(answer.header("location"), path_of("bookings", &booking, ""));
    assert_eq!(
        members(&booking),
        [
            "id",
            "reference",
            "event_id",
            "user_id",
            "status",
            "quantity",
            "items",
            "total_minor",
            "currency",
            "hold_expires_at",
            "payment_reference",
            "source",
            "reason",
            "created_at",
            "confirmed_at",
            "ended_at",
        ]
    );
    let item = json!({
        "ticket_type_id": made.ticket_type(0), "section_id": made.event["sections"][0]["id"], "quantity": 2,
        "seats": [], "price_minor": 1250,
    });
    assert_eq!(booking["items"], json!([item]));
    assert_eq!(booking["user_id"], user.user_id());
    assert_eq!(
        (&booking["status"], &booking["source"]),
        (&json!("confirmed"), &json!("direct"))
    );
    assert_eq!(
        (&booking["total_minor"], &booking["currency"]),
        (&json!(2500), &json!("EUR"))
    );
    assert_eq!(booking["confirmed_at"], booking["created_at"]);
    assert_eq!(booking["reference"].as_str().unwrap().len(), 10);
    for name in ["hold_expires_at", "payment_reference", "reason", "ended_at"] {
        assert_eq!(booking[name], Value::Null, "{name}");
    }
    assert_eq!(user.get(answer.header("location")).await.body, answer.body);
    assert_eq!(made.available().await, 3);
}

pub async fn sold_out_tells_what_is_left(target: &Target) {
    let made = general(target, 3).await;
    let user = target.user();
    let refused = user
        .post(&made.path("/book"), json!({"quantity": 4}))
        .await
        .problem(409, "sold_out");
    assert_eq!(refused["available"], 3);
    user.post(&made.path("/book"), json!({"quantity": 3}))
        .await
        .ok(201);
    let refused = target
        .user()
        .post(&made.path("/holds"), json!({"quantity": 1}))
        .await
        .problem(409, "sold_out");
    assert_eq!(refused["available"], 0);
    assert_eq!(made.admin.get(&made.path("")).await.ok(200)["phase"], "sold_out");
}

pub async fn a_hold_is_extended_confirmed_and_cancelled(target: &Target) {
    let made = event(
        target,
        json!({"capacity": 5, "policy": {"hold_seconds": 60, "hold_max_seconds": 60}}),
    )
    .await;
    let user = target.user();
    let hold = user
        .post(&made.path("/holds"), json!({"quantity": 2}))
        .await
        .ok(201);
    assert_eq!(
        (&hold["status"], &hold["confirmed_at"]),
        (&json!("held"), &Value::Null)
    );
    assert!(hold["hold_expires_at"].is_string());
    assert_eq!(made.available().await, 3);
    user.post(&path_of("bookings", &hold, "/extend"), Value::Null)
        .await
        .problem(409, "hold_limit");
    let path = path_of("bookings", &hold, "/confirm");
    for reference in [json!(""), json!("x".repeat(256)), json!("a\nb"), json!(7)] {
        let answer = user.post(&path, json!({"payment_reference": reference})).await;
        assert_eq!(answer.invalid_fields(), ["payment_reference"], "{reference}");
    }
    let confirmed = user
        .post(&path, json!({"payment_reference": "pay-1"}))
        .await
        .ok(200);
    assert_eq!(
        (&confirmed["status"], &confirmed["payment_reference"]),
        (&json!("confirmed"), &json!("pay-1"))
    );
    assert_eq!(confirmed["hold_expires_at"], Value::Null);
    assert_eq!(user.post(&path, Value::Null).await.ok(200), confirmed);
    user.post(&path_of("bookings", &hold, "/extend"), Value::Null)
        .await
        .problem(409, "not_held");
    let cancelled = user
        .post(&path_of("bookings", &hold, "/cancel"), Value::Null)
        .await
        .ok(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(made.available().await, 5);
    let longer = general(target, 5).await;
    let hold = user
        .post(&longer.path("/holds"), json!({"quantity": 1}))
        .await
        .ok(201);
    user.post(&path_of("bookings", &hold, "/extend"), Value::Null)
        .await
        .ok(200);
}

pub async fn a_released_hold_is_held_no_more(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let hold = user
        .post(&made.path("/holds"), json!({"quantity": 2}))
        .await
        .ok(201);
    let released = user
        .post(&path_of("bookings", &hold, "/cancel"), Value::Null)
        .await
        .ok(200);
    assert_eq!(
        (&released["status"], &released["reason"]),
        (&json!("cancelled"), &Value::Null)
    );
    assert_eq!(made.available().await, 5);
    user.post(&path_of("bookings", &hold, "/confirm"), nothing())
        .await
        .problem(409, "not_held");
}

pub async fn a_cancel_frees_once(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let booking = user
        .post(&made.path("/book"), json!({"quantity": 2}))
        .await
        .ok(201);
    let path = path_of("bookings", &booking, "/cancel");
    let cancelled = user.post(&path, Value::Null).await;
    assert!(cancelled.ok(200)["ended_at"].is_string());
    assert_eq!(user.post(&path, Value::Null).await.body, cancelled.body);
    assert_eq!(made.available().await, 5);
    let past = event(
        target,
        json!({"capacity": 5, "policy": {"cancel_until": "2020-01-01T00:00:00Z"}}),
    )
    .await;
    let booking = user
        .post(&past.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    let path = path_of("bookings", &booking, "/cancel");
    user.post(&path, Value::Null).await.problem(409, "cancel_closed");
    assert_eq!(
        past.admin.post(&path, Value::Null).await.ok(200)["reason"],
        "cancelled_by_admin"
    );
}

pub async fn nobody_sees_anothers_booking(target: &Target) {
    let made = general(target, 5).await;
    let owner = target.user();
    let hold = owner
        .post(&made.path("/holds"), json!({"quantity": 1}))
        .await
        .ok(201);
    let stranger = target.user();
    stranger
        .get(&path_of("bookings", &hold, ""))
        .await
        .problem(404, "not_found");
    for rest in ["/confirm", "/extend", "/cancel"] {
        stranger
            .post(&path_of("bookings", &hold, rest), Value::Null)
            .await
            .problem(404, "not_found");
    }
    assert_eq!(stranger.get("/api/bookings").await.ok(200)["data"], json!([]));
    assert_eq!(owner.get(&path_of("bookings", &hold, "")).await.ok(200), hold);
    assert_eq!(
        made.admin.get(&path_of("bookings", &hold, "")).await.ok(200),
        hold
    );
}

pub async fn own_bookings_are_listed_newest_first(target: &Target) {
    let (one, other) = (general(target, 9).await, general(target, 9).await);
    let user = target.user();
    let mut made = Vec::new();
    for event in [&one, &one, &other] {
        made.push(
            user.post(&event.path("/book"), json!({"quantity": 1}))
                .await
                .ok(201),
        );
    }
    user.post(&path_of("bookings", &made[0], "/cancel"), Value::Null)
        .await
        .ok(200);
    let ids = async |path: &str| {
        let page = user.get(path).await.ok(200);
        let rows = page["data"].as_array().unwrap().clone();
        rows.into_iter()
            .map(|booking| booking["id"].clone())
            .collect::<Vec<_>>()
    };
    let id = |place: usize| made[place]["id"].clone();
    assert_eq!(ids("/api/bookings").await, [id(2), id(1), id(0)]);
    assert_eq!(ids("/api/bookings?status=cancelled").await, [id(0)]);
    assert_eq!(
        ids(&format!("/api/bookings?event_id={}", other.id())).await,
        [id(2)]
    );
    for query in ["status=sold", "event_id=7", "limit=0", "cursor=x"] {
        user.get(&format!("/api/bookings?{query}"))
            .await
            .problem(400, "malformed");
    }
}

pub async fn a_user_stays_within_the_limit(target: &Target) {
    let made = event(target, json!({"capacity": 9, "policy": {"per_user_limit": 3}})).await;
    let user = target.user();
    let booking = user
        .post(&made.path("/book"), json!({"quantity": 2}))
        .await
        .ok(201);
    let refused = user
        .post(&made.path("/holds"), json!({"quantity": 2}))
        .await
        .problem(409, "limit_exceeded");
    assert_eq!((&refused["limit"], &refused["tickets"]), (&json!(3), &json!(2)));
    user.post(&path_of("bookings", &booking, "/cancel"), Value::Null)
        .await
        .ok(200);
    user.post(&made.path("/holds"), json!({"quantity": 3}))
        .await
        .ok(201);
}

pub async fn an_event_off_sale_is_not_sold(target: &Target) {
    for (window, phase) in [
        (json!({"sales_open_at": "2199-01-01T00:00:00Z"}), "scheduled"),
        (json!({"sales_close_at": "2020-01-01T00:00:00Z"}), "closed"),
        (
            json!({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-01T01:00:00Z"}),
            "ended",
        ),
    ] {
        let mut extra = window;
        extra["capacity"] = json!(5);
        let made = event(target, extra).await;
        let refused = target
            .user()
            .post(&made.path("/book"), json!({"quantity": 1}))
            .await
            .problem(409, "not_on_sale");
        assert_eq!(refused["phase"], phase);
    }
    let unknown = "/api/events/01890a5d-ac96-774b-bcce-b302099a8057/book";
    target
        .user()
        .post(unknown, json!({"quantity": 1}))
        .await
        .problem(404, "not_found");
}

pub async fn several_types_are_booked_together_or_not_at_all(target: &Target) {
    let made = seated(target).await;
    let (seat, standing) = (made.ticket_type(0), made.ticket_type(1));
    let user = target.user();
    let items = |standing_quantity: u32| {
        json!({"items": [
            {"ticket_type_id": seat, "seats": ["A-2", "A-3"]},
            {"ticket_type_id": standing, "quantity": standing_quantity},
        ]})
    };
    user.post(&made.path("/book"), items(11))
        .await
        .problem(409, "sold_out");
    assert_eq!(made.available().await, 17);
    let booking = user.post(&made.path("/book"), items(3)).await.ok(201);
    assert_eq!(
        (&booking["quantity"], &booking["total_minor"]),
        (&json!(5), &json!(9500))
    );
    assert_eq!(booking["items"][0]["seats"], json!(["A-2", "A-3"]));
    assert_eq!(made.available().await, 12);
    // The event has two types: one of them must be meant.
    let answer = user.post(&made.path("/book"), json!({"quantity": 1})).await;
    assert_eq!(answer.invalid_fields(), ["ticket_type_id"]);
}

pub async fn hostile_bodies_are_refused_by_field(target: &Target) {
    let made = seated(target).await;
    let user = target.user();
    let one = made.ticket_type(1);
    for (body, field) in [
        (json!({}), "quantity"),
        (json!({"quantity": null}), "quantity"),
        (json!({"quantity": 0}), "quantity"),
        (json!({"quantity": -1}), "quantity"),
        (json!({"quantity": 101}), "quantity"),
        (json!({"quantity": 4_294_967_297_u64}), "quantity"),
        (json!({"quantity": 1.0}), "quantity"),
        (json!({"quantity": "1"}), "quantity"),
        (json!({"quantity": true}), "quantity"),
        (json!({"quantity": [1]}), "quantity"),
        (json!({"quantity": 1, "ticket_type_id": "x"}), "ticket_type_id"),
        (json!({"quantity": 1, "ticket_type_id": 7}), "ticket_type_id"),
        (
            json!({"quantity": 1, "ticket_type_id": "01890a5d-ac96-774b-bcce-b302099a8057"}),
            "ticket_type_id",
        ),
        (
            json!({"quantity": 1, "ticket_type_id": one, "on_full": "maybe"}),
            "on_full",
        ),
        (json!({"quantity": 1, "seats": ["A-1"]}), "seats"),
        (json!({"seats": []}), "seats"),
        (json!({"seats": "A-1"}), "seats"),
        (json!({"seats": [1]}), "seats"),
        (json!({"seats": ["A-1", "A-1"]}), "seats"),
        (json!({"seats": vec!["A-1"; 101]}), "seats"),
        (json!({"seats": ["A\u{0}1"]}), "seats"),
        (json!({"seats": ["A-2"], "on_full": "waitlist"}), "on_full"),
        (
            json!({"best_available": {"quantity": 1, "accessible": true}, "on_full": "waitlist"}),
            "on_full",
        ),
        (
            json!({"best_available": {"quantity": 2, "adjacent": true}, "on_full": "waitlist"}),
            "on_full",
        ),
        (json!({"best_available": 2}), "best_available"),
        (json!({"best_available": {}}), "best_available.quantity"),
        (
            json!({"best_available": {"quantity": 1, "section_id": 7}}),
            "best_available.section_id",
        ),
        (
            json!({"best_available": {"quantity": 1, "adjacent": "yes"}}),
            "best_available.adjacent",
        ),
        (json!({"items": []}), "items"),
        (json!({"items": {}}), "items"),
        (json!({"items": [{}]}), "items[0].ticket_type_id"),
        (json!({"items": [7]}), "items[0]"),
        (
            json!({"items": [{"ticket_type_id": one, "quantity": 0}]}),
            "items[0].quantity",
        ),
        (
            json!({"items": [{"ticket_type_id": one, "quantity": 101}]}),
            "items[0].quantity",
        ),
        (
            json!({"items": [{"ticket_type_id": one, "seats": ["Z-99"]}]}),
            "items[0].seats",
        ),
        (
            json!({"items": [{"ticket_type_id": one, "quantity": 1}], "ticket_type_id": one}),
            "ticket_type_id",
        ),
    ] {
        for route in ["/book", "/holds"] {
            let fields = user.post(&made.path(route), body.clone()).await.invalid_fields();
            assert_eq!(
                fields.first().map(String::as_str),
                Some(field),
                "{body}: {fields:?}"
            );
        }
    }
    let raw = async |body: &str| {
        let headers = [("content-type", "application/json")];
        user.send(
            http::Method::POST,
            &made.path("/book"),
            &headers,
            Some(body.to_owned()),
        )
        .await
    };
    for body in [
        r#"{"quantity":1e2}"#,
        r#"{"quantity":1e999}"#,
        r#"{"quantity":99999999999999999999}"#,
        r#"{"quantity":-0}"#,
    ] {
        assert_eq!(raw(body).await.invalid_fields(), ["quantity"], "{body}");
    }
    for body in [
        "",
        " ",
        "{",
        "[1",
        "{\"quantity\":1,\"quantity\":1}",
        "{\"quantity\":01}",
        "{\"a\":\"\\ud800\"}",
        "\u{feff}{}",
    ] {
        raw(body).await.problem(400, "malformed");
    }
    raw(&"[".repeat(60_000)).await.problem(400, "malformed");
    for body in ["[]", "null", "7", "\"x\""] {
        assert_eq!(raw(body).await.invalid_fields(), ["body"], "{body}");
    }
    assert_eq!(made.available().await, 17);
}

pub async fn unknown_members_are_ignored(target: &Target) {
    let made = event(target, json!({"capacity": 5, "price_minor": 100})).await;
    let user = target.user();
    let body = json!({
        "quantity": 1, "user_id": "01890a5d-ac96-774b-bcce-b302099a8057", "status": "held", "price_minor": 0,
        "total_minor": 0, "id": 7, "role": "admin", "created_at": "x", "items_": [],
    });
    let booking = user.post(&made.path("/book"), body).await.ok(201);
    assert_eq!(booking["user_id"], user.user_id());
    assert_eq!(
        (&booking["status"], &booking["total_minor"]),
        (&json!("confirmed"), &json!(100))
    );
}
