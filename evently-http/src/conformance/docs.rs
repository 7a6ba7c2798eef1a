//! The API's document, and the page that shows it.

use super::client::{Answer, Client, Target};
use http::Method;

pub async fn the_document_is_served_whole(target: &Target) {
    let guest = target.guest();
    let answer = guest.get("/openapi.json").await;
    let document = answer.ok(200);
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/events/{id}/book"]["post"].is_object());
    assert_eq!(answer.body, crate::openapi::document().as_bytes());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_is_kept(&guest, "/openapi.json", &answer).await;
    // Whoever brings credentials that have run out may read it all the same.
    target.with_token("bad").get("/openapi.json").await.ok(200);
}

pub async fn the_page_loads_nothing_from_elsewhere(target: &Target) {
    let guest = target.guest();
    let answer = guest.get("/docs").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "text/html; charset=utf-8")
    );
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*'), "{policy}");
    assert_is_kept(&guest, "/docs", &answer).await;

    let page = String::from_utf8(answer.body).unwrap();
    assert!(page.contains("spec-url=\"openapi.json\""), "{page}");
    let scripts: Vec<_> = page
        .split("src=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(!scripts.is_empty());
    for script in scripts {
        assert!(!script.contains("//"), "{script}");
        let path = format!("/{script}");
        let answer = guest.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
        assert_is_kept(&guest, &path, &answer).await;
    }
    let licence = guest.get("/docs/redoc.LICENSE.txt").await;
    assert_eq!(licence.status, 200);
    for path in [
        "/docs/",
        "/docs/none.js",
        "/docs/index.html",
        "/docs/..%2Fdocs",
        "/docs/a/b.js",
    ] {
        guest.get(path).await.problem(404, "not_found");
    }
}

/// Whoever names the tag of what they have is not sent it again.
async fn assert_is_kept(guest: &Client, path: &str, answer: &Answer) {
    let tag = answer.header("etag");
    assert!(!tag.is_empty(), "{path}");
    assert_eq!(answer.header("cache-control"), "no-cache", "{path}");
    let again = guest
        .send(Method::GET, path, &[("if-none-match", tag)], None)
        .await;
    assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
}
