//! What a collector of traces is sent, by binaries built with the feature `otlp`.

use super::process::{Binary, SECRET, Server, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// The trace that the client says its request belongs to.
const TRACE: [u8; 16] = *b"a trace of tests";

pub async fn requests_are_traced_to_the_collector(binary: &Binary) {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut command = binary.command(folder.path(), &["--store", "memory:"]);
    command
        .args(["--listen", "127.0.0.1:0", "--log", "json"])
        .env("EVENTLY_JWT_SECRET", SECRET)
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint);
    let mut server = Server::spawn(command).await;
    let trace: String = TRACE.iter().map(|byte| format!("{byte:02x}")).collect();
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let path = "/api/events/01890a5d-ac96-774b-bcce-b302099a8057?secret=1";
    let headers = [("traceparent", parent.as_str())];
    let answer = server
        .as_ref()
        .guest()
        .send(http::Method::GET, path, &headers, None)
        .await;
    answer.problem(404, "not_found");
    // What is not sent yet is sent before the end.
    server.signal("TERM").await;
    let sent = within(receive(&collector)).await;
    assert!(server.ended().await.success());
    let holds = |text: &[u8]| sent.windows(text.len()).any(|window| window == text);
    for text in [
        "POST /v1/traces",
        "GET /api/events/{id}",
        "http.response.status_code",
        binary.name(),
    ] {
        assert!(
            holds(text.as_bytes()),
            "no {text} in {}",
            String::from_utf8_lossy(&sent)
        );
    }
    assert!(holds(&TRACE), "the request is in the caller's trace");
    assert!(!holds(b"secret="), "queries may hold secrets");
}

/// One request to the collector, whole.
async fn receive(collector: &TcpListener) -> Vec<u8> {
    let (mut connection, _) = collector.accept().await.unwrap();
    let mut sent = Vec::new();
    let whole = loop {
        connection.read_buf(&mut sent).await.unwrap();
        let text = String::from_utf8_lossy(&sent).to_lowercase();
        let Some((head, _)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let length = head
            .split_once("content-length: ")
            .expect("its length is announced")
            .1;
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        break head.len() + 4 + length;
    };
    while sent.len() < whole {
        connection.read_buf(&mut sent).await.unwrap();
    }
    connection
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        .await
        .unwrap();
    sent
}
