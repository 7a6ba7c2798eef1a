//! Problems: every answer that is no success, as `application/problem+json` (RFC 9457).
//!
//! What the engine refuses is mapped to problems in `refusal.rs`; here is their shape.

use crate::{reply::Reply, request::RequestId};
use bytes::Bytes;
use evently_core::domain::FieldError;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use std::{borrow::Cow, time::Duration};

/// What went wrong, in one word of the stable API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Code {
    /// 400: not JSON, not a query, not a key, not a cursor.
    Malformed,
    /// 401: not signed in.
    Unauthorized,
    /// 401: no such account, or another password.
    BadCredentials,
    /// 403: signed in, but not allowed.
    Forbidden,
    /// 404: not there, or somebody else's.
    NotFound,
    /// 405: the path exists, with other methods.
    MethodNotAllowed,
    /// 409: an account has the e-mail address.
    EmailTaken,
    /// 409: so many tickets are not to be had.
    SoldOut,
    /// 409: named seats are taken or blocked.
    SeatTaken,
    /// 409: the event is not on sale.
    NotOnSale,
    /// 409: more tickets than one user may have.
    LimitExceeded,
    /// 409: the hold cannot be extended further.
    HoldLimit,
    /// 409: the booking is no hold.
    NotHeld,
    /// 409: too late to cancel.
    CancelClosed,
    /// 409: nobody needs to wait.
    NotFull,
    /// 409: on the waitlist already.
    AlreadyWaitlisted,
    /// 409: the event has no waitlist.
    WaitlistOff,
    /// 409: the entry has no offer.
    NotOffered,
    /// 409: the entry does not wait any more.
    NotWaiting,
    /// 409: what is sold or held cannot be taken away.
    BelowSold,
    /// 409: only a draft may be deleted.
    NotDraft,
    /// 409: the event was cancelled.
    EventCancelled,
    /// 410: the hold's time was over.
    HoldExpired,
    /// 410: the offer's time was over.
    OfferLapsed,
    /// 412: the event has moved on from the named version.
    VersionConflict,
    /// 413: the body is over 64 KiB.
    PayloadTooLarge,
    /// 415: the body is not `application/json`.
    UnsupportedMediaType,
    /// 422: well-formed, but a field is wrong.
    Invalid,
    /// 422: the key was used for another request.
    IdempotencyMismatch,
    /// 428: the request must name a version.
    PreconditionRequired,
    /// 429: too many requests.
    RateLimited,
    /// 500: a bug.
    Internal,
    /// 503: overload, or a dependency is down.
    Unavailable,
}

impl Code {
    /// The code's place in the contract: word, status, title.
    fn row(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "Malformed request"),
            Self::Unauthorized => ("unauthorized", StatusCode::UNAUTHORIZED, "Not signed in"),
            Self::BadCredentials => (
                "bad_credentials",
                StatusCode::UNAUTHORIZED,
                "Wrong e-mail or password",
            ),
            Self::Forbidden => ("forbidden", StatusCode::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not_found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => (
                "method_not_allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
            ),
            Self::EmailTaken => ("email_taken", StatusCode::CONFLICT, "E-mail address taken"),
            Self::SoldOut => ("sold_out", StatusCode::CONFLICT, "Sold out"),
            Self::SeatTaken => ("seat_taken", StatusCode::CONFLICT, "Seat taken"),
            Self::NotOnSale => ("not_on_sale", StatusCode::CONFLICT, "Not on sale"),
            Self::LimitExceeded => ("limit_exceeded", StatusCode::CONFLICT, "Limit exceeded"),
            Self::HoldLimit => ("hold_limit", StatusCode::CONFLICT, "Hold at its limit"),
            Self::NotHeld => ("not_held", StatusCode::CONFLICT, "Not held"),
            Self::CancelClosed => ("cancel_closed", StatusCode::CONFLICT, "Too late to cancel"),
            Self::NotFull => ("not_full", StatusCode::CONFLICT, "Not full"),
            Self::AlreadyWaitlisted => (
                "already_waitlisted",
                StatusCode::CONFLICT,
                "On the waitlist already",
            ),
            Self::WaitlistOff => ("waitlist_off", StatusCode::CONFLICT, "No waitlist"),
            Self::NotOffered => ("not_offered", StatusCode::CONFLICT, "No offer"),
            Self::NotWaiting => ("not_waiting", StatusCode::CONFLICT, "Not waiting"),
            Self::BelowSold => ("below_sold", StatusCode::CONFLICT, "Below what is sold"),
            Self::NotDraft => ("not_draft", StatusCode::CONFLICT, "Not a draft"),
            Self::EventCancelled => ("event_cancelled", StatusCode::CONFLICT, "Event cancelled"),
            Self::HoldExpired => ("hold_expired", StatusCode::GONE, "Hold expired"),
            Self::OfferLapsed => ("offer_lapsed", StatusCode::GONE, "Offer lapsed"),
            Self::VersionConflict => (
                "version_conflict",
                StatusCode::PRECONDITION_FAILED,
                "Version conflict",
            ),
            Self::PayloadTooLarge => (
                "payload_too_large",
                StatusCode::PAYLOAD_TOO_LARGE,
                "Payload too large",
            ),
            Self::UnsupportedMediaType => (
                "unsupported_media_type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported media type",
            ),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "Invalid request"),
            Self::IdempotencyMismatch => (
                "idempotency_mismatch",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Idempotency key used before",
            ),
            Self::PreconditionRequired => (
                "precondition_required",
                StatusCode::PRECONDITION_REQUIRED,
                "Precondition required",
            ),
            Self::RateLimited => ("rate_limited", StatusCode::TOO_MANY_REQUESTS, "Too many requests"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Unavailable"),
        }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The status it comes with.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        self.row().2
    }
}

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    data: serde_json::Map<String, serde_json::Value>,
    allow: Option<HeaderValue>,
}

impl Problem {
    /// A problem with this code; the detail is one sentence for people and never names anything internal.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            data: serde_json::Map::new(),
            allow: None,
        }
    }

    /// 422 `invalid`, with everything that is wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(
            Code::Invalid,
            "The request is well-formed, but some of it is invalid.",
        );
        problem.errors = errors;
        problem
    }

    /// 404 for what is not there, and for what is somebody else's.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such thing here.")
    }

    /// 405: the path exists with these methods only, which become the `Allow` header.
    pub fn method_not_allowed(allowed: &[Method]) -> Self {
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        let mut problem = Self::new(Code::MethodNotAllowed, "This path does not take this method.");
        problem.allow = HeaderValue::from_str(&names.join(", ")).ok();
        problem
    }

    /// 413: the body is larger than [`MAX_BODY_BYTES`](crate::limits::MAX_BODY_BYTES).
    pub fn payload_too_large() -> Self {
        Self::new(Code::PayloadTooLarge, "The body is larger than 64 KiB.")
    }

    /// 500: for a panic that was caught. Says nothing of it.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on our side.")
    }

    /// 503: the request took longer than [`REQUEST_TIMEOUT`](crate::limits::REQUEST_TIMEOUT). Whether it had an
    /// effect is not known; asking again with the same idempotency key finds out.
    pub fn timed_out() -> Self {
        Self::new(
            Code::Unavailable,
            "The request took too long. It may have had an effect: try again with the same idempotency key.",
        )
        .retry_after(Duration::from_secs(1))
    }

    /// 503: too much is going on; the request had no effect.
    pub fn overloaded() -> Self {
        Self::new(Code::Unavailable, "Too much is going on. Try again in a moment.")
            .retry_after(Duration::from_secs(1))
    }

    /// The same with a time after which trying again helps; whole seconds, at least one.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let partial = u64::from(wait.subsec_nanos() > 0);
        self.retry_after = Some((wait.as_secs() + partial).max(1));
        self
    }

    /// The same with data of its own.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.data.insert(member.to_owned(), value.into());
        self
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The fields that are wrong.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// The answer: `path` is the request's, as it was sent.
    pub fn into_reply(self, path: &str, request_id: &RequestId) -> Reply {
        let body = Body {
            r#type: format_args!("urn:evently:problem:{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            instance: path,
            code: self.code.as_str(),
            request_id: request_id.as_str(),
            errors: self.errors.iter().map(BodyError::of).collect(),
            retry_after: self.retry_after,
            data: &self.data,
        };
        let mut reply = Reply::empty(self.code.status()).no_store();
        reply.body = Bytes::from(serde_json::to_vec(&body).unwrap_or_default());
        let headers = &mut reply.headers;
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
        headers.insert("x-request-id", request_id.as_header().clone());
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(allow) = self.allow {
            headers.insert(header::ALLOW, allow);
        }
        if self.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        reply
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: std::fmt::Arguments<'a>,
    title: &'static str,
    status: u16,
    detail: &'a str,
    instance: &'a str,
    code: &'static str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<BodyError<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u64>,
    #[serde(flatten)]
    data: &'a serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct BodyError<'a> {
    field: &'a str,
    message: &'a str,
}

impl<'a> BodyError<'a> {
    fn of(error: &'a FieldError) -> Self {
        Self {
            field: &error.field,
            message: &error.message,
        }
    }
}
