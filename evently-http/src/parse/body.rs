//! A request's body as a JSON object.

use super::fields::Fields;
use super::json::{Json, JsonError, Object};
use crate::code::Code;
use crate::problem::Problem;
use crate::request::Request;
use evently_core::domain::FieldError;
use http::{HeaderMap, header};

/// The media type of every body.
const JSON: &str = "application/json";
/// The media type that a body of `PATCH` may have instead (RFC 7396).
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A body that is a JSON object.
#[derive(Debug)]
pub(crate) struct Body<'a>(Object<'a>);

impl<'a> Body<'a> {
    /// The members, to be read.
    pub(crate) fn fields(&'a self) -> Fields<'a> {
        Fields::of(&self.0)
    }

    /// The body with this text, which a test knows to be an object.
    #[cfg(test)]
    pub(crate) fn of(text: &'a str) -> Self {
        match Json::parse(text.as_bytes()) {
            Ok(Json::Object(object)) => Self(object),
            other => panic!("{text}: {other:?}"),
        }
    }

    /// The members, to be changed.
    pub(crate) fn into_object(self) -> Object<'a> {
        self.0
    }
}

/// The body of a request that needs one.
///
/// # Errors
/// 415 for another media type, 400 for what is no JSON (nothing is none), 422 for JSON that is no object.
pub(crate) fn required_body(request: &Request) -> Result<Body<'_>, Problem> {
    if request.body.is_empty() {
        return Err(malformed("The body is empty; it must be a JSON object."));
    }
    optional_body(request)
}

/// The body of a request that needs none: no body reads as an empty object.
///
/// # Errors
/// As [`required_body`], but for nothing.
pub(crate) fn optional_body(request: &Request) -> Result<Body<'_>, Problem> {
    if request.body.is_empty() {
        return Ok(Body(Object::new()));
    }
    require_json(request)?;
    match Json::parse(&request.body) {
        Ok(Json::Object(object)) => Ok(Body(object)),
        Ok(_) => Err(Problem::invalid(vec![FieldError::new(
            "body",
            "must be an object",
        )])),
        Err(JsonError::Malformed) => Err(malformed(
            "The body is no JSON object: it does not parse, names a member twice or nests too deeply.",
        )),
        Err(JsonError::NumberTooLarge(path)) => {
            let field = if path.is_empty() { "body".to_owned() } else { path };
            Err(Problem::invalid(vec![FieldError::new(
                field,
                "must be a number within range",
            )]))
        }
    }
}

fn malformed(detail: &'static str) -> Problem {
    Problem::new(Code::Malformed, detail)
}

fn require_json(request: &Request) -> Result<(), Problem> {
    let is_patch = request.method == http::Method::PATCH;
    let is_json = media_type(&request.headers).is_some_and(|media_type| {
        media_type.eq_ignore_ascii_case(JSON) || (is_patch && media_type.eq_ignore_ascii_case(MERGE_PATCH))
    });
    let is_plain = request
        .headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .all(|coding| coding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_json && is_plain {
        Ok(())
    } else {
        Err(Problem::new(
            Code::UnsupportedMediaType,
            "A body must be uncompressed JSON with the content type application/json.",
        ))
    }
}

/// The media type without its parameters, if exactly one is given.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    value.split(';').next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RequestId;
    use bytes::Bytes;
    use http::{HeaderValue, Method};

    fn request(method: Method, content_types: &[&'static str], body: &'static [u8]) -> Request {
        let mut headers = HeaderMap::new();
        for value in content_types {
            headers.append(header::CONTENT_TYPE, HeaderValue::from_static(value));
        }
        Request {
            method,
            path: "/".to_owned(),
            path_params: Vec::new(),
            query: None,
            headers,
            body: Bytes::from_static(body),
            peer: None,
            request_id: RequestId::from_uuid(uuid::Uuid::nil()),
        }
    }

    fn code(content_types: &[&'static str], body: &'static [u8]) -> Option<Code> {
        required_body(&request(Method::POST, content_types, body))
            .err()
            .map(|problem| problem.code())
    }

    #[test]
    fn only_json_is_taken() {
        for content_type in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;",
        ] {
            assert_eq!(code(&[content_type], b"{}"), None, "{content_type}");
        }
        for content_types in [
            &[][..],
            &["text/plain"],
            &["application/x-www-form-urlencoded"],
            &["application/jsonp"],
            &["json"],
            &[""],
            &["application/json", "application/json"],
            &["application/merge-patch+json"],
            &["application/json, text/plain"],
        ] {
            assert_eq!(
                code(content_types, b"{}"),
                Some(Code::UnsupportedMediaType),
                "{content_types:?}"
            );
        }
        let patch = request(Method::PATCH, &["application/merge-patch+json"], b"{}");
        assert!(required_body(&patch).is_ok());
    }

    #[test]
    fn malformed_and_invalid_are_kept_apart() {
        let code = |body| code(&["application/json"], body);
        for body in [
            &b""[..],
            b" ",
            b"{",
            b"nul",
            b"{\"a\":1,\"a\":2}",
            b"\xff",
            b"{}{}",
        ] {
            assert_eq!(code(body), Some(Code::Malformed), "{body:?}");
        }
        for body in [
            &b"[]"[..],
            b"null",
            b"1",
            b"\"x\"",
            b"true",
            b"1e999",
            b"{\"quantity\":1e999}",
        ] {
            assert_eq!(code(body), Some(Code::Invalid), "{body:?}");
        }
    }

    #[test]
    fn a_request_that_needs_no_body_needs_no_content_type() {
        assert!(optional_body(&request(Method::POST, &[], b"")).is_ok());
        assert!(optional_body(&request(Method::POST, &[], b"{}")).is_err());
    }
}
