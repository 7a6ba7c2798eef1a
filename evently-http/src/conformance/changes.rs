//! Changing events: patches, versions, dry runs, and what a change does to what is sold and to who waits.

use super::client::{Target, members};
use super::fixture::{booking_of, event, full, general, path_of, seated};
use serde_json::{Value, json};

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
    let booking = booking_of(&waiting, &served).await;
    assert_eq!(
        (&booking["status"], &booking["source"]),
        (&json!("confirmed"), &json!("waitlist"))
    );
}
