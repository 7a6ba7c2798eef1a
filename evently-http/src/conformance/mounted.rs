//! The API under a prefix of somebody else's application. These cases have no place in the macro's list: the
//! target's URL must end with a prefix.

use super::client::Target;
use super::fixture::general;
use http::Method;
use serde_json::json;

/// Whatever names a path in an answer names it as a client must ask for it.
pub async fn under_a_prefix_paths_in_answers_carry_it(target: &Target) {
    let prefix = target
        .authority()
        .find('/')
        .map(|at| &target.authority()[at..])
        .unwrap();
    let made = general(target, 5).await;
    let (admin, book) = (target.admin(), made.path("/book"));
    let booked = admin.post(&book, json!({"quantity": 1})).await;
    booked.ok(201);
    let location = booked.header("location");
    let path = location.strip_prefix(prefix).unwrap();
    assert_eq!(admin.get(path).await.body, booked.body);
    admin.post(&book, json!({"quantity": 1})).await.ok(201);

    let page = admin.get("/api/bookings?limit=1").await;
    let link = page.header("link");
    assert!(link.starts_with(&format!("<{prefix}/api/bookings?")), "{link}");

    for path in ["/api/no/such", "/api/events/", "//api/events", "/", ""] {
        let missing = admin.get(path).await;
        assert_eq!(missing.status, 404, "{path}");
        assert_eq!(missing.json()["instance"], format!("{prefix}{path}"));
    }
    let wrong = admin.delete("/api/events").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD"));
    let head = admin.send(Method::HEAD, "/api/events", &[], None).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
}
