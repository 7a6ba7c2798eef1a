//! What an operation answers, before a framework's response is made of it.

use crate::body::{Body, Streamed};
use crate::request::RequestId;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

/// What a request is called, in requests and answers.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// An answer: status, headers and the body.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers; `Content-Length` is the server's to add.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

impl Reply {
    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::with_capacity(8),
            body: Body::EMPTY,
        }
    }

    /// An answer with a JSON body. No cache may keep it: whatever is not shown to be public is personal.
    pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        let mut body = Vec::with_capacity(1024);
        if serde_json::to_writer(&mut body, value).is_err() {
            // Writing to memory does not fail, and every view is an object with text names.
            return Self::empty(StatusCode::INTERNAL_SERVER_ERROR).no_store();
        }
        let mut reply = Self::empty(status).no_store();
        reply.body = body.into();
        reply.with(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
    }

    /// An answer whose body comes in pieces. No cache may keep it.
    pub(crate) fn streamed(content_type: &'static str, pieces: Streamed) -> Self {
        let mut reply = Self::empty(StatusCode::OK).no_store();
        reply.body = Body::Streamed(pieces);
        reply.with(header::CONTENT_TYPE, HeaderValue::from_static(content_type))
    }

    /// An answer that everybody gets alike: caches may keep it, and ask each time whether it still holds.
    #[must_use]
    pub(crate) fn public(self) -> Self {
        self.with(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))
            .with(header::VARY, HeaderValue::from_static("authorization"))
    }

    /// An answer about something that was made and can be found here.
    #[must_use]
    pub(crate) fn located(self, location: &str) -> Self {
        match HeaderValue::try_from(location) {
            Ok(location) => self.with(header::LOCATION, location),
            Err(_) => self,
        }
    }

    /// An answer that says so where an earlier request with the same key had made what it is about.
    #[must_use]
    pub(crate) fn replayed_if(self, replayed: bool) -> Self {
        const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
        match replayed {
            true => self.with(REPLAYED, HeaderValue::from_static("true")),
            false => self,
        }
    }

    /// An answer with a header more, or with another value of it.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// An answer that no cache may keep: whatever is personal.
    #[must_use]
    pub fn no_store(self) -> Self {
        self.with(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    /// An answer with what every answer has: the request's id, and no guessing of its type.
    #[must_use]
    pub(crate) fn finished(self, request_id: &RequestId) -> Self {
        self.with(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        )
        .with(X_REQUEST_ID, request_id.as_header().clone())
    }
}

impl From<Reply> for http::Response<Body> {
    fn from(reply: Reply) -> Self {
        let mut response = Self::new(reply.body);
        *response.status_mut() = reply.status;
        *response.headers_mut() = reply.headers;
        response
    }
}
