//! Making, publishing, cancelling and deleting events; the lists of admins.

use super::client::{Target, members};
use super::fixture::{event, event_body, full, general, path_of, seated};
use serde_json::{Value, json};

pub async fn an_event_is_made_from_a_capacity(target: &Target) {
    let admin = target.admin();
    let answer = admin
        .post(
            "/api/admin/events",
            event_body(json!({"capacity": 5, "price_minor": 900})),
        )
        .await;
    let event = answer.ok(201);
    assert_eq!(
        answer.header("location"),
        format!("/api/events/{}", event["id"].as_str().unwrap())
    );
    assert!(
        answer.header("etag").starts_with("\"1-1-"),
        "{}",
        answer.header("etag")
    );
    assert_eq!(event["sections"][0]["name"], "General admission");
    assert_eq!(event["sections"][0]["seating"], "general");
    assert_eq!(event["ticket_types"][0]["name"], "Standard");
    assert_eq!(event["ticket_types"][0]["price_minor"], 900);
    let words =
        ["currency", "timezone", "status", "phase", "description"].map(|name| event[name].as_str().unwrap());
    assert_eq!(words, ["USD", "UTC", "published", "on_sale", ""]);
    let policy = json!({
        "per_user_limit": null, "hold_seconds": 600, "hold_max_seconds": 1800, "cancel_until": null,
        "waitlist": "auto", "offer_seconds": 900,
    });
    assert_eq!(event["policy"], policy);
    assert_eq!(admin.get(answer.header("location")).await.ok(200), event);
}

pub async fn an_event_is_made_from_sections_and_ticket_types(target: &Target) {
    let made = seated(target).await;
    assert_eq!(made.event["capacity"], 17);
    assert_eq!(made.event["sections"][0]["seating"], "reserved");
    assert_eq!(made.event["sections"][0]["capacity"], 7);
    assert_eq!(
        made.event["ticket_types"][1]["section_id"],
        made.event["sections"][1]["id"]
    );
    let admin = target.admin();
    let metadata = json!({"z": [1, 2.5, null], "a": {"deep": true}});
    let body = event_body(
        json!({"capacity": 1, "metadata": metadata, "currency": "EUR", "timezone": "Europe/Berlin"}),
    );
    let event = admin.post("/api/admin/events", body).await.ok(201);
    assert_eq!(event["metadata"], metadata);
    assert_eq!(
        (&event["currency"], &event["timezone"]),
        (&json!("EUR"), &json!("Europe/Berlin"))
    );
}

pub async fn every_wrong_field_is_told(target: &Target) {
    let admin = target.admin();
    let wrong = async |extra: Value| {
        let answer = admin.post("/api/admin/events", event_body(extra)).await;
        answer.invalid_fields()
    };
    let fields = admin
        .post("/api/admin/events", json!({"policy": {"hold_seconds": "x"}}))
        .await
        .invalid_fields();
    assert_eq!(
        fields,
        [
            "name",
            "venue",
            "starts_at",
            "ends_at",
            "capacity",
            "policy.hold_seconds"
        ]
    );
    let row = |row: Value| json!({"sections": [{"name": "S", "rows": [row]}]});
    for (extra, field) in [
        (json!({}), "capacity"),
        (json!({"capacity": 0}), "capacity"),
        (json!({"capacity": 10_000_001}), "capacity"),
        (json!({"capacity": -1}), "capacity"),
        (json!({"capacity": 1.5}), "capacity"),
        (json!({"capacity": 1, "sections": []}), "capacity"),
        (json!({"sections": []}), "sections"),
        (json!({"sections": [7]}), "sections[0]"),
        (json!({"sections": [{"name": "S"}]}), "sections[0].capacity"),
        (
            json!({"sections": [{"name": "S", "capacity": 1}, {"name": "S", "capacity": 1}]}),
            "sections[1].name",
        ),
        (
            row(json!({"label": "A", "seats": 100_001})),
            "sections[0].rows[0].seats",
        ),
        (
            row(json!({"label": "A", "seats": ["1", "1"]})),
            "sections[0].rows[0].seats",
        ),
        (
            row(json!({"label": "A", "seats": 2, "accessible": ["3"]})),
            "sections[0].rows[0].accessible",
        ),
        (
            row(json!({"label": "A", "seats": 2, "blocked": ["2", "2"]})),
            "sections[0].rows[0].blocked",
        ),
        (json!({"capacity": 1, "name": " "}), "name"),
        (json!({"capacity": 1, "name": "a\u{0}b"}), "name"),
        (json!({"capacity": 1, "description": "a\u{0}b"}), "description"),
        (
            json!({"capacity": 1, "starts_at": "2199-02-30T00:00:00Z"}),
            "starts_at",
        ),
        (
            json!({"capacity": 1, "starts_at": 4_102_444_800_u64}),
            "starts_at",
        ),
        (
            json!({"capacity": 1, "ends_at": "2199-06-01T19:00:00Z"}),
            "ends_at",
        ),
        (json!({"capacity": 1, "currency": "XYZ"}), "currency"),
        (json!({"capacity": 1, "timezone": "Mars/Olympus"}), "timezone"),
        (json!({"capacity": 1, "status": "cancelled"}), "status"),
        (json!({"capacity": 1, "price_minor": -1}), "price_minor"),
        (
            json!({"capacity": 1, "policy": {"offer_seconds": 86_401}}),
            "policy.offer_seconds",
        ),
        (
            json!({"capacity": 1, "policy": {"waitlist": "yes"}}),
            "policy.waitlist",
        ),
        (json!({"capacity": 1, "metadata": []}), "metadata"),
        (
            json!({"capacity": 1, "metadata": {"x": "y".repeat(17_000)}}),
            "metadata",
        ),
        (
            json!({"capacity": 1, "ticket_types": [{"name": "T", "section": "No", "price_minor": 1}]}),
            "ticket_types[0].section",
        ),
        (
            json!({"capacity": 1, "ticket_types": [{"name": "T", "price_minor": 1, "max_per_booking": 101}]}),
            "ticket_types[0].max_per_booking",
        ),
    ] {
        assert_eq!(wrong(extra.clone()).await, [field], "{extra}");
    }
}

pub async fn users_are_refused(target: &Target) {
    let made = general(target, 5).await;
    for (client, status, code) in [
        (target.user(), 403, "forbidden"),
        (target.guest(), 401, "unauthorized"),
    ] {
        client
            .post("/api/admin/events", json!({}))
            .await
            .problem(status, code);
        client
            .patch(&made.admin_path(""), "\"1\"", json!({"name": "Mine"}))
            .await
            .problem(status, code);
        client.delete(&made.admin_path("")).await.problem(status, code);
        for rest in ["/publish", "/cancel"] {
            client
                .post(&made.admin_path(rest), Value::Null)
                .await
                .problem(status, code);
        }
        for rest in ["/bookings", "/waitlist"] {
            client.get(&made.admin_path(rest)).await.problem(status, code);
        }
    }
    assert_eq!(made.admin.get(&made.path("")).await.ok(200), made.event);
}

pub async fn a_draft_is_published_or_deleted(target: &Target) {
    let draft = event(target, json!({"capacity": 5, "status": "draft"})).await;
    assert_eq!(draft.event["phase"], "draft");
    let changed = draft
        .admin
        .patch(&draft.admin_path(""), "\"1\"", json!({"name": "Later"}))
        .await
        .ok(200);
    assert_eq!(changed["status"], "draft");
    let published = draft
        .admin
        .post(&draft.admin_path("/publish"), Value::Null)
        .await
        .ok(200);
    assert_eq!(
        (&published["status"], &published["phase"]),
        (&json!("published"), &json!("on_sale"))
    );
    assert_eq!(
        draft
            .admin
            .post(&draft.admin_path("/publish"), Value::Null)
            .await
            .ok(200),
        published
    );
    draft
        .admin
        .delete(&draft.admin_path(""))
        .await
        .problem(409, "not_draft");
    let draft = event(target, json!({"capacity": 5, "status": "draft"})).await;
    let cancelled = draft.admin.post(&draft.admin_path("/cancel"), Value::Null).await;
    cancelled.problem(409, "not_published");
    assert_eq!(draft.admin.delete(&draft.admin_path("")).await.status, 204);
    draft.admin.get(&draft.path("")).await.problem(404, "not_found");
    draft
        .admin
        .delete(&draft.admin_path(""))
        .await
        .problem(404, "not_found");
}

pub async fn a_cancelled_event_takes_everything_along(target: &Target) {
    let (made, holder, booking) = full(target, json!({})).await;
    let waiting = target.user();
    let entry = waiting.post(&made.path("/waitlist"), json!({})).await.ok(201);
    let cancelled = made
        .admin
        .post(&made.admin_path("/cancel"), Value::Null)
        .await
        .ok(200);
    assert_eq!(
        (&cancelled["status"], &cancelled["phase"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    let ended = holder.get(&path_of("bookings", &booking, "")).await.ok(200);
    assert_eq!(
        (&ended["status"], &ended["reason"]),
        (&json!("cancelled"), &json!("event_cancelled"))
    );
    assert_eq!(
        waiting.get(&path_of("waitlist", &entry, "")).await.ok(200)["status"],
        "closed"
    );
    let again = made
        .admin
        .post(&made.admin_path("/cancel"), Value::Null)
        .await
        .ok(200);
    assert_eq!(again["version"], cancelled["version"]);
    made.admin
        .post(&made.admin_path("/publish"), Value::Null)
        .await
        .problem(409, "event_cancelled");
    let version = cancelled["version"].to_string();
    made.admin
        .patch(&made.admin_path(""), &version, json!({"name": "X"}))
        .await
        .problem(409, "event_cancelled");
    let refused = waiting
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .problem(409, "not_on_sale");
    assert_eq!(refused["phase"], "cancelled");
}

pub async fn bookings_are_listed_to_admins(target: &Target) {
    let made = general(target, 10).await;
    for _ in 0..3 {
        target
            .user()
            .post(&made.path("/book"), json!({"quantity": 1}))
            .await
            .ok(201);
    }
    target
        .user()
        .post(&made.path("/holds"), json!({"quantity": 1}))
        .await
        .ok(201);
    let first = made.admin.get(&made.admin_path("/bookings?limit=3")).await;
    let page = first.ok(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 3);
    assert_eq!(first.header("cache-control"), "no-store");
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = made
        .admin
        .get(&made.admin_path(&format!("/bookings?limit=3&cursor={cursor}")))
        .await
        .ok(200);
    assert_eq!(
        (rest["data"].as_array().unwrap().len(), &rest["next_cursor"]),
        (1, &Value::Null)
    );
    let held = made
        .admin
        .get(&made.admin_path("/bookings?status=held"))
        .await
        .ok(200);
    assert_eq!(held["data"].as_array().unwrap().len(), 1);
    made.admin
        .get(&made.admin_path("/bookings?status=sold"))
        .await
        .problem(400, "malformed");
    let unknown = "/api/admin/events/01890a5d-ac96-774b-bcce-b302099a8057/bookings";
    made.admin.get(unknown).await.problem(404, "not_found");
}

pub async fn the_waitlist_is_listed_in_order(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let mut joined = Vec::new();
    for _ in 0..3 {
        let user = target.user();
        user.post(&made.path("/waitlist"), json!({})).await.ok(201);
        joined.push(user.user_id().to_owned());
    }
    let page = made
        .admin
        .get(&made.admin_path("/waitlist?limit=2"))
        .await
        .ok(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = made
        .admin
        .get(&made.admin_path(&format!("/waitlist?limit=2&cursor={cursor}")))
        .await
        .ok(200);
    let entries: Vec<&Value> = [&page, &rest]
        .into_iter()
        .flat_map(|page| page["data"].as_array().unwrap())
        .collect();
    let users: Vec<&str> = entries
        .iter()
        .map(|entry| entry["user_id"].as_str().unwrap())
        .collect();
    assert_eq!(users, joined);
    let positions: Vec<u64> = entries
        .iter()
        .map(|entry| entry["position"].as_u64().unwrap())
        .collect();
    assert_eq!(positions, [1, 2, 3]);
    let none = made
        .admin
        .get(&made.admin_path("/waitlist?status=left"))
        .await
        .ok(200);
    assert_eq!(none, json!({"data": [], "next_cursor": null}));
}

pub async fn the_queue_is_shown_to_admins_alone(target: &Target) {
    let view = target.admin().get("/api/admin/queue").await.ok(200);
    assert_eq!(members(&view), ["partitions", "dead"]);
    assert!(view["partitions"].is_array() && view["dead"] == 0, "{view}");
    target
        .user()
        .get("/api/admin/queue")
        .await
        .problem(403, "forbidden");
    target
        .guest()
        .get("/api/admin/queue")
        .await
        .problem(401, "unauthorized");
}
