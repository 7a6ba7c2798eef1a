//! Problems: every answer that is no success, as `application/problem+json` (RFC 9457).
//!
//! What the engine refuses is mapped to problems in `refusal.rs`; here is their shape.

use crate::{code::Code, reply::Reply, request::RequestId};
use evently_core::domain::FieldError;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use std::{borrow::Cow, time::Duration};

/// An answer that is no success.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem(Box<Parts>);

/// Boxed, so that a `Result` is as small as its success.
#[derive(Debug, Clone, PartialEq)]
struct Parts {
    code: Code,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after: Option<u64>,
    data: serde_json::Map<String, serde_json::Value>,
    /// Headers of its own.
    headers: HeaderMap,
}

impl Problem {
    /// A problem with this code; the detail is one sentence for people and never names anything internal.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            data: serde_json::Map::new(),
            headers: HeaderMap::new(),
        }))
    }

    /// 422 `invalid`, with everything that is wrong.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(
            Code::Invalid,
            "The request is well-formed, but some of it is invalid.",
        );
        problem.0.errors = errors;
        problem
    }

    /// 401: not signed in, or with credentials that are not good.
    pub fn unauthorized() -> Self {
        Self::new(
            Code::Unauthorized,
            "Sign in first: this needs a good access token.",
        )
    }

    /// 404 for what is not there, and for what is somebody else's.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such thing here.")
    }

    /// 405: the path exists with these methods only, which become the `Allow` header.
    pub fn method_not_allowed(allowed: &[Method]) -> Self {
        let names: Vec<&str> = allowed.iter().map(Method::as_str).collect();
        let problem = Self::new(Code::MethodNotAllowed, "This path does not take this method.");
        match HeaderValue::from_str(&names.join(", ")) {
            Ok(names) => problem.headed(header::ALLOW, names),
            Err(_) => problem,
        }
    }

    /// 413: the body is larger than [`MAX_BODY_BYTES`](crate::limits::MAX_BODY_BYTES).
    pub fn payload_too_large() -> Self {
        Self::new(Code::PayloadTooLarge, "The body is larger than 64 KiB.")
    }

    /// 500: for a panic that was caught. Says nothing of it.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Something went wrong on our side.")
    }

    /// 429: too many requests; one more is allowed after `wait`.
    pub fn rate_limited(wait: Duration) -> Self {
        Self::new(Code::RateLimited, "Too many requests. Slow down.").retry_after(wait)
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
        self.0.retry_after = Some((wait.as_secs() + partial).max(1));
        self
    }

    /// The same with data of its own.
    #[must_use]
    pub fn with(mut self, member: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.0.data.insert(member.to_owned(), value.into());
        self
    }

    /// The same with a header of its own.
    #[must_use]
    pub(crate) fn headed(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.insert(name, value);
        self
    }

    /// What went wrong.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The fields that are wrong.
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The answer: `path` is the request's, as it was sent.
    pub fn into_reply(self, path: &str, request_id: &RequestId) -> Reply {
        let body = Body {
            r#type: format_args!("urn:evently:problem:{}", self.0.code.as_str()),
            title: self.0.code.title(),
            status: self.0.code.status().as_u16(),
            detail: &self.0.detail,
            instance: path,
            code: self.0.code.as_str(),
            request_id: request_id.as_str(),
            errors: self.0.errors.iter().map(BodyError::of).collect(),
            retry_after: self.0.retry_after,
            data: &self.0.data,
        };
        let mut reply = Reply::empty(self.0.code.status()).no_store();
        reply.body = serde_json::to_vec(&body).unwrap_or_default().into();
        let headers = &mut reply.headers;
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        headers.extend(self.0.headers);
        if self.0.code.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        reply.finished(request_id)
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
