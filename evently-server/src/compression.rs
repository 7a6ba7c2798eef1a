//! Which answers are compressed, for clients that ask for it.

use http::{HeaderMap, HeaderValue, Request, header};
use tower::util::MapRequest;
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{Compression, CompressionLevel};

/// The smallest answer that is compressed, in bytes. Answers with tokens in them are shorter, so that none is
/// compressed together with what a stranger may have chosen.
const COMPRESSED_FROM: u64 = 1024;

/// A service whose answers are compressed.
type Compressed<S, B> =
    MapRequest<Compression<S, And<SizeAbove, NotForContentType>>, fn(Request<B>) -> Request<B>>;

/// Compresses what is large enough, streams of events left out: those are read as they come.
pub(crate) fn compressed<S, B>(service: S) -> Compressed<S, B> {
    let compression = Compression::new(service)
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::SSE));
    MapRequest::new(compression, |mut request| {
        accept_as_it_is(request.headers_mut());
        request
    })
}

/// Takes out of a request what would leave no answer acceptable. That an answer comes as it is cannot be refused here:
/// what was asked for may have been done by the time that shows.
fn accept_as_it_is(headers: &mut HeaderMap) {
    let is_refusal = |coding: &str| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|weight| weight.parse::<f32>().ok());
        matches!(name.trim(), "identity" | "*") && weight == Some(0.0)
    };
    let asked: Vec<&str> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    if !asked.iter().any(|coding| is_refusal(coding)) {
        return;
    }
    let rest: Vec<&str> = asked.into_iter().filter(|coding| !is_refusal(coding)).collect();
    let rest = HeaderValue::try_from(rest.join(",")).ok();
    headers.remove(header::ACCEPT_ENCODING);
    if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
        headers.insert(header::ACCEPT_ENCODING, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_as_it_is_is_always_acceptable() {
        for (asked, left) in [
            ("gzip, br", Some("gzip, br")),
            ("*;q=0", None),
            ("identity; q=0", None),
            ("gzip, identity;q=0.0, *;q=0", Some("gzip")),
            ("gzip;q=0", Some("gzip;q=0")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(asked));
            accept_as_it_is(&mut headers);
            let kept = headers
                .get(header::ACCEPT_ENCODING)
                .map(|value| value.to_str().unwrap());
            assert_eq!(kept, left, "{asked}");
        }
    }
}
