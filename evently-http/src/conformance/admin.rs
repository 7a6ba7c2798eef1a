//! Making, changing, publishing, cancelling and deleting events; the lists of admins.

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

pub async fn a_change_names_its_version(target: &Target) {
    let made = general(target, 5).await;
    let path = made.admin_path("");
    let headers = [("content-type", "application/json")];
    let change = |name: &str| json!({"name": name}).to_string();
    let unnamed = made
        .admin
        .send(http::Method::PATCH, &path, &headers, Some(change("A")))
        .await;
    unnamed.problem(428, "precondition_required");
    let first = made.admin.patch(&path, "\"1\"", json!({"name": "A"})).await;
    assert_eq!(first.ok(200)["version"], 2);
    let stale = made
        .admin
        .patch(&path, "\"1\"", json!({"name": "B"}))
        .await
        .problem(412, "version_conflict");
    assert_eq!(stale["version"], 2);
    assert_eq!(
        made.admin.patch(&path, "2", json!({"name": "C"})).await.ok(200)["version"],
        3
    );
    let etag = made.admin.get(&made.path("")).await.header("etag").to_owned();
    assert_eq!(
        made.admin.patch(&path, &etag, json!({"name": "D"})).await.ok(200)["name"],
        "D"
    );
    made.admin
        .patch(&path, "\"x\"", json!({"name": "E"}))
        .await
        .problem(400, "malformed");
    let unknown = "/api/admin/events/01890a5d-ac96-774b-bcce-b302099a8057";
    made.admin
        .patch(unknown, "\"1\"", json!({}))
        .await
        .problem(404, "not_found");
}

pub async fn a_change_is_a_merge_patch(target: &Target) {
    let extra = json!({"capacity": 5, "description": "Long", "metadata": {"a": 1, "b": {"c": 2}}, "policy": {"per_user_limit": 2}});
    let made = event(target, extra).await;
    let patch = json!({
        "capacity": 8, "description": null, "price_minor": 700, "metadata": {"a": null, "b": {"d": 3}},
        "policy": {"waitlist": "off"}, "version": 99, "id": "x",
    });
    let changed = made
        .admin
        .patch(&made.admin_path(""), "\"1\"", patch)
        .await
        .ok(200);
    assert_eq!(
        (&changed["capacity"], &changed["description"]),
        (&json!(8), &json!(""))
    );
    assert_eq!(changed["metadata"], json!({"b": {"c": 2, "d": 3}}));
    assert_eq!(
        (
            &changed["policy"]["per_user_limit"],
            &changed["policy"]["waitlist"]
        ),
        (&json!(2), &json!("off"))
    );
    assert_eq!(changed["ticket_types"][0]["price_minor"], 700);
    for kept in ["id", "created_at", "name", "starts_at", "status"] {
        assert_eq!(changed[kept], made.event[kept], "{kept}");
    }
    for kept in [("sections", "id"), ("ticket_types", "id")] {
        assert_eq!(
            changed[kept.0][0][kept.1], made.event[kept.0][0][kept.1],
            "{kept:?}"
        );
    }
    let path = made.admin_path("");
    assert_eq!(
        made.admin
            .patch(&path, "\"2\"", json!({"name": null}))
            .await
            .invalid_fields(),
        ["name"]
    );
    assert_eq!(
        made.admin.patch(&path, "\"2\"", json!([])).await.invalid_fields(),
        ["body"]
    );
    let dry = made.admin_path("?dry_run=maybe");
    made.admin
        .patch(&dry, "\"2\"", json!({"name": "X"}))
        .await
        .problem(400, "malformed");
    let several = seated(target).await;
    let answer = several
        .admin
        .patch(&several.admin_path(""), "\"1\"", json!({"capacity": 9}))
        .await;
    assert_eq!(answer.invalid_fields(), ["capacity"]);
}

pub async fn a_part_that_is_not_given_whole_keeps_the_rest(target: &Target) {
    let made = seated(target).await;
    let path = made.admin_path("");
    let parts = json!({
        "sections": [{"name": "Stalls", "rows": [{"label": "A", "blocked": ["4"]}, {"label": "B"}]}, {"name": "Floor"}],
    });
    let changed = made.admin.patch(&path, "\"1\"", parts).await.ok(200);
    assert_eq!(changed["capacity"], made.event["capacity"].as_u64().unwrap() - 1);
    let floor = json!({"id": made.event["sections"][1]["id"], "capacity": 12});
    let parts = json!({"sections": [{"id": made.event["sections"][0]["id"]}, floor]});
    let changed = made.admin.patch(&path, "\"2\"", parts).await.ok(200);
    for member in ["id", "name", "seating"] {
        for place in [0, 1] {
            let (now, before) = (&changed["sections"][place], &made.event["sections"][place]);
            assert_eq!(now[member], before[member], "{member}");
        }
    }
    assert_eq!(changed["sections"][1]["capacity"], 12);
    let seats = made.admin.get(&made.path("/seats")).await.ok(200);
    let status = &seats["sections"][0]["rows"][0]["seats"][3]["status"];
    assert_eq!(status, "blocked");
    let unknown = json!({"sections": [{"name": "Loge"}]});
    let refused = made.admin.patch(&path, "\"3\"", unknown).await;
    assert_eq!(refused.invalid_fields(), ["sections[0].capacity"]);
}

pub async fn a_dry_run_tells_what_would_change(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let waiting = target.user();
    let entry = waiting.post(&made.path("/waitlist"), json!({})).await.ok(201);
    let before = made.admin.get(&made.path("")).await;
    let path = made.admin_path("?dry_run=true");
    let patch = json!({"capacity": 3, "name": "Lighthouse II", "version": 9});
    let told = made.admin.patch(&path, "\"1\"", patch.clone()).await.ok(200);
    assert_eq!(members(&told), ["dry_run", "changes", "affected", "event"]);
    let fields: Vec<&Value> = told["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| &change["field"])
        .collect();
    assert_eq!(fields, ["name", "phase", "capacity", "available", "sections"]);
    assert_eq!(
        told["changes"][0],
        json!({"field": "name", "from": "Lighthouse", "to": "Lighthouse II"})
    );
    let served = json!([{"entry_id": entry["id"], "user_id": waiting.user_id(), "quantity": 1}]);
    assert_eq!(
        told["affected"],
        json!({"bookings": 1, "tickets_sold": 1, "tickets_held": 0, "waiting": 1, "served": served})
    );
    let expected = (&json!(2), &json!(1));
    assert_eq!((&told["event"]["version"], &told["event"]["available"]), expected);

    let same = made
        .admin
        .patch(&path, "\"1\"", json!({"name": "Lighthouse"}))
        .await
        .ok(200);
    assert_eq!(
        (&same["changes"], &same["affected"]["bookings"]),
        (&json!([]), &json!(0))
    );
    let refused = made
        .admin
        .patch(
            &path,
            "\"1\"",
            json!({"sections": [{"name": "New", "capacity": 1}]}),
        )
        .await
        .problem(409, "below_sold");
    assert_eq!(refused["sold"], 1);
    made.admin
        .patch(&path, "\"2\"", patch.clone())
        .await
        .problem(412, "version_conflict");
    assert_eq!(
        made.admin
            .patch(&path, "\"1\"", json!({"capacity": "3"}))
            .await
            .invalid_fields(),
        ["capacity"]
    );
    assert_eq!(made.admin.get(&made.path("")).await.body, before.body);
    assert_eq!(
        waiting.get(&path_of("waitlist", &entry, "")).await.ok(200)["status"],
        "waiting"
    );
    let changed = made
        .admin
        .patch(&made.admin_path("?dry_run=false"), "\"1\"", patch)
        .await
        .ok(200);
    for member in ["version", "available", "sections", "name"] {
        assert_eq!(changed[member], told["event"][member], "{member}");
    }
}

pub async fn what_is_sold_cannot_be_taken_away(target: &Target) {
    let made = general(target, 5).await;
    target
        .user()
        .post(&made.path("/book"), json!({"quantity": 2}))
        .await
        .ok(201);
    target
        .user()
        .post(&made.path("/holds"), json!({"quantity": 1}))
        .await
        .ok(201);
    let path = made.admin_path("");
    let refused = made
        .admin
        .patch(&path, "\"1\"", json!({"capacity": 2}))
        .await
        .problem(409, "below_sold");
    assert_eq!(refused["sold"], 3);
    assert_eq!(
        made.admin
            .patch(&path, "\"1\"", json!({"capacity": 3}))
            .await
            .ok(200)["available"],
        0
    );
    let made = seated(target).await;
    target
        .user()
        .post(&made.path("/book"), json!({"seats": ["A-2"]}))
        .await
        .ok(201);
    let rows = json!([{"label": "A", "seats": 4, "blocked": ["2"]}, {"label": "B", "seats": 4}]);
    let sections = json!([{"name": "Stalls", "rows": rows}, {"name": "Floor", "capacity": 10}]);
    let answer = made
        .admin
        .patch(&made.admin_path(""), "\"1\"", json!({"sections": sections}))
        .await;
    answer.problem(409, "below_sold");
}

pub async fn larger_capacity_serves_the_waitlist(target: &Target) {
    let (made, _, _) = full(target, json!({})).await;
    let waiting = target.user();
    let entry = waiting.post(&made.path("/waitlist"), json!({})).await.ok(201);
    made.admin
        .patch(&made.admin_path(""), "\"1\"", json!({"capacity": 2}))
        .await
        .ok(200);
    let served = waiting.get(&path_of("waitlist", &entry, "")).await.ok(200);
    assert_eq!(served["status"], "converted");
    let booking = waiting
        .get(&format!(
            "/api/bookings/{}",
            served["booking_id"].as_str().unwrap()
        ))
        .await
        .ok(200);
    assert_eq!(
        (&booking["status"], &booking["source"]),
        (&json!("confirmed"), &json!("waitlist"))
    );
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
