//! A request's query string.

use super::read::parse_bound;
use crate::code::Code;
use crate::problem::Problem;
use evently_core::domain::{PageRequest, Timestamp};
use evently_core::store::Span;
use percent_encoding::percent_decode_str;
use std::{borrow::Cow, str::FromStr};

/// The longest text that is searched for, in characters.
const MAX_TEXT_CHARS: usize = 200;

/// The parameters of a query, decoded. Unknown ones are ignored.
#[derive(Debug, Default)]
pub(crate) struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

fn malformed(name: &str, rule: &str) -> Problem {
    Problem::new(Code::Malformed, format!("The query parameter {name} {rule}."))
}

impl<'a> Query<'a> {
    /// Decodes a query string.
    ///
    /// # Errors
    /// 400 for bad percent-encoding and for a parameter that comes twice.
    pub(crate) fn parse(query: Option<&'a str>) -> Result<Self, Problem> {
        let mut pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
        for pair in query.unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let bad = || Problem::new(Code::Malformed, "The query is not percent-encoded UTF-8.");
            let name = decode(name).ok_or_else(bad)?;
            let value = decode(value).ok_or_else(bad)?;
            if pairs.iter().any(|(other, _)| *other == name) {
                return Err(Problem::new(
                    Code::Malformed,
                    "The query names a parameter twice.",
                ));
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// A parameter's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(own, _)| own == name);
        pair.map(|(_, value)| &**value)
    }

    /// A text to search for; nothing where it is empty.
    ///
    /// # Errors
    /// 400 for one that is too long or has the character NUL.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Problem> {
        let Some(text) = self.get(name).filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        if text.chars().count() > MAX_TEXT_CHARS || text.contains('\0') {
            return Err(malformed(name, "must be at most 200 characters"));
        }
        Ok(Some(text.to_owned()))
    }

    /// One of a set of words.
    ///
    /// # Errors
    /// 400 for any other.
    pub(crate) fn word<T: Copy>(
        &self,
        name: &str,
        words: impl IntoIterator<Item = (&'static str, T)>,
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let mut known = Vec::new();
        for (word, meaning) in words {
            if word == value {
                return Ok(Some(meaning));
            }
            known.push(word);
        }
        Err(malformed(name, &format!("must be one of: {}", known.join(", "))))
    }

    /// An id.
    ///
    /// # Errors
    /// 400 for what is no UUID.
    pub(crate) fn id<T: FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let parse = |text: &str| text.parse().map_err(|_| malformed(name, "must be a UUID"));
        self.get(name).map(parse).transpose()
    }

    /// An instant that others are compared with.
    ///
    /// # Errors
    /// 400 for what is none.
    pub(crate) fn instant(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let parse = |text: &str| {
            // A plus sign that was not encoded has been read as a space; no time has one.
            parse_bound(&text.replace(' ', "+"))
                .ok_or_else(|| malformed(name, "must be a time with an offset (RFC 3339)"))
        };
        self.get(name).map(parse).transpose()
    }

    /// The span from `from` to `to`.
    ///
    /// # Errors
    /// 400 for what is no time.
    pub(crate) fn span(&self) -> Result<Span, Problem> {
        Ok(Span {
            from: self.instant("from")?,
            to: self.instant("to")?,
        })
    }

    /// How many rows: 1 to 100, 20 where nothing is said.
    ///
    /// # Errors
    /// 400 for any other.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        const MAX: u32 = PageRequest::<()>::MAX_LIMIT;
        let Some(text) = self.get("limit") else {
            return Ok(PageRequest::<()>::DEFAULT_LIMIT);
        };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let limit = text
            .parse()
            .ok()
            .filter(|limit| is_number && (1..=MAX).contains(limit));
        limit.ok_or_else(|| malformed("limit", "must be a whole number, 1 to 100"))
    }
}

/// Decodes one name or value of a query; `None` for a stray `%` and for what is no UTF-8.
fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let mut escapes = spaced.split('%');
    escapes.next();
    let is_escape = |part: &str| {
        part.as_bytes()
            .get(..2)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    if !escapes.all(is_escape) {
        return None;
    }
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(query: &str, name: &str) -> Option<String> {
        Query::parse(Some(query)).unwrap().get(name).map(str::to_owned)
    }

    #[test]
    fn parameters_are_decoded() {
        assert_eq!(get("q=rock+%26+roll", "q").as_deref(), Some("rock & roll"));
        assert_eq!(get("q=%C3%A9t%C3%A9&&x", "q").as_deref(), Some("été"));
        assert_eq!(get("a=1=2", "a").as_deref(), Some("1=2"));
        assert_eq!(get("%71=x", "q").as_deref(), Some("x"));
        assert_eq!(get("q", "q").as_deref(), Some(""));
        assert!(Query::parse(None).unwrap().get("q").is_none());
    }

    #[test]
    fn what_cannot_be_decoded_is_malformed() {
        for query in [
            "q=%",
            "q=%2",
            "q=%zz",
            "q=%ff",
            "%=1",
            "a=1&a=2",
            "a=1&%61=1",
            "q=%é",
        ] {
            assert_eq!(
                Query::parse(Some(query)).unwrap_err().code(),
                Code::Malformed,
                "{query}"
            );
        }
    }

    #[test]
    fn limits_are_1_to_100() {
        let limit = |query| Query::parse(Some(query)).unwrap().limit().ok();
        assert_eq!(
            (limit(""), limit("limit=1"), limit("limit=100")),
            (Some(20), Some(1), Some(100))
        );
        for query in [
            "limit=0",
            "limit=101",
            "limit=",
            "limit=-1",
            "limit=+1",
            "limit=%2B1",
            "limit=1.0",
            "limit=1e1",
            "limit=x",
        ] {
            assert_eq!(limit(query), None, "{query}");
        }
    }

    #[test]
    fn times_may_have_a_bare_plus() {
        let at = |query| {
            Query::parse(Some(query))
                .unwrap()
                .instant("from")
                .map(|at| at.map(|at| at.to_string()))
        };
        assert_eq!(
            at("from=2030-06-01T02:00:00+02:00").unwrap().as_deref(),
            Some("2030-06-01T00:00:00Z")
        );
        assert_eq!(
            at("from=2030-06-01T02:00:00%2B02:00").unwrap().as_deref(),
            Some("2030-06-01T00:00:00Z")
        );
        assert!(at("from=2030-02-30T00:00:00Z").is_err() && at("from=").is_err());
    }
}
