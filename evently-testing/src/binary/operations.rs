//! What an operator sees and sets.

use super::process::{Binary, SECRET, Server, within};
use http::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The figures as they are shown now.
async fn figures(server: &Server) -> String {
    let answer = server.as_ref().guest().get("/metrics").await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body).unwrap()
}

pub async fn requests_are_counted_by_route_and_status(binary: &Binary) {
    let server = binary.start_apart("memory:").await;
    let guest = server.as_ref().guest();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for _ in 0..2 {
        guest.get("/api/events?limit=1").await.ok(200);
    }
    guest
        .get(&format!("/api/events/{id}"))
        .await
        .problem(404, "not_found");
    guest.get("/nothing/here").await.problem(404, "not_found");
    let odd = Method::from_bytes(b"ODD").unwrap();
    guest
        .send(odd, "/api/events", &[], None)
        .await
        .problem(405, "method_not_allowed");
    let figures = figures(&server).await;
    for line in [
        r#"evently_http_requests_total{method="GET",route="/api/events",status="200"} 2"#,
        r#"evently_http_requests_total{method="GET",route="/api/events/{id}",status="404"} 1"#,
        r#"evently_http_requests_total{method="none",route="none",status="404"} 1"#,
        r#"evently_http_requests_total{method="none",route="none",status="405"} 1"#,
        r#"evently_http_request_duration_seconds_count{method="GET",route="/api/events"} 2"#,
        r#"evently_http_request_duration_seconds_bucket{method="GET",route="/api/events",le="+Inf"} 2"#,
        r#"evently_http_problems_total{code="not_found"} 2"#,
        // This one.
        "evently_http_requests_in_flight 1",
        "# TYPE evently_http_requests_total counter",
        "# TYPE evently_http_request_duration_seconds histogram",
    ] {
        assert!(
            figures.lines().any(|shown| shown == line),
            "no {line} in\n{figures}"
        );
    }
    assert!(
        !figures.contains(id) && !figures.contains("ODD"),
        "what is counted by is bounded"
    );
}

pub async fn web_pages_are_let_in_as_set(binary: &Binary) {
    let (page, other) = ("https://tickets.example.com", "https://example.org");
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", "memory:", "--listen", "127.0.0.1:0", "--log", "json"];
    for variable in ["EVENTLY_CORS_ORIGIN", "EVENTLY_CORS"] {
        let mut command = binary.command(folder.path(), &arguments);
        command.env("EVENTLY_JWT_SECRET", SECRET).env(variable, page);
        let server = Server::spawn(command).await;
        let guest = server.as_ref().guest();
        let ask = async |method: Method, origin: &str, path: &str| {
            let headers = [("origin", origin), ("access-control-request-method", "POST")];
            guest.send(method, path, &headers, None).await
        };
        for path in ["/api/events", "/nothing"] {
            let answer = ask(Method::GET, page, path).await;
            assert_eq!(answer.header("access-control-allow-origin"), page);
            assert!(answer.header("access-control-expose-headers").contains("etag"));
            let answer = ask(Method::GET, other, path).await;
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
        let preflight = ask(Method::OPTIONS, page, "/api/events").await;
        assert_eq!(preflight.status, 204);
        assert!(
            preflight
                .header("access-control-allow-headers")
                .contains("authorization")
        );
        assert!(!preflight.header("x-request-id").is_empty());
        let refused = ask(Method::OPTIONS, other, "/api/events").await;
        refused.problem(405, "method_not_allowed");
    }
}

pub async fn health_answers_while_passwords_are_hashed(binary: &Binary) {
    const SIGN_UPS: usize = 200;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", "memory:", "--rate-limit", "off"];
    let server = binary.start_with(folder.path(), &arguments).await;
    let mut sign_ups = JoinSet::new();
    for number in 0..SIGN_UPS {
        let guest = server.as_ref().guest();
        let account = json!({"email": format!("u{number}@example.com"), "password": "correct horse battery"});
        sign_ups.spawn(async move { guest.post("/api/auth/signup", account).await.status });
    }
    let guest = server.as_ref().guest();
    let mut waits = Vec::new();
    let all = async {
        while !sign_ups.is_empty() {
            let began = Instant::now();
            guest.get("/health").await.ok(200);
            waits.push(began.elapsed());
            while let Some(status) = sign_ups.try_join_next() {
                // Told to come back where there is no room to wait.
                assert!(matches!(status.unwrap(), 201 | 503));
            }
        }
    };
    within(all).await;
    waits.sort_unstable();
    let p99 = waits[waits.len() * 99 / 100];
    println!(
        "/health while {SIGN_UPS} passwords are hashed: p99 {p99:?} of {}",
        waits.len()
    );
    // Hashed where requests are served, it would wait for most of them.
    assert!(p99 < Duration::from_secs(1), "{p99:?}");
}
