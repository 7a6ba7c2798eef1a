//! Which answers are compressed, for clients that ask for it.

use http::{HeaderMap, HeaderValue, Request, Response, header};
use tower::util::{MapRequest, MapResponse};
use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{Compression, CompressionLevel};

/// The smallest answer that is compressed, in bytes. Answers with tokens in them are shorter, so that none is
/// compressed together with what a stranger may have chosen.
const COMPRESSED_FROM: u64 = 1024;

/// A service whose answers are compressed.
type Compressed<S, B, A> = MapRequest<
    Compression<MapResponse<S, fn(Response<A>) -> Response<A>>, And<SizeAbove, NotForContentType>>,
    fn(Request<B>) -> Request<B>,
>;

/// Compresses what is large enough, streams of events left out: those are read as they come.
pub(crate) fn compressed<S, B, A>(service: S) -> Compressed<S, B, A> {
    // Their length is told when nothing can change it any more, behind all other headers, whichever adapter has told it.
    let service = MapResponse::new(service, without_length::<A> as fn(Response<A>) -> Response<A>);
    let compression = Compression::new(service)
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::SSE));
    MapRequest::new(compression, |mut request| {
        accept_as_it_is(request.headers_mut());
        request
    })
}

fn without_length<A>(mut response: Response<A>) -> Response<A> {
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
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
    use http_body_util::Full;
    use std::convert::Infallible;
    use tower::{ServiceExt, service_fn};

    #[tokio::test]
    async fn headers_stand_in_one_order_whether_the_length_was_told_or_not() {
        let orders = [false, true].map(async |is_told| {
            let answer = service_fn(move |_: Request<()>| async move {
                let body = "x".repeat(2 * 1024);
                let mut response = Response::new(Full::<bytes::Bytes>::from(body));
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
                if is_told {
                    headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("2048"));
                }
                Ok::<_, Infallible>(response)
            });
            let response = compressed(answer).oneshot(Request::new(())).await.unwrap();
            response.headers().keys().cloned().collect::<Vec<_>>()
        });
        let [untold, told] = orders;
        assert_eq!(untold.await, told.await);
    }

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
