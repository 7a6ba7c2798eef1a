//! What is left, as it changes.

use super::client::{Client, Target};
use super::fixture::{Made, event, general};
use http::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long anything may take before a case fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(30);

/// A stream of server-sent events, as a browser reads it.
struct Stream {
    response: reqwest::Response,
    unread: String,
}

/// One of its events.
#[derive(Debug)]
struct Event {
    id: u64,
    data: Value,
}

impl Stream {
    /// Opens an event's stream, as one who has seen this last or nothing.
    async fn open(client: &Client, made: &Made, seen: Option<&str>) -> Self {
        let headers: Vec<_> = seen.iter().map(|id| ("last-event-id", *id)).collect();
        let response = client.open(&made.path("/stream"), &headers).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            response,
            unread: String::new(),
        }
    }

    /// The next event, comments left out.
    async fn next(&mut self) -> Event {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                if !block.starts_with(':') {
                    return parse(&block);
                }
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let Ok(Ok(Some(chunk))) = chunk else {
                panic!("the stream does not go on: {chunk:?}")
            };
            self.unread.push_str(str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads on until so many are left.
    async fn until_available(&mut self, available: u64) -> Event {
        loop {
            let event = self.next().await;
            if event.data["available"] == available {
                return event;
            }
        }
    }
}

fn parse(block: &str) -> Event {
    let field = |name: &str| {
        let mut lines = block.lines().filter_map(|line| line.strip_prefix(name));
        lines.next().unwrap_or_else(|| panic!("no {name} in {block:?}"))
    };
    assert_eq!(field("event: "), "availability");
    Event {
        id: field("id: ").parse().unwrap(),
        data: serde_json::from_str(field("data: ")).unwrap(),
    }
}

async fn book_one(client: &Client, made: &Made) {
    client
        .post(&made.path("/book"), json!({"quantity": 1}))
        .await
        .ok(201);
}

pub async fn a_stream_begins_with_what_is_left(target: &Target) {
    let made = general(target, 7).await;
    let guest = target.guest();
    let first = Stream::open(&guest, &made, None).await.next().await;
    let read = guest.get(&made.path("/availability")).await.ok(200);
    assert_eq!(first.data, read);
    assert_eq!(first.data["version"], first.id);
}

pub async fn each_change_is_streamed(target: &Target) {
    let made = general(target, 7).await;
    let user = target.user();
    let mut stream = Stream::open(&target.guest(), &made, None).await;
    let mut last = stream.next().await;
    for left in [6, 5, 4] {
        book_one(&user, &made).await;
        let next = stream.until_available(left).await;
        assert!(next.id > last.id, "{last:?}, then {next:?}");
        assert_eq!(next.data["sold"], 7 - left);
        last = next;
    }
}

pub async fn who_comes_back_to_a_stream_is_told_what_is_left_at_once(target: &Target) {
    let made = general(target, 7).await;
    let (guest, user) = (target.guest(), target.user());
    let before = Stream::open(&guest, &made, None)
        .await
        .next()
        .await
        .id
        .to_string();
    book_one(&user, &made).await;
    let first = Stream::open(&guest, &made, None).await.next().await;
    let now = first.id.to_string();
    // Time may have changed the phase at the version that was seen; what is no version is nobody's concern.
    for seen in [&before, &now, "", "x", "-1", "1.5", "99999999999999999999"] {
        let again = Stream::open(&guest, &made, Some(seen)).await.next().await;
        assert_eq!((again.id, &again.data), (first.id, &first.data), "{seen:?}");
    }
}

pub async fn drafts_are_streamed_to_admins_alone(target: &Target) {
    let made = event(target, json!({"capacity": 5, "status": "draft"})).await;
    for stranger in [target.guest(), target.user()] {
        stranger
            .get(&made.path("/stream"))
            .await
            .problem(404, "not_found");
    }
    let mut stream = Stream::open(&made.admin, &made, None).await;
    assert_eq!(stream.next().await.data["phase"], "draft");
    made.admin.delete(&made.admin_path("")).await.ok(204);
    let ended = async { while stream.response.chunk().await.unwrap().is_some() {} };
    let ended = tokio::time::timeout(PATIENCE, ended).await;
    assert!(ended.is_ok(), "the stream goes on, though the event is gone");
    let nobody = target.guest().get(&made.path("/stream")).await;
    nobody.problem(404, "not_found");
    let bad = target.with_token("bad").get(&made.path("/stream")).await;
    bad.problem(401, "unauthorized");
}

pub async fn a_storm_of_changes_is_streamed_ten_times_a_second(target: &Target) {
    let made = general(target, 100).await;
    let mut stream = Stream::open(&target.guest(), &made, None).await;
    let began = Instant::now();
    let storm = async {
        let user = target.user();
        for _ in 0..100 {
            book_one(&user, &made).await;
        }
    };
    let read = async {
        let (mut events, mut last) = (0, 0);
        loop {
            let event = stream.next().await;
            assert!(event.id > last, "{event:?} after {last}");
            (events, last) = (events + 1, event.id);
            if event.data["available"] == 0 {
                return (events, event);
            }
        }
    };
    let ((), (events, end)) = tokio::join!(storm, read);
    let most = 10.0 * began.elapsed().as_secs_f64() + 1.0;
    assert!(f64::from(events) <= most, "{events} events, at most {most:.1}");
    assert_eq!(end.data["phase"], "sold_out");
}

pub async fn many_clients_see_the_same_event(target: &Target) {
    let made = general(target, 7).await;
    let guest = target.guest();
    let mut streams = Vec::new();
    for _ in 0..50 {
        let mut stream = Stream::open(&guest, &made, None).await;
        stream.next().await;
        streams.push(stream);
    }
    book_one(&target.user(), &made).await;
    for stream in &mut streams {
        assert_eq!(stream.until_available(6).await.data["sold"], 1);
    }
}

pub async fn a_stream_is_neither_compressed_nor_given_a_length(target: &Target) {
    let made = general(target, 7).await;
    let encodings = [("accept-encoding", "gzip, deflate, br, zstd")];
    let response = target.guest().open(&made.path("/stream"), &encodings).await;
    for name in ["content-encoding", "content-length"] {
        assert!(!response.headers().contains_key(name), "{name}");
    }
    let head = target
        .guest()
        .send(Method::HEAD, &made.path("/stream"), &[], None)
        .await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), "text/event-stream");
}
