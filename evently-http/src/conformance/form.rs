//! What frameworks do by themselves, and what every answer has.

use super::client::Target;
use super::fixture::general;
use crate::routes::ROUTES;
use http::Method;
use serde_json::{Value, json};

pub async fn every_route_is_served(target: &Target) {
    let id = "00000000-0000-7000-8000-000000000000";
    for route in ROUTES {
        let path = route
            .path
            .replace("{id}", id)
            .replace("{file}", "redoc.standalone.js");
        let answer = target.guest().send(route.method.clone(), &path, &[], None).await;
        // That nobody is signed in, and that there is no such event, are an operation's answers.
        let is_unrouted = answer.status == 405 || (answer.status == 404 && path == route.path);
        assert!(!is_unrouted, "{} {}: {}", route.method, route.path, answer.status);
    }
}

pub async fn unknown_paths_are_not_found(target: &Target) {
    let user = target.user();
    for path in [
        "/",
        "/api",
        "/api/",
        "/nothing",
        "/api/events/",
        "/api//events",
        "//api/events",
        "/API/events",
        "/health/",
        "/api/bookings/",
        "/api/admin",
        "/api/events/x/y",
        "/api/auth",
        "/.env",
        "/api/events%2F",
    ] {
        user.get(path).await.problem(404, "not_found");
        user.post(path, Value::Null).await.problem(404, "not_found");
    }
}

pub async fn wrong_methods_are_told_the_right_ones(target: &Target) {
    let user = target.user();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (method, path, allow) in [
        (Method::POST, "/api/events".to_owned(), "GET, HEAD"),
        (Method::DELETE, format!("/api/events/{id}"), "GET, HEAD"),
        (Method::GET, format!("/api/events/{id}/book"), "POST"),
        (Method::PUT, format!("/api/waitlist/{id}"), "GET, HEAD, DELETE"),
        (Method::GET, format!("/api/admin/events/{id}"), "PATCH, DELETE"),
        (Method::GET, "/api/auth/login".to_owned(), "POST"),
        (Method::POST, "/health".to_owned(), "GET, HEAD"),
        (Method::OPTIONS, "/api/events".to_owned(), "GET, HEAD"),
    ] {
        let answer = user.send(method, &path, &[], None).await;
        answer.problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

pub async fn what_is_no_id_is_not_found(target: &Target) {
    let admin = target.admin();
    for id in [
        "7",
        "x",
        "01890a5dac96774bbcceb302099a8057",
        "01890a5d-ac96-774b-bcce-b302099a805",
        "%00",
        "%ff",
        "null",
        "01890a5d-ac96-774b-bcce-b302099a8057x",
        "%7B01890a5d-ac96-774b-bcce-b302099a8057%7D",
        "..%2F",
        "01890a5d-ac96-774b-bcce-b302099a8057%20",
    ] {
        for path in [
            "/api/events/ID",
            "/api/events/ID/seats",
            "/api/bookings/ID",
            "/api/waitlist/ID",
            "/api/admin/events/ID/waitlist",
        ] {
            admin.get(&path.replace("ID", id)).await.problem(404, "not_found");
        }
        for path in [
            "/api/events/ID/book",
            "/api/bookings/ID/cancel",
            "/api/waitlist/ID/accept",
            "/api/admin/events/ID/publish",
        ] {
            admin
                .post(&path.replace("ID", id), json!({"quantity": 1}))
                .await
                .problem(404, "not_found");
        }
    }
    let made = general(target, 5).await;
    let encoded = made.id().replacen('0', "%30", 1).to_uppercase();
    let found = target.guest().get(&format!("/api/events/{encoded}")).await;
    assert_eq!(found.ok(200)["id"], made.id());
}

pub async fn bodies_are_json_of_bounded_size(target: &Target) {
    let made = general(target, 5).await;
    let user = target.user();
    let path = made.path("/book");
    let send = async |headers: &[(&str, &str)], body: String| {
        user.send(Method::POST, &path, headers, Some(body)).await
    };
    let good = json!({"quantity": 1}).to_string();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "multipart/form-data",
    ] {
        send(&[("content-type", content_type)], good.clone())
            .await
            .problem(415, "unsupported_media_type");
    }
    send(&[], good.clone())
        .await
        .problem(415, "unsupported_media_type");
    let gzip = [("content-type", "application/json"), ("content-encoding", "gzip")];
    send(&gzip, good.clone())
        .await
        .problem(415, "unsupported_media_type");
    let json = [("content-type", "application/json")];
    let padded = |bytes: usize| format!("{}{good}", " ".repeat(bytes - good.len()));
    send(&json, padded(64 * 1024 + 1))
        .await
        .problem(413, "payload_too_large");
    send(&json, "x".repeat(1_000_000))
        .await
        .problem(413, "payload_too_large");
    send(&json, padded(64 * 1024)).await.ok(201);
    for content_type in ["application/json; charset=utf-8", "Application/JSON"] {
        send(&[("content-type", content_type)], good.clone())
            .await
            .ok(201);
    }
}

pub async fn request_ids_are_echoed_if_sane(target: &Target) {
    let guest = target.guest();
    let ask = async |id: &str| {
        let answer = guest
            .send(Method::GET, "/api/events", &[("x-request-id", id)], None)
            .await;
        answer.header("x-request-id").to_owned()
    };
    for id in ["abc-1_2.X", &"x".repeat(128)] {
        assert_eq!(ask(id).await, id);
    }
    for id in ["a b", "a/b", "a\"b", &"x".repeat(129), ""] {
        let made = ask(id).await;
        assert!(made != id && !made.is_empty(), "{id:?}: {made:?}");
    }
    assert_ne!(ask("").await, ask("").await);
}

pub async fn every_answer_is_guarded(target: &Target) {
    let made = general(target, 5).await;
    let (user, guest) = (target.user(), target.guest());
    for answer in [
        guest.get("/api/events").await,
        guest.get(&made.path("")).await,
        guest.get("/health").await,
        guest.get("/nothing").await,
        guest.post("/health", Value::Null).await,
        guest.get("/api/bookings").await,
        user.post(&made.path("/book"), json!({"quantity": 1})).await,
        user.post(&made.path("/book"), json!({"quantity": 0})).await,
        user.send(
            Method::POST,
            &made.path("/book"),
            &[("content-type", "application/json")],
            Some("x".repeat(70_000)),
        )
        .await,
    ] {
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{answer:?}");
        assert!(!answer.header("x-request-id").is_empty(), "{answer:?}");
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{answer:?}"
        );
        assert!(!answer.headers.contains_key("server"), "{answer:?}");
    }
}

pub async fn head_is_get_without_a_body(target: &Target) {
    let made = general(target, 5).await;
    let guest = target.guest();
    let get = guest.get(&made.path("")).await;
    let head = guest.send(Method::HEAD, &made.path(""), &[], None).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    for name in ["etag", "content-type", "cache-control"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    for headers in [&[][..], &[("accept-encoding", "gzip")]] {
        let sent = async |method| guest.send(method, "/openapi.json", headers, None).await;
        let (get, head) = (sent(Method::GET).await, sent(Method::HEAD).await);
        for name in ["vary", "content-encoding", "content-length"] {
            assert_eq!(head.headers.get(name), get.headers.get(name), "{name}");
        }
    }
    let missing = guest.send(Method::HEAD, "/nothing", &[], None).await;
    assert_eq!((missing.status, missing.body.len()), (404, 0));
}

pub async fn requests_are_counted(target: &Target) {
    let user = target.user();
    let first = user.get("/api/bookings").await;
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=500;w=5");
    assert_eq!(first.header("ratelimit"), "\"default\";r=499;t=1");
    let guest = target.guest().get("/api/events").await;
    assert_eq!(guest.header("ratelimit-policy"), "\"default\";q=1000;w=5");
    let refused = user.post("/api/admin/events", json!({})).await;
    refused.problem(403, "forbidden");
    assert!(refused.header("ratelimit").starts_with("\"default\";r=4"));
}
