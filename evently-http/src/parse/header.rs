//! Request headers with rules of their own: idempotency keys, preferences and preconditions.

use crate::code::Code;
use crate::limits::REQUEST_TIMEOUT;
use crate::problem::Problem;
use evently_core::domain::IdempotencyKey;
use http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// The request's idempotency key, from either header, bare or quoted.
///
/// # Errors
/// 400 for what is no key, and for several that differ.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let mut key = None;
    for name in ["idempotency-key", "x-idempotency-key"] {
        for value in headers.get_all(name) {
            let read = read_key(value).ok_or_else(|| {
                Problem::new(
                    Code::Malformed,
                    "An idempotency key must be 1 to 255 visible ASCII characters, bare or quoted.",
                )
            })?;
            if key.as_ref().is_some_and(|key| *key != read) {
                return Err(Problem::new(
                    Code::Malformed,
                    "The request has several idempotency keys that differ.",
                ));
            }
            key = Some(read);
        }
    }
    Ok(key)
}

fn read_key(value: &HeaderValue) -> Option<IdempotencyKey> {
    let text = value.to_str().ok()?.trim_matches([' ', '\t']);
    match text.strip_prefix('"') {
        None => text.parse().ok(),
        Some(rest) => unquote(rest)?.parse().ok(),
    }
}

/// What a quoted string (RFC 9651) holds, from what follows its opening quote.
fn unquote(rest: &str) -> Option<String> {
    let mut text = String::with_capacity(rest.len());
    let mut chars = rest.chars();
    loop {
        match chars.next()? {
            '"' => return chars.next().is_none().then_some(text),
            '\\' => text.push(chars.next().filter(|char| ['"', '\\'].contains(char))?),
            char => text.push(char),
        }
    }
}

/// What a `Prefer` header (RFC 7240) asks of queued intake. What it asks beside that, or asks badly, is not heard, as
/// that RFC has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Preference {
    respond_async: bool,
    /// Seconds.
    wait: Option<u64>,
}

impl Preference {
    /// How long an answer waits where nothing is said.
    const DEFAULT_WAIT: Duration = Duration::from_secs(5);
    /// The longest that may be asked for, in seconds.
    const MAX_WAIT: u64 = 30;
    /// What is left of the time for a request to answer in.
    const ANSWER_IN: Duration = Duration::from_secs(1);

    /// The request's preference; of several of one name the first counts.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let values = headers
            .get_all("prefer")
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut preference = Self::default();
        for asked in values.flat_map(|value| value.split(',')) {
            let asked = asked.split(';').next().unwrap_or_default().trim();
            let (name, value) = asked.split_once('=').unwrap_or((asked, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => preference.respond_async = true,
                "wait" if preference.wait.is_none() => {
                    preference.wait = value.parse().ok().map(|wait: u64| wait.min(Self::MAX_WAIT));
                }
                _ => {}
            }
        }
        preference
    }

    /// How long to wait for the outcome.
    pub(crate) fn wait(self) -> Duration {
        let wait = match (self.wait, self.respond_async) {
            (Some(seconds), _) => Duration::from_secs(seconds),
            (None, true) => Duration::ZERO,
            (None, false) => Self::DEFAULT_WAIT,
        };
        wait.min(REQUEST_TIMEOUT - Self::ANSWER_IN)
    }

    /// The `Preference-Applied` header; `None` where nothing was preferred.
    pub(crate) fn applied(self) -> Option<HeaderValue> {
        match (self.wait, self.respond_async) {
            (Some(seconds), false) => HeaderValue::try_from(format!("wait={seconds}")).ok(),
            (Some(seconds), true) => HeaderValue::try_from(format!("respond-async, wait={seconds}")).ok(),
            (None, true) => Some(HeaderValue::from_static("respond-async")),
            (None, false) => None,
        }
    }
}

/// The definition's versions that an `If-Match` names: `"3"`, `3`, or an event's ETag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IfMatch(Vec<u64>);

impl IfMatch {
    /// Whether a version is among those named.
    pub(crate) fn names(&self, version: u64) -> bool {
        self.0.contains(&version)
    }
}

/// The version that a change was made on.
///
/// # Errors
/// 428 where none is named (`*` names none), 400 for what is no version.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<IfMatch, Problem> {
    let missing = "Name the version that the change was made on: If-Match: \"<version>\".";
    let mut versions = Vec::new();
    for value in headers.get_all(header::IF_MATCH) {
        for tag in value.to_str().unwrap_or("?").split(',').map(str::trim) {
            if tag == "*" {
                return Err(Problem::new(Code::PreconditionRequired, missing));
            }
            versions.push(read_version(tag).ok_or_else(|| {
                Problem::new(
                    Code::Malformed,
                    "If-Match must be a version such as \"3\", or an event's ETag.",
                )
            })?);
        }
    }
    if versions.is_empty() {
        return Err(Problem::new(Code::PreconditionRequired, missing));
    }
    Ok(IfMatch(versions))
}

fn read_version(tag: &str) -> Option<u64> {
    // A proxy that compresses makes tags weak; the version in them is as good.
    let tag = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = match tag.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => tag,
    };
    let version = inner.split('-').next()?;
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| version.parse().ok())?
}

/// Whether the caller has the answer with this tag already: `If-None-Match`, by weak comparison (RFC 9110).
pub(crate) fn none_match(headers: &HeaderMap, etag: &str) -> bool {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        headers
    }

    fn key(pairs: &[(&'static str, &str)]) -> Result<Option<String>, Code> {
        idempotency_key(&headers(pairs))
            .map(|key| key.map(|key| key.to_string()))
            .map_err(|problem| problem.code())
    }

    #[test]
    fn quoted_and_bare_are_one_key() {
        assert_eq!(key(&[]), Ok(None));
        for value in ["a-1", "\"a-1\"", " a-1 "] {
            assert_eq!(
                key(&[("idempotency-key", value)]),
                Ok(Some("a-1".to_owned())),
                "{value}"
            );
            assert_eq!(
                key(&[("x-idempotency-key", value)]),
                Ok(Some("a-1".to_owned())),
                "{value}"
            );
        }
        assert_eq!(
            key(&[("idempotency-key", r#""a\"b\\""#)]),
            Ok(Some(r#"a"b\"#.to_owned()))
        );
        assert_eq!(
            key(&[("idempotency-key", "a"), ("x-idempotency-key", "\"a\"")]),
            Ok(Some("a".to_owned()))
        );
        assert!(key(&[("idempotency-key", &"k".repeat(255))]).is_ok());
        assert!(key(&[("idempotency-key", &format!("\"{}\"", "k".repeat(255)))]).is_ok());
    }

    #[test]
    fn what_is_no_key_is_malformed() {
        for value in [
            "",
            "\"\"",
            "\"",
            "\"a",
            "\"a\"b",
            "a b",
            "\"a b\"",
            "é",
            "\"a\\n\"",
            &"k".repeat(256),
        ] {
            assert_eq!(
                key(&[("idempotency-key", value)]),
                Err(Code::Malformed),
                "{value}"
            );
        }
        assert_eq!(
            key(&[("idempotency-key", "a"), ("x-idempotency-key", "b")]),
            Err(Code::Malformed)
        );
        assert_eq!(
            key(&[("idempotency-key", "a"), ("idempotency-key", "b")]),
            Err(Code::Malformed)
        );
    }

    #[test]
    fn a_preference_is_heard_as_far_as_it_is_one() {
        let of = |value: &str| {
            let preference = Preference::of(&headers(&[("prefer", value)]));
            let applied = preference.applied();
            let applied = applied.as_ref().map_or("", |applied| applied.to_str().unwrap());
            (preference.wait().as_secs(), applied.to_owned())
        };
        for (value, wait, applied) in [
            ("", 5, ""),
            ("return=minimal", 5, ""),
            ("respond-async", 0, "respond-async"),
            ("Respond-Async; foo=1", 0, "respond-async"),
            ("wait=7", 7, "wait=7"),
            ("wait = \"7\"", 7, "wait=7"),
            ("wait=0", 0, "wait=0"),
            ("wait=99", 29, "wait=30"),
            ("wait=1, wait=2", 1, "wait=1"),
            ("wait=soon", 5, ""),
            ("wait=-1", 5, ""),
            ("foo, respond-async, wait=10", 10, "respond-async, wait=10"),
        ] {
            assert_eq!(of(value), (wait, applied.to_owned()), "{value}");
        }
        let both = [("prefer", "respond-async"), ("prefer", "wait=3")];
        assert_eq!(Preference::of(&headers(&both)).wait().as_secs(), 3);
    }

    #[test]
    fn a_version_is_named_bare_quoted_or_as_an_etag() {
        for value in ["3", "\"3\"", "\"3-17-on_sale\"", "W/\"3\"", "\"2\", \"3\""] {
            assert!(
                if_match(&headers(&[("if-match", value)])).unwrap().names(3),
                "{value}"
            );
        }
        let code = |value| if_match(&headers(&[("if-match", value)])).unwrap_err().code();
        for value in [
            "",
            "\"",
            "three",
            "\"3",
            "3\"",
            "-3",
            "+3",
            "3.0",
            "99999999999999999999999",
            "\"\"",
            "é",
        ] {
            assert_eq!(code(value), Code::Malformed, "{value}");
        }
        assert_eq!(code("*"), Code::PreconditionRequired);
        assert_eq!(
            if_match(&headers(&[])).unwrap_err().code(),
            Code::PreconditionRequired
        );
    }

    #[test]
    fn a_known_tag_is_found_in_a_list_weak_or_not() {
        let known = |value| none_match(&headers(&[("if-none-match", value)]), "\"3-17\"");
        assert!(known("\"3-17\"") && known("W/\"3-17\"") && known("\"1\", \"3-17\"") && known("*"));
        assert!(!known("\"3-18\"") && !known("3-17") && !known(""));
        assert!(!none_match(&headers(&[]), "\"3-17\""));
    }
}
