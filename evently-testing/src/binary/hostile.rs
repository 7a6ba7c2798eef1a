//! Clients that do not keep to the rules, on raw sockets.

use super::process::{Binary, Server, within};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends bytes and reads until the server closes (or resets, where bytes were left unread).
async fn converse(server: &Server, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.authority()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    read_to_close(&mut stream).await
}

async fn read_to_close(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = within(stream.read(&mut bytes)).await {
        answer.extend_from_slice(&bytes[..read]);
    }
    String::from_utf8(answer).unwrap()
}

pub async fn a_body_announced_in_two_ways_is_refused_and_nothing_after_it_is_heard(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    let (length, encoding) = ("content-length: 4\r\n", "transfer-encoding: chunked\r\n");
    for both in [format!("{length}{encoding}"), format!("{encoding}{length}")] {
        let request = format!("POST /api/auth/login HTTP/1.1\r\nhost: a\r\n{both}\r\n0\r\n\r\n");
        let smuggled = "GET /health HTTP/1.1\r\nhost: a\r\n\r\n";
        let answer = converse(&server, &format!("{request}{smuggled}")).await;
        assert!(
            answer.starts_with("HTTP/1.1 400") && answer.contains(r#""code":"malformed""#),
            "{answer}"
        );
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
}

pub async fn what_has_no_path_is_not_found(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    for line in ["CONNECT a:80", "OPTIONS *"] {
        let answer = converse(&server, &format!("{line} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        assert!(
            answer.starts_with("HTTP/1.1 404") && answer.contains(r#""code":"not_found""#),
            "{line}: {answer}"
        );
    }
}

pub async fn what_no_route_takes_leaves_the_connection_to_the_next_request(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    for (line, status) in [("POST /nothing", "404"), ("PUT /api/events", "405")] {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        let head = format!("{line} HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        // Long enough for an answer that does not wait for the body.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let rest = "bodyGET /health/live HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        stream.write_all(rest.as_bytes()).await.unwrap();
        let answers = read_to_close(&mut stream).await;
        assert!(answers.starts_with(&format!("HTTP/1.1 {status}")), "{answers}");
        assert!(answers.contains("HTTP/1.1 200"), "{line}: {answers}");
    }
}

pub async fn what_is_done_is_answered_whatever_coding_is_refused(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    for refused in ["*;q=0", "identity;q=0"] {
        let request = format!(
            "GET /openapi.json HTTP/1.1\r\nhost: a\r\nconnection: close\r\naccept-encoding: {refused}\r\n\r\n"
        );
        let answer = converse(&server, &request).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.trim_end().ends_with('}'),
            "{refused}: {:.300}",
            answer
        );
    }
}

pub async fn what_is_not_http_is_refused(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    let many = "x: y\r\n".repeat(200);
    let long = "y".repeat(40 * 1024);
    let requests = [
        ("nonsense\r\n\r\n".to_owned(), "HTTP/1.1 400"),
        (
            "GET /health HTTP/1.1\r\nbad header\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
        (
            "POST / HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n".to_owned(),
            "HTTP/1.1 400",
        ),
        (format!("GET /health HTTP/1.1\r\n{many}\r\n"), "HTTP/1.1 431"),
        (
            format!("GET /health HTTP/1.1\r\nx: {long}\r\n\r\n"),
            "HTTP/1.1 431",
        ),
    ];
    for (request, status) in requests {
        let answer = converse(&server, &request).await;
        assert!(answer.starts_with(status), "{:.60}: {answer}", request);
        let in_shape =
            answer.contains("content-type: application/problem+json") && answer.contains("x-request-id: ");
        assert!(in_shape && answer.ends_with('}'), "{:.60}: {answer}", request);
    }
    server.as_ref().guest().get("/health").await.ok(200);
}

pub async fn a_body_that_is_too_large_is_told_so_even_while_it_is_sent(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    let head = "POST /api/auth/login HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                content-type: application/json\r\n";
    let body = "x".repeat(600_000);
    let sized = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    let chunked = format!(
        "{head}transfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        body.len()
    );
    for request in [sized, chunked] {
        let answer = converse(&server, &request).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains(r#""code":"payload_too_large""#), "{answer}");
    }
}

pub async fn a_client_that_is_slow_with_its_headers_is_cut(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let server = binary.start(folder.path(), "memory:").await;
    let began = Instant::now();
    let answer = converse(&server, "GET /health HTTP/1.1\r\nhost:").await;
    let waited = began.elapsed();
    assert_eq!(answer, "");
    let allowed = Duration::from_secs(9)..Duration::from_secs(15);
    assert!(allowed.contains(&waited), "{waited:?}");
}

pub async fn one_connection_too_many_is_told_so_and_a_free_place_is_taken(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", "memory:", "--max-connections", "2"];
    let server = binary.start_with(folder.path(), &arguments).await;
    let request = "GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n";
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(server.authority()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = [0; 4096];
        let read = within(stream.read(&mut bytes)).await.unwrap();
        assert!(bytes[..read].starts_with(b"HTTP/1.1 200"));
        kept.push(stream);
    }
    let refused = converse(&server, request).await;
    assert!(
        refused.starts_with("HTTP/1.1 503") && refused.contains("retry-after: 1"),
        "{refused}"
    );

    // One goes; once the server has noticed, its place is free.
    kept[0].shutdown().await.unwrap();
    assert_eq!(read_to_close(&mut kept[0]).await, "");
    let closing = request.replace("host: a", "host: a\r\nconnection: close");
    let served = async {
        while !converse(&server, &closing).await.starts_with("HTTP/1.1 200") {
            tokio::task::yield_now().await;
        }
    };
    within(served).await;
}
