//! What an adapter hands over: a request in raw parts, nothing parsed or decoded.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use std::{fmt, net::IpAddr};

/// One request. Adapters pass on what came over the wire; every rule about it is applied here, so that all
/// adapters answer alike.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method; `HEAD` is served as `GET` by the adapter, which drops the body.
    pub method: Method,
    /// The path as it was sent (percent-encoded, no query): what problems name as `instance`.
    pub path: String,
    /// The path's parameters in the template's order, percent-encoded as they were sent.
    pub path_params: Vec<String>,
    /// The query string without its `?`, percent-encoded as it was sent.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole; at most [`MAX_BODY_BYTES`](crate::limits::MAX_BODY_BYTES).
    pub body: Bytes,
    /// The address that the connection came from; `None` where there is none (a Unix socket, a test).
    pub peer: Option<IpAddr>,
    /// What the request is called in logs and answers: from [`Api::request_id`](crate::Api::request_id).
    pub request_id: RequestId,
}

/// What a request is called in logs and in the `X-Request-Id` header of its answer.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The longest id that is taken over from a caller, in characters.
    pub const MAX_CHARS: usize = 128;

    /// The caller's id, if the request names exactly one and it is 1 to 128 of `[A-Za-z0-9._-]`.
    pub fn from_caller(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all("x-request-id").iter();
        let value = values.next()?;
        let sane = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let bytes = value.as_bytes();
        let is_sane = !bytes.is_empty() && bytes.len() <= Self::MAX_CHARS && bytes.iter().all(sane);
        (is_sane && values.next().is_none()).then(|| Self(value.clone()))
    }

    /// An id made here.
    pub fn from_uuid(id: uuid::Uuid) -> Self {
        let mut buffer = [0; uuid::fmt::Hyphenated::LENGTH];
        let text = id.hyphenated().encode_lower(&mut buffer);
        Self(HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("none")))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as the value of a header.
    pub fn as_header(&self) -> &HeaderValue {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-request-id", HeaderValue::from_str(value).unwrap());
        }
        RequestId::from_caller(&headers).map(|id| id.to_string())
    }

    #[test]
    fn only_a_sane_id_is_taken_over() {
        assert_eq!(of(&["a.B_9-"]).as_deref(), Some("a.B_9-"));
        assert_eq!(of(&["x".repeat(128).as_str()]).map(|id| id.len()), Some(128));
        for values in [
            &[][..],
            &[""],
            &["a b"],
            &["a/b"],
            &["a", "b"],
            &["x".repeat(129).as_str()],
        ] {
            assert_eq!(of(values), None, "{values:?}");
        }
    }
}
