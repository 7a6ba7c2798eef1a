//! Whatever comes in, an answer in the contract's shape goes out: no 5xx, no panic, and nothing oversold by it.
//!
//! 20,000 requests; `EVENTLY_HOSTILE_CASES=1000000` for more.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod input;
mod plain;

use bytes::Bytes;
use evently_core::domain::{Caller, EventDraft, UserId};
use evently_core::requests::BookRequest;
use evently_core::{Evently, memory::MemoryStore};
use evently_http::auth::{JwtSecret, SignIn};
use evently_http::conformance::Target;
use evently_http::{Api, Body, Head, Reply};
use futures::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use input::{Input, Known};
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An API with something in it to be hostile to.
async fn api() -> (Api, Known) {
    let secret = JwtSecret::random();
    let target = Target::new("http://127.0.0.1:1", &secret);
    let evently = Evently::builder(Arc::new(MemoryStore::new())).build();
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    let day = |days: u64| evently.now() + Duration::from_secs(days * 86_400);
    let user = target.user();
    let caller = Caller::user(user.user_id().parse().unwrap());
    let mut known = Known {
        events: Vec::new(),
        bookings: Vec::new(),
        ticket_type: String::new(),
        user: user.token().to_owned(),
        admin: target.admin().token().to_owned(),
    };
    // Many, since some are soon cancelled.
    for _ in 0..500 {
        let draft = EventDraft::general("Lighthouse", "Harbour hall", day(30), day(31), 1_000);
        let event = evently.create_event(&admin, draft).await.unwrap().event;
        let request = BookRequest::quantity(2);
        let placed = evently.book(&caller, event.id, request).await.unwrap();
        known.bookings.push(placed.booking().unwrap().id.to_string());
        known.events.push(event.id.to_string());
        known.ticket_type = event.ticket_types[0].id.to_string();
    }
    let api = Api::builder(evently, SignIn::accounts(secret)).rate_limits("off".parse().unwrap());
    (api.build(), known)
}

async fn ask(api: &Api, input: &Input) -> Reply {
    let mut headers = HeaderMap::new();
    for (name, value) in &input.headers {
        // What cannot be a header does not get through a server's parser.
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let head = Head {
        method: Method::from_bytes(input.method.as_bytes()).unwrap(),
        path: input.path.clone(),
        prefix_bytes: 0,
        path_params: Vec::new(),
        query: input.query.clone(),
        headers,
        peer: Some([127, 0, 0, 1].into()),
    };
    let body = Ok::<_, Infallible>(Bytes::from(input.body.clone()));
    plain::answer(api, head, stream::iter([body])).await
}

/// How many answers had which status.
type Tally = Mutex<BTreeMap<u16, u64>>;

/// What is wrong with an answer.
async fn fault(reply: Reply, input: &Input, tally: &Tally) -> Option<String> {
    let status = reply.status.as_u16();
    *tally.lock().unwrap().entry(status).or_default() += 1;
    if status >= 500 {
        return Some(format!("a {status}"));
    }
    if !reply.headers.contains_key("x-request-id") {
        return Some("no request id".to_owned());
    }
    let is_problem = reply
        .headers
        .get("content-type")
        .is_some_and(|kind| kind == "application/problem+json");
    if is_problem != (status >= 400) {
        return Some(format!("a {status} that is a problem: {is_problem}"));
    }
    let body = match reply.body {
        Body::Whole(body) => body,
        // The first piece of a stream; the stream of an event does not end by itself.
        Body::Streamed(mut pieces) => {
            return match pieces.next().await {
                Some(Err(cut)) => Some(cut.to_string()),
                _ => None,
            };
        }
    };
    let is_text = input.path == "/metrics" || input.path.starts_with("/docs");
    if body.is_empty() || (is_text && !is_problem) {
        return None;
    }
    let json: Value = match serde_json::from_slice(&body) {
        Ok(json) => json,
        Err(error) => return Some(format!("no JSON: {error}")),
    };
    let shape = [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
    ];
    let lacks = |member: &&str| json.get(*member).is_none();
    let lacking = shape.iter().find(|member| is_problem && lacks(member));
    lacking.map(|member| format!("a problem without {member}"))
}

#[test]
fn whatever_is_asked_is_answered_in_shape() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let (api, known) = runtime.block_on(api());
    let set = std::env::var("EVENTLY_HOSTILE_CASES").ok();
    let config = Config {
        cases: set.map_or(20_000, |cases| cases.parse().expect("a number of cases")),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let tally = Tally::default();
    let outcome = TestRunner::new(config).run(&input::requests(known), |input| {
        let answered = async {
            let reply = tokio::spawn({
                let (api, input) = (api.clone(), input.clone());
                async move { ask(&api, &input).await }
            });
            match tokio::time::timeout(Duration::from_secs(20), reply).await {
                Ok(Ok(reply)) => fault(reply, &input, &tally).await,
                Ok(Err(panic)) => Some(panic.to_string()),
                Err(_) => Some("no answer".to_owned()),
            }
        };
        match runtime.block_on(answered) {
            None => Ok(()),
            Some(fault) => Err(proptest::test_runner::TestCaseError::fail(fault)),
        }
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(fault, input)) => panic!("{fault}: {input:?}"),
        Err(error) => panic!("{error}"),
    }
    let tally = tally.into_inner().unwrap();
    println!("answers by status: {tally:?}");
    // Inputs that never get past the first check prove little.
    for status in [200, 201, 400, 404, 409, 415, 422] {
        assert!(tally.contains_key(&status), "no {status} in {tally:?}");
    }
    let report = runtime.block_on(api.evently().verify(|_| ())).unwrap();
    assert_eq!(report.wrong, [], "{} events", report.events);
}
