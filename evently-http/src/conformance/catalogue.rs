//! The catalogue: events, lists, what is left, caching.

use super::client::{Client, Target, members};
use super::fixture::{event, general};
use serde_json::{Value, json};

pub async fn an_event_has_the_contracts_shape(target: &Target) {
    let made = general(target, 5).await;
    let event = target.guest().get(&made.path("")).await.ok(200);
    assert_eq!(
        members(&event),
        [
            "id",
            "name",
            "description",
            "venue",
            "timezone",
            "starts_at",
            "ends_at",
            "sales_open_at",
            "sales_close_at",
            "status",
            "phase",
            "currency",
            "capacity",
            "available",
            "sections",
            "ticket_types",
            "policy",
            "metadata",
            "version",
            "created_at",
            "updated_at",
        ]
    );
    assert_eq!(
        members(&event["sections"][0]),
        ["id", "name", "seating", "capacity", "available"]
    );
    assert_eq!(
        members(&event["ticket_types"][0]),
        [
            "id",
            "name",
            "section_id",
            "price_minor",
            "min_per_booking",
            "max_per_booking"
        ]
    );
    assert_eq!(
        members(&event["policy"]),
        [
            "per_user_limit",
            "hold_seconds",
            "hold_max_seconds",
            "cancel_until",
            "waitlist",
            "offer_seconds"
        ]
    );
    assert_eq!(event["starts_at"], "2199-06-01T19:00:00Z");
    assert_eq!(event, made.event);
}

pub async fn drafts_are_seen_by_admins_alone(target: &Target) {
    let draft = event(
        target,
        json!({"capacity": 5, "status": "draft", "name": "Hidden"}),
    )
    .await;
    for client in [target.guest(), target.user()] {
        for rest in ["", "/availability", "/seats"] {
            client.get(&draft.path(rest)).await.problem(404, "not_found");
        }
        assert_eq!(names(&client, "/api/events?q=hidden").await, [""; 0]);
    }
    let user = target.user();
    for rest in ["/book", "/holds", "/waitlist"] {
        user.post(&draft.path(rest), json!({"quantity": 1}))
            .await
            .problem(404, "not_found");
    }
    let seen = draft.admin.get(&draft.path("")).await;
    assert_eq!(seen.ok(200), draft.event);
    assert_eq!(seen.header("cache-control"), "no-store");
    assert_eq!(
        names(&draft.admin, "/api/events?q=hidden&phase=draft").await,
        ["Hidden"]
    );
}

pub async fn pages_follow_their_links(target: &Target) {
    for number in 0..5 {
        event(
            target,
            json!({"capacity": 1, "name": format!("Page {number}"), "venue": "Paged & co"}),
        )
        .await;
    }
    let guest = target.guest();
    let mut path = "/api/events?venue=paged%20%26%20co&limit=2&sort=name".to_owned();
    let mut names = Vec::new();
    loop {
        let answer = guest.get(&path).await;
        let page = answer.ok(200);
        let rows = page["data"].as_array().unwrap();
        names.extend(
            rows.iter()
                .map(|event| event["name"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            assert_eq!(answer.header("link"), "");
            break;
        };
        let link = answer.header("link");
        let next = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""))
            .unwrap();
        assert_eq!(
            next,
            format!("/api/events?venue=paged%20%26%20co&limit=2&sort=name&cursor={cursor}")
        );
        path = next.to_owned();
    }
    assert_eq!(names, ["Page 0", "Page 1", "Page 2", "Page 3", "Page 4"]);
}

pub async fn events_are_searched_and_ordered(target: &Target) {
    for (name, venue, starts_at, capacity) in [
        ("Alpha", "Été hall", "2199-01-01T00:00:00Z", 1),
        ("Beta", "Big hall", "2199-03-01T00:00:00Z", 2),
        ("Gamma", "Big hall", "2199-02-01T00:00:00+02:00", 3),
    ] {
        let extra = json!({"name": name, "venue": venue, "starts_at": starts_at, "capacity": capacity});
        event(target, extra).await;
    }
    let guest = target.guest();
    let ask = async |query: &str| names(&guest, &format!("/api/events?{query}")).await;
    assert_eq!(ask("").await, ["Alpha", "Gamma", "Beta"]);
    assert_eq!(ask("sort=-starts_at").await, ["Beta", "Gamma", "Alpha"]);
    assert_eq!(ask("sort=name").await, ["Alpha", "Beta", "Gamma"]);
    assert_eq!(ask("sort=-created_at").await.len(), 3);
    assert_eq!(ask("q=AMM").await, ["Gamma"]);
    assert_eq!(ask("q=%C3%89T%C3%89").await, ["Alpha"]);
    assert_eq!(ask("q=hall&venue=big+HALL").await, ["Gamma", "Beta"]);
    assert_eq!(
        ask("from=2199-01-31T22:00:00Z&to=2199-03-01T00:00:00Z").await,
        ["Gamma"]
    );
    assert_eq!(ask("from=2199-02-01T00:00:00+02:00").await, ["Gamma", "Beta"]);
    assert_eq!(ask("phase=on_sale").await.len(), 3);
    assert_eq!(ask("phase=ended").await.len(), 0);
    let alpha = guest.get("/api/events?q=alpha").await.ok(200)["data"][0]["id"].clone();
    let path = format!("/api/events/{}/book", alpha.as_str().unwrap());
    target.user().post(&path, json!({"quantity": 1})).await.ok(201);
    assert_eq!(ask("available=true").await, ["Gamma", "Beta"]);
    assert_eq!(ask("available=false").await.len(), 3);
    assert_eq!(ask("phase=sold_out").await, ["Alpha"]);
    assert_eq!(ask("unknown=1&limit=1").await, ["Alpha"]);
}

async fn names(client: &Client, path: &str) -> Vec<String> {
    let page = client.get(path).await.ok(200);
    let rows = page["data"].as_array().unwrap().iter();
    rows.map(|event| event["name"].as_str().unwrap().to_owned())
        .collect()
}

pub async fn bad_queries_are_malformed(target: &Target) {
    let guest = target.guest();
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "limit=1.0",
        "limit=-1",
        "limit=",
        "cursor=x",
        "cursor=",
        "sort=price",
        "sort=",
        "phase=over",
        "available=1",
        "from=yesterday",
        "from=2030-01-01",
        "to=2030-02-30T00:00:00Z",
        "q=%zz",
        "q=%ff",
        "q=%00",
        "q=a&q=b",
    ] {
        guest
            .get(&format!("/api/events?{query}"))
            .await
            .problem(400, "malformed");
    }
    guest
        .get(&format!("/api/events?q={}", "x".repeat(201)))
        .await
        .problem(400, "malformed");
    for number in 0..2 {
        event(target, json!({"capacity": 1, "name": format!("E{number}")})).await;
    }
    let page = guest.get("/api/events?limit=1").await.ok(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    guest
        .get(&format!("/api/events?limit=1&sort=name&cursor={cursor}"))
        .await
        .problem(400, "malformed");
    let tampered = cursor.replace(&cursor[4..5], if &cursor[4..5] == "A" { "B" } else { "A" });
    guest
        .get(&format!("/api/events?cursor={tampered}"))
        .await
        .problem(400, "malformed");
}

pub async fn a_known_event_is_not_sent_again(target: &Target) {
    let made = general(target, 5).await;
    let guest = target.guest();
    let path = made.path("");
    let first = guest.get(&path).await;
    first.ok(200);
    let etag = first.header("etag").to_owned();
    assert_eq!(first.header("cache-control"), "no-cache");
    let ask = async |tag: &str| {
        guest
            .send(http::Method::GET, &path, &[("if-none-match", tag)], None)
            .await
    };
    for tag in [&etag, &format!("W/{etag}"), &format!("\"x\", {etag}"), "*"] {
        let known = ask(tag).await;
        assert_eq!((known.status, known.body.len()), (304, 0), "{tag}");
        assert_eq!(known.header("etag"), etag);
    }
    assert_eq!(ask("\"x\"").await.status, 200);
    target
        .user()
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
    let sold = ask(&etag).await;
    assert_eq!(sold.ok(200)["version"], 1);
    assert_ne!(sold.header("etag"), etag);
    made.admin
        .patch(&made.admin_path(""), "\"1\"", json!({"name": "New"}))
        .await
        .ok(200);
    assert_ne!(ask(sold.header("etag")).await.header("etag"), sold.header("etag"));
}

pub async fn availability_counts_what_is_left(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let guest = target.guest();
    let path = made.path("/availability");
    let before = guest.get(&path).await.ok(200);
    user.post(&made.path("/book"), json!({"quantity": 2}))
        .await
        .ok(201);
    user.post(&made.path("/holds"), json!({"quantity": 1}))
        .await
        .ok(201);
    let after = guest.get(&path).await.ok(200);
    assert_eq!(
        members(&after),
        [
            "event_id",
            "version",
            "phase",
            "capacity",
            "sold",
            "held",
            "available",
            "sections"
        ]
    );
    let section = json!({
        "id": made.event["sections"][0]["id"], "name": "General admission", "capacity": 5, "sold": 2, "held": 1,
        "available": 2,
    });
    assert_eq!(after["sections"], json!([section]));
    let numbers: Vec<&Value> = ["capacity", "sold", "held", "available"]
        .iter()
        .map(|name| &after[*name])
        .collect();
    assert_eq!(numbers, [5, 2, 1, 2]);
    assert!(after["version"].as_u64() > before["version"].as_u64());
}
