//! One exchange, as every adapter has it: what a framework knows of a request goes in, a reply comes out.
//!
//! Here is what adapters would otherwise each do their own way: reading a body of bounded size, `HEAD`, answering
//! what no route takes, and paths under a prefix. Which route a request takes is theirs to find.

use crate::limits::MAX_BODY_BYTES;
use crate::{Api, Call, Code, Problem, Reply, Request, routes};
use bytes::{Buf, Bytes, BytesMut};
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderValue, Method, header};
use std::net::IpAddr;
use std::pin::pin;

/// How much of a body that is too large is read and thrown away before the refusal, in bytes: a client that is
/// still sending would not see the answer for the reset of its connection.
const DISCARDED_BYTES: usize = 1024 * 1024;

/// What a framework knows of a request before its body is read.
#[derive(Debug, Clone)]
pub struct Head {
    /// The method.
    pub method: Method,
    /// The whole path as it was sent (percent-encoded, no query).
    pub path: String,
    /// How many bytes of the path are the prefix that the API is mounted under; 0 at the root.
    pub prefix_bytes: usize,
    /// The path's parameters in the template's order, percent-encoded as they were sent.
    pub path_params: Vec<String>,
    /// The query string without its `?`, percent-encoded as it was sent.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The address that the connection came from; `None` where there is none.
    pub peer: Option<IpAddr>,
}

impl Head {
    fn prefix(&self) -> &str {
        self.path.get(..self.prefix_bytes).unwrap_or_default()
    }

    fn path_below_prefix(&self) -> &str {
        self.path.get(self.prefix_bytes..).unwrap_or_default()
    }
}

impl Api {
    /// Answers a request that a route takes: reads its body, runs the route's operation, finishes the reply.
    ///
    /// A body over [`MAX_BODY_BYTES`] is refused (413), one that breaks off too (400); at most a megabyte more than
    /// that is read. The `Location` of what was made carries the prefix. An empty path parameter is a path that no
    /// route takes.
    pub async fn exchange<Op, Answer, Failure: Send>(
        &self,
        head: Head,
        body: impl Stream<Item = Result<impl Buf + Send, Failure>> + Send,
        op: Op,
    ) -> Reply
    where
        Op: FnOnce(Call) -> Answer + Send,
        Answer: Future<Output = Result<Reply, Problem>> + Send,
    {
        // Some frameworks take `/a//b` for `/a/{id}/b` with an empty id.
        if head.path_params.iter().any(String::is_empty) {
            return self.unrouted(&head, body).await;
        }
        let request_id = self.request_id(&head.headers);
        let body = match read(&head.headers, body).await {
            Ok(body) => body,
            Err(problem) => return self.refuse(problem, &head.path, &request_id),
        };
        let prefix = head.prefix().to_owned();
        let request = Request {
            method: match head.method {
                Method::HEAD => Method::GET,
                method => method,
            },
            path: head.path,
            path_params: head.path_params,
            query: head.query,
            headers: head.headers,
            body,
            peer: head.peer,
            request_id,
        };
        let mut reply = self.serve(request, op).await;
        if !prefix.is_empty() {
            relocate(&mut reply.headers, &prefix);
        }
        reply
    }

    /// Answers a request that no route takes: 404, or 405 with `Allow` where the path takes other methods.
    ///
    /// Its body is read as far as [`exchange`](Self::exchange) reads one, and thrown away: a connection on which it was
    /// still to come could not be kept.
    pub async fn unrouted<Failure>(
        &self,
        head: &Head,
        body: impl Stream<Item = Result<impl Buf, Failure>>,
    ) -> Reply {
        // Whatever it is, there is nothing that it could be for.
        let _ = read(&head.headers, body).await;
        let request_id = self.request_id(&head.headers);
        let problem = routes::unrouted(head.path_below_prefix());
        self.refuse(problem, &head.path, &request_id)
    }
}

/// The whole body, if it is not too large.
async fn read<Failure>(
    headers: &HeaderMap,
    body: impl Stream<Item = Result<impl Buf, Failure>>,
) -> Result<Bytes, Problem> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY_BYTES + DISCARDED_BYTES) {
        return Err(Problem::payload_too_large());
    }
    let mut body = pin!(body);
    let mut whole = BytesMut::new();
    let mut length = 0;
    while let Some(data) = body.next().await {
        let cut = |_| Problem::new(Code::Malformed, "The body could not be read to its end.");
        let mut data = data.map_err(cut)?;
        let size = data.remaining();
        length += size;
        if length > MAX_BODY_BYTES + DISCARDED_BYTES {
            break;
        }
        if length > MAX_BODY_BYTES {
            whole.clear();
        } else if Some(size) == announced {
            // The usual case: it came in one piece, which need not be copied.
            return Ok(data.copy_to_bytes(size));
        } else {
            whole.extend_from_slice(&data.copy_to_bytes(size));
        }
    }
    if length > MAX_BODY_BYTES {
        return Err(Problem::payload_too_large());
    }
    Ok(whole.freeze())
}

/// Gives the `Location` of what was made the prefix that the API is mounted under.
fn relocate(headers: &mut HeaderMap, prefix: &str) {
    if let Some(location) = headers.get_mut(header::LOCATION)
        && let Ok(path) = location.to_str()
        && let Ok(moved) = HeaderValue::try_from(format!("{prefix}{path}"))
    {
        *location = moved;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    async fn read_pieces(announced: Option<usize>, pieces: Vec<Result<Bytes, ()>>) -> Result<Bytes, Code> {
        let mut headers = HeaderMap::new();
        if let Some(length) = announced {
            headers.insert(header::CONTENT_LENGTH, length.into());
        }
        let outcome = read(&headers, stream::iter(pieces)).await;
        outcome.map_err(|problem| problem.code())
    }

    #[tokio::test]
    async fn a_body_is_whole_or_refused() {
        let piece = |size: usize| Ok(Bytes::from(vec![b'x'; size]));
        let halves = read_pieces(None, vec![piece(3), piece(4)]).await;
        assert_eq!(halves.unwrap(), "xxxxxxx");
        let one = read_pieces(Some(3), vec![piece(3)]).await;
        assert_eq!(one.unwrap(), "xxx");
        let full = read_pieces(Some(MAX_BODY_BYTES), vec![piece(MAX_BODY_BYTES)]).await;
        assert_eq!(full.unwrap().len(), MAX_BODY_BYTES);
        let over = read_pieces(None, vec![piece(MAX_BODY_BYTES), piece(1)]).await;
        assert_eq!(over, Err(Code::PayloadTooLarge));
        let endless = vec![piece(MAX_BODY_BYTES); 100];
        assert_eq!(read_pieces(None, endless).await, Err(Code::PayloadTooLarge));
        let cut = read_pieces(Some(9), vec![piece(3), Err(())]).await;
        assert_eq!(cut, Err(Code::Malformed));
    }

    #[test]
    fn a_location_is_given_the_prefix() {
        let mut headers = HeaderMap::new();
        headers.insert(header::LOCATION, HeaderValue::from_static("/api/bookings/x"));
        relocate(&mut headers, "/tickets");
        assert_eq!(headers[header::LOCATION], "/tickets/api/bookings/x");
    }
}
