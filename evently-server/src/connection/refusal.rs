//! What the HTTP library refuses by itself, in the contract's shape.
//!
//! A head that it cannot read, the library answers with a bare status before it closes; no service is asked. That answer
//! is told by its form, which none of ours has (they all carry a request id), and a problem is written in its stead.

use evently_http::{Api, Code, Problem, RequestId};
use http::header;
use std::fmt::Write;

/// The problem to write instead of these bytes; `None` if they are no answer of the library's own.
pub(super) fn in_shape(api: &Api, bytes: &[u8]) -> Option<Vec<u8>> {
    let (status, date) = bare(bytes)?;
    let (code, detail) = match status {
        "400" => (Code::Malformed, "The request is not HTTP as it should be."),
        "414" | "431" => (Code::HeadTooLarge, "The request's head is too large."),
        _ => return None,
    };
    // Whatever id and path it has were not understood.
    let request_id = RequestId::from_uuid(api.evently().new_id());
    let reply = api.refuse(Problem::new(code, detail), "", &request_id);
    let body = reply.body.whole()?;
    let mut head = format!("HTTP/1.1 {}\r\n", reply.status);
    for (name, value) in &reply.headers {
        write!(head, "{name}: {}\r\n", value.to_str().ok()?).ok()?;
    }
    let (length, connection) = (header::CONTENT_LENGTH, header::CONNECTION);
    write!(head, "{length}: {}\r\n{connection}: close\r\n", body.len()).ok()?;
    write!(head, "{}: {date}\r\n\r\n", header::DATE).ok()?;
    Some([head.as_bytes(), body].concat())
}

/// The status and the date of an answer that has nothing else.
fn bare(bytes: &[u8]) -> Option<(&str, &str)> {
    // Every answer passes here, and nearly every one has a body.
    let head = bytes.strip_suffix(b"\r\n\r\n")?.strip_prefix(b"HTTP/1.1 ")?;
    let mut lines = str::from_utf8(head).ok()?.split("\r\n");
    let status = lines.next()?.get(..3)?;
    let mut date = "";
    for line in lines {
        match line.strip_prefix("date: ") {
            Some(told) => date = told,
            None if matches!(line, "connection: close" | "content-length: 0") => {}
            None => return None,
        }
    }
    Some((status, date))
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn only_an_answer_without_anything_is_bare() {
        let date = "date: Thu, 26 Nov 2026 08:00:00 GMT";
        let alone =
            format!("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n{date}\r\n\r\n");
        assert_eq!(
            bare(alone.as_bytes()),
            Some(("400", "Thu, 26 Nov 2026 08:00:00 GMT"))
        );
        let ours = alone.replace("date", "x-request-id: 1\r\ndate");
        for other in [&ours, "HTTP/1.1 400 Bad Request\r\n", &format!("{alone}x"), ""] {
            assert_eq!(bare(other.as_bytes()), None, "{other}");
        }
    }
}
