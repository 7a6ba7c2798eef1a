//! The problems of the document: their one shape, and for each operation which of them it answers.

use super::parameters;
use super::words::{ProblemCode, one_of};
use crate::code::Code;
use crate::problem::Problem;
use crate::request::RequestId;
use evently_core::Refusal;
use evently_core::domain::{FieldError, Phase};
use http::StatusCode;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use utoipa::ToSchema;
use utoipa::openapi::example::{Example, ExampleBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Schema};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};

/// Every answer that is no success (RFC 9457). The members below `request_id` come with some codes only.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ProblemSchema {
    #[schema(examples("urn:evently:problem:sold_out"))]
    r#type: String,
    title: String,
    /// The answer's status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened, for people.
    detail: String,
    /// The request's path.
    instance: String,
    #[schema(value_type = ProblemCode)]
    code: String,
    /// What the request is called in the service's logs.
    request_id: String,
    /// Everything that is wrong with the request.
    #[schema(nullable = false)]
    errors: Option<Vec<WrongField>>,
    /// Seconds after which trying again helps; also in the `Retry-After` header.
    #[schema(nullable = false)]
    retry_after: Option<u64>,
    /// `sold_out`: what could be had.
    #[schema(nullable = false)]
    available: Option<u32>,
    /// `seat_taken`: which seats.
    #[schema(nullable = false)]
    seats: Option<Vec<String>>,
    /// `below_sold`: what is sold and held.
    #[schema(nullable = false)]
    sold: Option<u32>,
    /// `not_on_sale`: where the event stands.
    #[schema(nullable = false, value_type = Option<super::words::Phase>)]
    phase: Option<String>,
    /// `limit_exceeded`: the tickets that one user may have.
    #[schema(nullable = false)]
    limit: Option<u32>,
    /// `limit_exceeded`: the tickets that the user has.
    #[schema(nullable = false)]
    tickets: Option<u32>,
    /// `version_conflict`: the event's version now.
    #[schema(nullable = false)]
    version: Option<u64>,
    /// `unavailable`, on `/health`: which storage does not answer.
    #[schema(nullable = false)]
    store: Option<String>,
    #[schema(nullable = false)]
    durability: Option<String>,
}

/// A field that is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct WrongField {
    /// Its path in the body.
    #[schema(examples("sections[0].capacity"))]
    field: String,
    /// What it must be: the end of a sentence that begins with the field's name.
    #[schema(examples("must be 1 to 10000000"))]
    message: String,
}

/// What an operation answers with these problems, by status: one that stands alone is the component of its name.
pub(super) fn answers(codes: &[Code]) -> BTreeMap<u16, RefOr<Response>> {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status().as_u16()).or_default().push(*code);
    }
    let answers = by_status
        .into_iter()
        .map(|(status, codes)| match codes.as_slice() {
            [alone] => (status, Ref::from_response_name(alone.as_str()).into()),
            several => (status, answer(several).into()),
        });
    answers.collect()
}

/// The answers with one problem, each by its code.
pub(super) fn components() -> impl Iterator<Item = (&'static str, Response)> {
    Code::ALL.iter().map(|code| (code.as_str(), answer(&[*code])))
}

fn answer(codes: &[Code]) -> Response {
    let words: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let titles: Vec<_> = codes
        .iter()
        .map(|code| format!("{} (`{}`)", code.title(), code.as_str()))
        .collect();
    let own = ObjectBuilder::new().property("code", one_of(words));
    let schema = AllOfBuilder::new()
        .item(Ref::from_schema_name(ProblemSchema::name()))
        .item(own)
        .build();
    let content = ContentBuilder::new()
        .schema(Some(Schema::AllOf(schema)))
        .examples_from_iter(codes.iter().map(|code| (code.as_str(), example(*code))))
        .build();
    let mut answer = ResponseBuilder::new()
        .description(titles.join("; "))
        .content("application/problem+json", content)
        .build();
    for (name, about) in own_headers(codes) {
        answer
            .headers
            .insert((*name).to_owned(), parameters::answer_header(about).into());
    }
    parameters::common_headers(&mut answer, false);
    answer
}

fn own_headers(codes: &[Code]) -> &'static [(&'static str, &'static str)] {
    match codes.first().map(|code| code.status()) {
        Some(StatusCode::UNAUTHORIZED) => &[("WWW-Authenticate", "`Bearer`.")],
        Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => {
            &[("Retry-After", "Seconds after which trying again helps.")]
        }
        _ => &[],
    }
}

fn example(code: Code) -> Example {
    ExampleBuilder::new()
        .summary(code.title())
        .value(Some(body(code)))
        .build()
}

/// What such a problem looks like: made as real ones are.
fn body(code: Code) -> Value {
    let request_id = RequestId::from_uuid(uuid::Uuid::from_u128(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057));
    let reply = sample(code).into_reply("/api/the/path/of/the/request", &request_id);
    let body = reply.body.whole().map(|body| serde_json::from_slice(body));
    body.and_then(Result::ok).unwrap_or_default()
}

fn sample(code: Code) -> Problem {
    let refusal = match code {
        Code::Unauthorized => return Problem::unauthorized(),
        Code::Malformed => {
            return Problem::new(code, "The body is no JSON object: it does not parse.");
        }
        Code::BadCredentials => {
            return Problem::new(code, "There is no account with this e-mail address and password.");
        }
        Code::EmailTaken => return Problem::new(code, "An account has this e-mail address already."),
        Code::MethodNotAllowed => return Problem::method_not_allowed(&[http::Method::GET]),
        Code::PayloadTooLarge => return Problem::payload_too_large(),
        Code::UnsupportedMediaType => {
            return Problem::new(
                code,
                "A body must be uncompressed JSON with the content type application/json.",
            );
        }
        Code::PreconditionRequired => {
            return Problem::new(code, "Name the version that you change, as in If-Match: \"3\".");
        }
        Code::HeadTooLarge => return Problem::new(code, "The request's head is too large."),
        Code::RateLimited => return Problem::rate_limited(Duration::from_secs(2)),
        Code::Internal => return Problem::internal(),
        Code::Unavailable => return Problem::overloaded(),
        Code::NotFound => Refusal::NotFound,
        Code::Forbidden => Refusal::Forbidden,
        Code::Invalid => Refusal::Invalid(vec![FieldError::new(
            "quantity",
            "must be a whole number, 1 to 100",
        )]),
        Code::SoldOut => Refusal::SoldOut { available: 1 },
        Code::SeatTaken => Refusal::SeatTaken {
            seats: vec!["A-1".into()],
        },
        Code::NotOnSale => Refusal::NotOnSale {
            phase: Phase::Scheduled,
        },
        Code::LimitExceeded => Refusal::LimitExceeded { limit: 4, tickets: 3 },
        Code::HoldLimit => Refusal::HoldLimit,
        Code::NotHeld => Refusal::NotHeld,
        Code::CancelClosed => Refusal::CancelClosed,
        Code::NotFull => Refusal::NotFull,
        Code::AlreadyWaitlisted => Refusal::AlreadyWaitlisted,
        Code::WaitlistOff => Refusal::WaitlistOff,
        Code::NotOffered => Refusal::NotOffered,
        Code::NotWaiting => Refusal::NotWaiting,
        Code::BelowSold => Refusal::BelowSold { sold: 212 },
        Code::NotDraft => Refusal::NotDraft,
        Code::NotPublished => Refusal::NotPublished,
        Code::EventCancelled => Refusal::EventCancelled,
        Code::HoldExpired => Refusal::HoldExpired,
        Code::OfferLapsed => Refusal::OfferLapsed,
        Code::VersionConflict => Refusal::VersionConflict { current: 4 },
        Code::IdempotencyMismatch => Refusal::IdempotencyMismatch,
    };
    refusal.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::PartialSchema;

    #[test]
    fn every_code_has_an_example_with_known_members_only() {
        let schema = serde_json::to_value(ProblemSchema::schema()).unwrap();
        for code in Code::ALL {
            let example = body(*code);
            assert_eq!(example["code"], code.as_str());
            for member in example.as_object().unwrap().keys() {
                assert!(schema["properties"].get(member).is_some(), "{code:?}: {member}");
            }
            for member in schema["required"].as_array().unwrap() {
                assert!(
                    example.get(member.as_str().unwrap()).is_some(),
                    "{code:?}: {member}"
                );
            }
        }
    }
}
