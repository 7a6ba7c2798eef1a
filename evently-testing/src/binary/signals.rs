//! Stopping: what is in flight is finished, what is new is not begun.

use super::process::{Binary, Server, within};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

async fn event(server: &Server, capacity: u32) -> String {
    let event = json!({
        "name": "Ferry", "venue": "Pier 4", "capacity": capacity,
        "starts_at": "2100-01-01T10:00:00Z", "ends_at": "2100-01-01T12:00:00Z",
    });
    let made = server
        .as_ref()
        .admin()
        .post("/api/admin/events", event)
        .await
        .ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A booking whose body has not come yet; `finish` sends it.
struct Unfinished(TcpStream);

impl Unfinished {
    const BODY: &str = r#"{"quantity":1}"#;

    async fn begin(server: &Server) -> Self {
        let id = event(server, 10).await;
        let (user, authority) = (server.as_ref().user(), server.authority());
        let head = format!(
            "POST /api/events/{id}/book HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
            user.token(),
            Self::BODY.len()
        );
        let mut stream = TcpStream::connect(authority).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // The server asks for the body: the request is in flight.
        let mut asked = [0; 25];
        within(stream.read_exact(&mut asked)).await.unwrap();
        assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
        Self(stream)
    }

    async fn finish(mut self) -> String {
        self.0.write_all(Self::BODY.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within(self.0.read_to_string(&mut answer)).await.unwrap();
        answer
    }
}

pub async fn the_first_signal_drains_and_the_second_does_not_cut_that_short(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = binary.start(folder.path(), "sqlite:evently.db").await;
    let unfinished = Unfinished::begin(&server).await;
    let mut rested = TcpStream::connect(server.authority()).await.unwrap();
    let ready = b"GET /health/ready HTTP/1.1\r\nhost: a\r\n\r\n";
    rested.write_all(ready).await.unwrap();
    let mut bytes = vec![0; 4096];
    let read = within(rested.read(&mut bytes)).await.unwrap();
    assert!(bytes[..read].starts_with(b"HTTP/1.1 200"));

    server.signal("TERM").await;
    server.logs("no new connections").await;
    assert!(TcpStream::connect(server.authority()).await.is_err());
    rested.write_all(ready).await.unwrap();
    let mut answer = String::new();
    within(rested.read_to_string(&mut answer)).await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("connection: close"),
        "{answer}"
    );

    server.signal("TERM").await;
    server.logs("still finishing").await;
    let answer = unfinished.finish().await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(server.ended().await.code(), Some(0));
}

pub async fn the_third_signal_ends_at_once(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = binary.start(folder.path(), "memory:").await;
    let _unfinished = Unfinished::begin(&server).await;
    for (signal, said) in [
        ("TERM", "asked to stop"),
        ("INT", "still finishing"),
        ("TERM", "at once"),
    ] {
        server.signal(signal).await;
        server.logs(said).await;
    }
    assert_eq!(server.ended().await.code(), Some(1));
}

pub async fn an_idle_server_stops_at_once(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let mut server = binary.start(folder.path(), "sqlite:evently.db").await;
    server.signal("INT").await;
    assert_eq!(server.ended().await.code(), Some(0));
}

/// A client that books on one connection without a pause until it is told that an answer was the last.
async fn book_until_told(mut stream: TcpStream, request: String, booked: Arc<AtomicU32>) {
    let mut told = false;
    while !told {
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        booked.fetch_add(1, Ordering::Relaxed);
        told = answer.contains("connection: close\r\n");
    }
    let mut rest = String::new();
    within(stream.read_to_string(&mut rest)).await.unwrap();
    assert_eq!(rest, "");
}

/// One answer, by its length.
async fn read_answer(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        assert_ne!(
            within(stream.read_buf(&mut bytes)).await.unwrap(),
            0,
            "closed without an answer"
        );
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.split("content-length: ").nth(1).unwrap();
            if body.len() == length.lines().next().unwrap().parse::<usize>().unwrap() {
                return text.into_owned();
            }
        }
    }
}

pub async fn no_request_fails_while_the_server_drains_under_load(binary: &Binary) {
    const CLIENTS: usize = 32;
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", "sqlite:evently.db", "--rate-limit", "off"];
    let mut server = binary.start_with(folder.path(), &arguments).await;
    let id = event(&server, 1_000_000).await;
    let booked = Arc::new(AtomicU32::new(0));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let stream = TcpStream::connect(server.authority()).await.unwrap();
        let body = r#"{"quantity":1}"#;
        let request = format!(
            "POST /api/events/{id}/book HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            server.as_ref().user().token(),
            body.len()
        );
        clients.spawn(book_until_told(stream, request, Arc::clone(&booked)));
    }
    while booked.load(Ordering::Relaxed) < 500 {
        tokio::task::yield_now().await;
    }
    server.signal("TERM").await;
    within(clients.join_all()).await;
    assert_eq!(server.ended().await.code(), Some(0));

    let server = binary.start(folder.path(), "sqlite:evently.db").await;
    let left = server.as_ref().guest();
    let left = left.get(&format!("/api/events/{id}/availability")).await.ok(200);
    assert_eq!(left["sold"], booked.load(Ordering::Relaxed));
}
