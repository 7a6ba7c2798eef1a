//! Which web pages of other origins may use the API (CORS).
//!
//! Nobody is let in by cookies: a page must have the access token to send it, so that `*` is no danger. Applied by the
//! server that all adapters share; an application that mounts the routes brings its framework's own.

use crate::reply::Reply;
use crate::request::RequestId;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use std::str::FromStr;

/// The methods of the contract.
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PATCH, DELETE");

/// The contract's request headers that a page may not send unasked.
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, prefer, \
     x-idempotency-key, x-request-id",
);

/// The contract's response headers that a page may not read unasked.
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-disposition, etag, idempotent-replayed, link, location, preference-applied, ratelimit, \
     ratelimit-policy, retry-after, www-authenticate, x-request-id",
);

/// How long a browser may remember what is allowed, in seconds.
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("3600");

/// The origins whose pages may use the API; by default none.
///
/// Read from `*` (all of them) or from origins such as `https://tickets.example.com`, separated by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cors {
    allowed: Origins,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Origins {
    #[default]
    None,
    Any,
    Of(Vec<HeaderValue>),
}

/// A text that names no origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be * or origins such as https://tickets.example.com, separated by commas")]
pub struct InvalidOrigins;

impl FromStr for Cors {
    type Err = InvalidOrigins;

    fn from_str(text: &str) -> Result<Self, InvalidOrigins> {
        let allowed = match text.trim() {
            "*" => Origins::Any,
            list => Origins::Of(list.split(',').map(origin).collect::<Result<_, _>>()?),
        };
        Ok(Self { allowed })
    }
}

/// An origin as browsers spell it: scheme, host and perhaps a port.
fn origin(text: &str) -> Result<HeaderValue, InvalidOrigins> {
    let text = text.trim().to_ascii_lowercase();
    let uri: Uri = text.parse().map_err(|_| InvalidOrigins)?;
    let authority = uri.authority().ok_or(InvalidOrigins)?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_bare = text.ends_with(authority.as_str()) && !authority.as_str().contains('@');
    if !is_web || !is_bare {
        return Err(InvalidOrigins);
    }
    HeaderValue::try_from(text).map_err(|_| InvalidOrigins)
}

impl Cors {
    /// What a page of this origin is allowed by; `None` if it is not.
    fn allows(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match &self.allowed {
            Origins::None => None,
            Origins::Any => Some(HeaderValue::from_static("*")),
            Origins::Of(origins) => origins.iter().find(|allowed| *allowed == origin).cloned(),
        }
    }

    /// The answer to a browser that asks whether a page may send a request; `None` to all other requests, and to those
    /// for pages that may not.
    pub fn preflight(&self, method: &Method, headers: &HeaderMap, request_id: &RequestId) -> Option<Reply> {
        let asks = method == Method::OPTIONS && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        self.allows(headers.get(header::ORIGIN).filter(|_| asks)?)?;
        let mut reply = Reply::empty(StatusCode::NO_CONTENT)
            .with(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS)
            .with(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS)
            .with(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS)
            .finished(request_id);
        self.admit(headers.get(header::ORIGIN), &mut reply.headers);
        Some(reply)
    }

    /// Lets the page that asked read an answer, if it may.
    pub fn admit(&self, origin: Option<&HeaderValue>, answer: &mut HeaderMap) {
        if self.allowed == Origins::None {
            return;
        }
        if matches!(self.allowed, Origins::Of(_)) {
            // What a cache keeps for one origin is not for another.
            answer.append(header::VARY, HeaderValue::from_static("origin"));
        }
        if let Some(allowed) = origin.and_then(|origin| self.allows(origin)) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: HeaderValue = HeaderValue::from_static("https://tickets.example.com");

    fn admitted(cors: &str, origin: HeaderValue) -> HeaderMap {
        let mut answer = HeaderMap::new();
        cors.parse::<Cors>().unwrap().admit(Some(&origin), &mut answer);
        answer
    }

    #[test]
    fn only_allowed_origins_are_let_in() {
        let list = "http://localhost:3000, HTTPS://tickets.example.com";
        let answer = admitted(list, PAGE);
        assert_eq!(answer["access-control-allow-origin"], PAGE);
        assert_eq!(answer["vary"], "origin");
        for stranger in ["https://example.com", "http://tickets.example.com", "null"] {
            let answer = admitted(list, HeaderValue::from_static(stranger));
            assert!(!answer.contains_key("access-control-allow-origin"), "{stranger}");
            assert_eq!(answer["vary"], "origin");
        }
        assert_eq!(admitted("*", PAGE)["access-control-allow-origin"], "*");
        let mut answer = HeaderMap::new();
        Cors::default().admit(Some(&PAGE), &mut answer);
        assert!(answer.is_empty());
    }

    #[test]
    fn a_browser_that_asks_is_told_what_a_page_may_send() {
        let cors: Cors = "https://tickets.example.com".parse().unwrap();
        let id = RequestId::from_uuid(uuid::Uuid::nil());
        let mut headers = HeaderMap::from_iter([
            (header::ORIGIN, PAGE),
            (
                header::ACCESS_CONTROL_REQUEST_METHOD,
                HeaderValue::from_static("PATCH"),
            ),
        ]);
        let reply = cors.preflight(&Method::OPTIONS, &headers, &id).unwrap();
        assert_eq!(reply.status, 204);
        assert_eq!(reply.headers["access-control-allow-origin"], PAGE);
        assert!(reply.headers.contains_key("x-request-id"));
        for member in ["methods", "headers"] {
            let allowed = reply.headers[format!("access-control-allow-{member}")]
                .to_str()
                .unwrap();
            assert!(
                allowed.contains("PATCH") || allowed.contains("if-match"),
                "{allowed}"
            );
        }
        assert!(cors.preflight(&Method::GET, &headers, &id).is_none());
        assert!(
            Cors::default()
                .preflight(&Method::OPTIONS, &headers, &id)
                .is_none()
        );
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://other.example"));
        assert!(cors.preflight(&Method::OPTIONS, &headers, &id).is_none());
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "",
            "tickets.example.com",
            "https://",
            "https://a.example/",
            "https://a.example/x",
            "ftp://a.example",
            "https://me@a.example",
            "https://a.example,",
            "*,https://a.example",
        ] {
            assert_eq!(text.parse::<Cors>(), Err(InvalidOrigins), "{text}");
        }
    }
}
