//! Parameters and headers that several operations share.

use super::words::one_of;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{
    Components, ComponentsBuilder, KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{Ref, RefOr, Required};

const REQUEST_ID: &str = "X-Request-Id";
const RATE_LIMIT: &str = "RateLimit";
const RATE_LIMIT_POLICY: &str = "RateLimit-Policy";

/// Where the parameter is that every operation has.
pub(super) const REQUEST_ID_REF: &str = "#/components/parameters/RequestId";

/// A text.
pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A text of this format.
fn formatted(format: KnownFormat) -> Object {
    text().format(Some(SchemaFormat::KnownFormat(format))).build()
}

/// A query parameter that may be left out.
pub(super) fn query(name: &str, about: &str, schema: impl Into<RefOr<Schema>>) -> Parameter {
    parameter(ParameterIn::Query, Required::False, name, about, schema)
}

/// A query parameter that is one of these words.
pub(super) fn query_word(
    name: &str,
    about: &str,
    words: impl IntoIterator<Item = &'static str>,
    default: Option<&'static str>,
) -> Parameter {
    let mut schema = one_of(words);
    schema.default = default.map(Into::into);
    query(name, about, schema)
}

/// A query parameter that is a UUID.
pub(super) fn query_id(name: &str, about: &str) -> Parameter {
    query(name, about, formatted(KnownFormat::Uuid))
}

/// A query parameter that is a text to look for.
pub(super) fn query_text(name: &str, about: &str) -> Parameter {
    query(
        name,
        about,
        text()
            .max_length(Some(200))
            .pattern(Some(r"^[^\u0000]*$"))
            .build(),
    )
}

/// `from` and `to`: a span that includes its beginning and not its end.
pub(super) fn span(of: &str) -> [Parameter; 2] {
    let instant = || formatted(KnownFormat::DateTime);
    [
        query("from", &format!("{of} not before this."), instant()),
        query("to", &format!("{of} before this."), instant()),
    ]
}

/// `limit`.
pub(super) fn limit() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(100))
        .default(Some(20.into()))
        .build();
    query("limit", "How many rows at most.", schema)
}

/// `limit` and `cursor`.
pub(super) fn page() -> [Parameter; 2] {
    let about = "The `next_cursor` of the page before, asked for with the same other parameters.";
    [
        limit(),
        query("cursor", about, text().pattern(Some("^[A-Za-z0-9_-]+$")).build()),
    ]
}

/// The id in the path.
pub(super) fn id(about: &str) -> Parameter {
    let id = formatted(KnownFormat::Uuid);
    parameter(ParameterIn::Path, Required::True, "id", about, id)
}

/// The caller's key, under both of its names.
pub(super) fn idempotency_key() -> [Parameter; 2] {
    let key = || {
        text()
            .min_length(Some(1))
            .max_length(Some(255))
            .pattern(Some("^[!#-~]+$"))
            .examples(["2f1c9d5e"])
            .build()
    };
    let about = "Asked again with the same key, about the same event, the request has one effect and the same \
                 answer. Visible ASCII characters, bare or quoted. A key lives as long as what it made.";
    let twin = "The same as `Idempotency-Key`; if both are sent they must be equal.";
    [
        header(Required::False, "Idempotency-Key", about, key()),
        header(Required::False, "X-Idempotency-Key", twin, key()),
    ]
}

/// How long to wait for a worker.
pub(super) fn prefer() -> Parameter {
    let about = "In queued intake: `respond-async` answers 202 as soon as the request is safely queued; `wait=N` \
                 waits for its outcome at most N seconds (30 at most, 5 where nothing is said).";
    let preference = text().examples(["respond-async", "wait=10"]).build();
    header(Required::False, "Prefer", about, preference)
}

/// The version that a change is made on.
pub(super) fn if_match() -> Parameter {
    let about = "The event's `version`, or its ETag.";
    let version = text()
        .pattern(Some(r#"^"[0-9]{1,18}"$"#))
        .examples(["\"3\""])
        .build();
    header(Required::True, "If-Match", about, version)
}

/// The tag that the caller knows already.
pub(super) fn if_none_match() -> Parameter {
    let about = "The ETag of what is known already.";
    header(Required::False, "If-None-Match", about, text().build())
}

fn header(required: Required, name: &str, about: &str, schema: Object) -> Parameter {
    parameter(ParameterIn::Header, required, name, about, schema)
}

fn parameter(
    place: ParameterIn,
    required: Required,
    name: &str,
    about: &str,
    schema: impl Into<RefOr<Schema>>,
) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}

/// A header of an answer.
pub(super) fn answer_header(about: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(text().build()))
        .description(Some(about))
        .build()
}

/// Adds the headers that every answer has, and those of counted ones.
pub(super) fn common_headers(answer: &mut Response, is_counted: bool) {
    let counted = is_counted.then_some([RATE_LIMIT_POLICY, RATE_LIMIT]);
    for name in [REQUEST_ID].into_iter().chain(counted.into_iter().flatten()) {
        let reference = Ref::new(format!("#/components/headers/{name}"));
        answer.headers.insert(name.to_owned(), RefOr::Ref(reference));
    }
}

/// The shared ones, as components.
pub(super) fn components() -> Components {
    let about = "What the request is called in logs and in the answer: 1 to 128 of `[A-Za-z0-9._-]`, else one is \
                 made.";
    let id = text().examples(["checkout-7.1"]).build();
    ComponentsBuilder::new()
        .parameter("RequestId", header(Required::False, REQUEST_ID, about, id))
        .header(REQUEST_ID, answer_header("What the request is called."))
        .header(
            RATE_LIMIT_POLICY,
            answer_header("How many requests (`q`) are allowed in how many seconds (`w`)."),
        )
        .header(
            RATE_LIMIT,
            answer_header(
                "How many requests are left (`r`), and the seconds until none counts any more (`t`).",
            ),
        )
        .build()
}
