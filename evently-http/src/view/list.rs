//! A page of a list, with the way to the next one.

use crate::parse::Cursor;
use crate::reply::Reply;
use crate::request::Request;
use evently_core::domain::Page;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

#[derive(Serialize)]
struct ListView<'a, V> {
    data: Vec<V>,
    next_cursor: Option<&'a str>,
}

/// The answer with a page's rows, each as `view` shows it, and a `Link` to the next page where there is one.
pub(crate) fn list<'p, T, C: Cursor, V: Serialize>(
    request: &Request,
    page: &'p Page<T, C::Place>,
    cursors: &C,
    view: impl FnMut(&'p T) -> V,
) -> Reply {
    let next = page.next.as_ref().map(|place| cursors.write(place));
    let reply = Reply::json(
        StatusCode::OK,
        &ListView {
            data: page.items.iter().map(view).collect(),
            next_cursor: next.as_deref(),
        },
    );
    match next.and_then(|cursor| next_link(request, &cursor)) {
        Some(link) => reply.with(header::LINK, link),
        None => reply,
    }
}

/// The same request with another cursor, as a relative link.
fn next_link(request: &Request, cursor: &str) -> Option<HeaderValue> {
    let mut target = request.path.clone();
    let mut mark = '?';
    let pairs = request.query.as_deref().unwrap_or("").split('&');
    let is_other = |pair: &&str| !pair.is_empty() && *pair != "cursor" && !pair.starts_with("cursor=");
    for pair in pairs.filter(is_other) {
        target.push(mark);
        target.push_str(pair);
        mark = '&';
    }
    HeaderValue::try_from(format!("<{target}{mark}cursor={cursor}>; rel=\"next\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::RequestId;

    fn link(query: Option<&str>) -> String {
        let request = Request {
            method: http::Method::GET,
            path: "/api/events".to_owned(),
            path_params: Vec::new(),
            query: query.map(str::to_owned),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
            peer: None,
            request_id: RequestId::from_uuid(uuid::Uuid::nil()),
        };
        next_link(&request, "NEXT").unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn the_next_page_is_the_same_request_with_another_cursor() {
        assert_eq!(link(None), "</api/events?cursor=NEXT>; rel=\"next\"");
        assert_eq!(
            link(Some("q=a%20b&cursor=OLD&limit=5")),
            "</api/events?q=a%20b&limit=5&cursor=NEXT>; rel=\"next\""
        );
    }
}
