//! Hostile requests: routes of the contract, asked with whatever is likely to be taken wrongly.

use evently_http::routes::ROUTES;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What a stranger may know, to get past the first checks.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) events: Vec<String>,
    pub(crate) ticket_type: String,
    pub(crate) bookings: Vec<String>,
    pub(crate) user: String,
    pub(crate) admin: String,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: Vec<(&'static str, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

/// The members of the contract's bodies.
const MEMBERS: [&str; 36] = [
    "quantity",
    "ticket_type_id",
    "seats",
    "best_available",
    "items",
    "on_full",
    "section_id",
    "adjacent",
    "accessible",
    "payment_reference",
    "email",
    "password",
    "name",
    "refresh_token",
    "venue",
    "starts_at",
    "ends_at",
    "capacity",
    "sections",
    "rows",
    "label",
    "blocked",
    "ticket_types",
    "section",
    "price_minor",
    "min_per_booking",
    "max_per_booking",
    "policy",
    "per_user_limit",
    "hold_seconds",
    "cancel_until",
    "waitlist",
    "metadata",
    "timezone",
    "currency",
    "status",
];

/// Queries that the contract knows, without their values.
const PARAMETERS: [&str; 18] = [
    "q",
    "venue",
    "from",
    "to",
    "phase",
    "available",
    "sort",
    "limit",
    "cursor",
    "section_id",
    "status",
    "event_id",
    "by",
    "bucket",
    "dry_run",
    "x",
    "limit",
    "cursor",
];

/// Texts that have broken parsers.
const TEXTS: [&str; 34] = [
    "",
    "0",
    "-1",
    "1",
    "2",
    "null",
    "true",
    "1e999",
    "-0",
    "0.5",
    "1.0",
    "99999999999999999999",
    "2147483648",
    "9223372036854775807",
    "A-1",
    "reject",
    "waitlist",
    "EUR",
    "XXX",
    "Europe/Berlin",
    "Mars/Base",
    "2199-06-01T19:00:00Z",
    "2199-06-01T22:00:00+25:00",
    "-009999-01-02T01:59:59Z",
    "9999-12-31T23:59:59.999999999Z",
    "\u{0}",
    "\u{202e}\u{fe0f}",
    "' OR 1=1 --",
    "../../etc/passwd",
    "${jndi:ldap://x}",
    "=HYPERLINK(\"x\")",
    "ada@example.org",
    "correct horse battery",
    "%00",
];

/// A good body of everything that takes one, for hostile members to be put into.
const BODIES: [&str; 9] = [
    r#"{"quantity":1}"#,
    r#"{"seats":["A-1","A-2"]}"#,
    r#"{"best_available":{"quantity":2,"adjacent":true}}"#,
    r#"{"items":[{"ticket_type_id":"TYPE","quantity":1}],"on_full":"waitlist"}"#,
    r#"{"payment_reference":"ref"}"#,
    r#"{"email":"ada@example.org","password":"x"}"#,
    r#"{"name":"N","venue":"V","starts_at":"2199-06-01T19:00:00Z","ends_at":"2199-06-01T22:00:00Z","capacity":5}"#,
    r#"{"name":"N","venue":"V","starts_at":"2199-06-01T19:00:00Z","ends_at":"2199-06-01T22:00:00Z","sections":[{"name":"S","rows":[{"label":"A","seats":3}]}],"ticket_types":[{"name":"T","section":"S","price_minor":5}],"policy":{"waitlist":"offer"},"metadata":{"a":[1]}}"#,
    r#"{"capacity":2000,"policy":{"per_user_limit":3}}"#,
];

/// The bodies that are good for a route.
fn suiting(template: &str) -> &'static [&'static str] {
    let from_to = match template.rsplit('/').next() {
        Some("book" | "holds") => 0..4,
        Some("waitlist") => 0..1,
        Some("confirm") => 4..5,
        Some("signup" | "login") => 5..6,
        Some("events") => 6..8,
        Some("{id}") => 6..9,
        _ => 0..BODIES.len(),
    };
    &BODIES[from_to]
}

/// Requests.
pub(crate) fn requests(known: Known) -> impl Strategy<Value = Input> {
    let routes: Vec<_> = ROUTES
        .iter()
        .map(|route| (name_of(&route.method), route.path))
        .collect();
    let other = select(vec!["GET", "HEAD", "PUT", "OPTIONS", "TRACE", "X"]);
    let route = (select(routes), proptest::option::weighted(0.03, other));
    route.prop_flat_map(move |((method, template), other)| {
        let parts = (
            id(&known, template),
            query(),
            headers(&known),
            body(&known, suiting(template)),
        );
        parts.prop_map(move |(id, query, headers, body)| Input {
            method: other.unwrap_or(method),
            path: template.replace("{id}", &id),
            query,
            headers,
            body,
        })
    })
}

/// What stands for the id in a path: mostly one that is there.
fn id(known: &Known, template: &str) -> impl Strategy<Value = String> + use<> {
    let there = match template.starts_with("/api/bookings") {
        true => &known.bookings,
        false => &known.events,
    };
    prop_oneof![
        8 => select(there.clone()),
        1 => select(known.bookings.clone()),
        1 => select(TEXTS.to_vec()).prop_map(percent_encoded),
        1 => "[!-~&&[^/?#]]{1,40}",
    ]
}

fn name_of(method: &http::Method) -> &'static str {
    ["GET", "POST", "PATCH", "DELETE"]
        .into_iter()
        .find(|name| *name == method.as_str())
        .expect("a method of the contract")
}

fn percent_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

fn query() -> impl Strategy<Value = Option<String>> {
    let value = prop_oneof![
        4 => select(TEXTS.to_vec()).prop_map(percent_encoded),
        2 => select(TEXTS.to_vec()).prop_map(|text| text.replace(['\0', ' '], "+")),
        1 => "[!-~]{0,30}",
        1 => Just("%ff%fe".to_owned()),
        1 => "[a-z_]{1,12}",
    ];
    let pair = (select(PARAMETERS.to_vec()), value).prop_map(|(name, value)| format!("{name}={value}"));
    proptest::option::weighted(0.5, vec(pair, 0..4).prop_map(|pairs| pairs.join("&")))
}

fn headers(known: &Known) -> impl Strategy<Value = Vec<(&'static str, Vec<u8>)>> + use<> {
    let text = || select(TEXTS.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    let anything = || prop_oneof![text(), vec(any::<u8>(), 0..300)];
    let token = prop_oneof![
        4 => Just(format!("Bearer {}", known.user).into_bytes()),
        4 => Just(format!("bearer {}", known.admin).into_bytes()),
        1 => Just(b"Bearer eyJhbGciOiJub25lIn0.e30.".to_vec()),
        1 => vec(any::<u8>(), 0..80),
    ];
    let content_type = prop_oneof![
        12 => Just(b"application/json".to_vec()),
        1 => Just(b"application/merge-patch+json; charset=utf-8".to_vec()),
        1 => anything(),
    ];
    let condition = || {
        prop_oneof![
            3 => select(vec![&b"\"1\""[..], b"1", b"*", b"W/\"1\"", b"\"1\", \"2\"", b"\""]).prop_map(<[u8]>::to_vec),
            1 => anything(),
        ]
    };
    let one = prop_oneof![
        (Just("if-match"), condition()),
        (Just("if-none-match"), condition()),
        (
            select(vec![
                "idempotency-key",
                "x-idempotency-key",
                "prefer",
                "last-event-id",
                "accept",
                "x-request-id",
                "x-forwarded-for",
                "content-encoding",
                "authorization",
                "content-length",
            ]),
            anything()
        ),
        (Just("accept"), Just(b"text/csv".to_vec())),
    ];
    let token = proptest::option::weighted(0.9, token.prop_map(|value| ("authorization", value)));
    (token, content_type, vec(one, 0..3)).prop_map(|(token, content_type, others)| {
        let mut headers = others;
        headers.extend(token);
        headers.push(("content-type", content_type));
        headers
    })
}

fn body(known: &Known, suiting: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let ticket_type = known.ticket_type.clone();
    let good = prop_oneof![6 => select(suiting), 1 => select(&BODIES[..])];
    let good = good.prop_map(move |body| body.replace("TYPE", &ticket_type));
    let altered = (
        good,
        vec((select(MEMBERS.to_vec()), json()), 0..3),
        any::<Index>(),
    )
        .prop_map(|(good, members, place)| {
            let members: String = members
                .iter()
                .map(|(name, value)| format!(",\"{name}\":{value}"))
                .collect();
            // Into the object, or into one inside it.
            let ends: Vec<usize> = good.match_indices('}').map(|(at, _)| at).collect();
            let at = ends[place.index(ends.len())];
            format!("{}{members}{}", &good[..at], &good[at..]).into_bytes()
        });
    let object = vec((select(MEMBERS.to_vec()), json()), 0..6).prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    });
    let cut = (select(BODIES.to_vec()), any::<Index>())
        .prop_map(|(body, at)| body.as_bytes()[..at.index(body.len())].to_vec());
    let deep = select(vec![
        (b'[', 10_000),
        (b'{', 10_000),
        (b'[', 70_000),
        (b'1', 60_000),
    ])
    .prop_map(|(byte, times)| vec![byte; times]);
    prop_oneof![
        20 => altered,
        4 => object,
        1 => cut,
        1 => vec(any::<u8>(), 0..200),
        1 => json().prop_map(String::into_bytes),
        1 => Just(Vec::new()),
        1 => deep,
    ]
}

/// Something like a JSON value, as text.
fn json() -> impl Strategy<Value = String> {
    let quoted = |text: &str| serde_json::to_string(text).expect("text");
    let leaf = prop_oneof![
        3 => select(TEXTS.to_vec()).prop_map(quoted),
        // Bare: numbers, words, and what is no JSON.
        3 => select(TEXTS.to_vec()).prop_map(str::to_owned),
        2 => (-3i64..200).prop_map(|number| number.to_string()),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => any::<f64>().prop_map(|number| format!("{number:e}")),
        1 => ".{0,40}".prop_map(move |text| quoted(&text)),
        1 => select(vec!["\"\\ud800\"", "\"\\u0000\"", "\"\\x\"", "01", "+1", "NaN", "[]", "{}", "{\"a\":1,\"a\":2}"])
            .prop_map(str::to_owned),
        1 => (1usize..3_000).prop_map(|length| format!("\"{}\"", "é".repeat(length))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            vec((select(MEMBERS.to_vec()), inner), 0..4).prop_map(|members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("\"{name}\":{value}"))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}
