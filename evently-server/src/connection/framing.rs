//! Follows one connection's incoming bytes from request to request, to see what the HTTP library does not show.
//!
//! A request with both `Content-Length` and `Transfer-Encoding` is how requests are smuggled past proxies. The
//! library below drops one of the two silently, so a service cannot refuse it; this tracker notices. It also
//! knows whether the head of a request has begun, which is what a header time-out is about. It judges nothing
//! else: what is malformed, the library refuses.

/// The longest line of a head that is told apart; of a longer one only the name counts.
const KEPT_OF_LINE: usize = 64;

/// Where in a request the next byte belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Before the first byte of a request.
    Between,
    /// In the request line or a header line.
    Head,
    /// In a body (or the data of a chunk with its line end) with so many bytes to come.
    Body { left: u64, chunked: bool },
    /// In the line that says a chunk's size.
    ChunkSize,
    /// In the lines after the last chunk.
    Trailers,
    /// The bytes are not understood: the library refuses them and closes.
    Lost,
}

/// What a head has said about its body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Announced {
    length: Option<u64>,
    encoding: bool,
}

/// Follows the bytes of one connection.
#[derive(Debug)]
pub(super) struct Framing {
    part: Part,
    announced: Announced,
    line: Vec<u8>,
    ambiguous: Option<u64>,
    heads: u64,
}

impl Framing {
    pub(super) fn new() -> Self {
        Self {
            part: Part::Between,
            announced: Announced::default(),
            line: Vec::new(),
            ambiguous: None,
            heads: 0,
        }
    }

    /// Which request, counted from 1, announced its body in two ways (or has chunks that could not be followed).
    pub(super) fn ambiguous(&self) -> Option<u64> {
        self.ambiguous
    }

    /// Which request's head has begun and not ended, counted from 1.
    pub(super) fn open_head(&self) -> Option<u64> {
        (self.part == Part::Head).then_some(self.heads)
    }

    /// Follows the next bytes.
    pub(super) fn feed(&mut self, mut bytes: &[u8]) {
        while let Some(&first) = bytes.first() {
            match self.part {
                Part::Lost => return,
                // Empty lines before a request are ignored (RFC 9112, 2.2).
                Part::Between if first == b'\r' || first == b'\n' => bytes = &bytes[1..],
                Part::Between => {
                    self.part = Part::Head;
                    self.heads += 1;
                    self.announced = Announced::default();
                }
                Part::Body { left, chunked } => {
                    let taken = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
                    bytes = &bytes[taken..];
                    self.part = match (left - taken as u64, chunked) {
                        (0, true) => Part::ChunkSize,
                        (0, false) => Part::Between,
                        (left, chunked) => Part::Body { left, chunked },
                    };
                }
                Part::Head | Part::ChunkSize | Part::Trailers => bytes = self.feed_line(bytes),
            }
        }
    }

    /// Takes bytes up to the line's end; answers the rest.
    fn feed_line<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = memchr::memchr(b'\n', bytes);
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        let room = KEPT_OF_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        let Some(end) = end else {
            return &[];
        };
        let mut line = std::mem::take(&mut self.line);
        self.end_line(line.strip_suffix(b"\r").unwrap_or(&line));
        line.clear();
        self.line = line;
        &bytes[end + 1..]
    }

    fn end_line(&mut self, line: &[u8]) {
        self.part = match self.part {
            Part::Head if line.is_empty() => self.end_head(),
            Part::Head => {
                self.header(line);
                Part::Head
            }
            Part::ChunkSize => match chunk_size(line) {
                Some(0) => Part::Trailers,
                // Two more for the line end after the data.
                Some(size) => Part::Body {
                    left: size.saturating_add(2),
                    chunked: true,
                },
                None => Part::Lost,
            },
            Part::Trailers if line.is_empty() => Part::Between,
            part => part,
        };
        if self.part == Part::Lost {
            self.ambiguous = Some(self.heads);
        }
    }

    fn header(&mut self, line: &[u8]) {
        let mut parts = line.splitn(2, |&byte| byte == b':');
        let (Some(name), Some(value)) = (parts.next(), parts.next()) else {
            return;
        };
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.announced.encoding = true;
        } else if name.eq_ignore_ascii_case(b"content-length") {
            let length = str::from_utf8(value)
                .ok()
                .and_then(|text| text.trim().parse().ok());
            self.announced.length = Some(length.unwrap_or(0));
        }
    }

    fn end_head(&mut self) -> Part {
        match self.announced {
            Announced {
                length: Some(_),
                encoding: true,
            } => Part::Lost,
            Announced { encoding: true, .. } => Part::ChunkSize,
            Announced {
                length: Some(left @ 1..),
                ..
            } => Part::Body { left, chunked: false },
            Announced { .. } => Part::Between,
        }
    }
}

/// The size that a chunk's first line says, extensions left out.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let text = str::from_utf8(line).ok()?;
    let digits = text.split(';').next().unwrap_or(text).trim();
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the bytes whole and byte by byte: both must come to the same.
    fn after(bytes: &str) -> (Option<u64>, Option<u64>) {
        let mut whole = Framing::new();
        whole.feed(bytes.as_bytes());
        let mut drip = Framing::new();
        bytes.as_bytes().chunks(1).for_each(|byte| drip.feed(byte));
        let state = |framing: &Framing| (framing.ambiguous(), framing.open_head());
        assert_eq!(state(&whole), state(&drip), "{bytes:?}");
        state(&whole)
    }

    const CLEAN: (Option<u64>, Option<u64>) = (None, None);
    const AMBIGUOUS: (Option<u64>, Option<u64>) = (Some(1), None);

    #[test]
    fn a_head_ends_at_its_empty_line() {
        assert_eq!(after("GET / HTTP/1.1\r\nhost: a\r\n"), (None, Some(1)));
        assert_eq!(after("GET / HTTP/1.1\r\nhost: a\r\n\r\n"), CLEAN);
        assert_eq!(after("\r\n\r\n"), CLEAN);
    }

    #[test]
    fn both_announcements_in_either_order_are_ambiguous() {
        let head = "POST / HTTP/1.1\r\n";
        let length = "Content-Length: 5\r\n";
        let encoding = "TRANSFER-ENCODING: chunked\r\n";
        assert_eq!(after(&format!("{head}{length}{encoding}\r\n")), AMBIGUOUS);
        assert_eq!(after(&format!("{head}{encoding}{length}\r\n")), AMBIGUOUS);
    }

    #[test]
    fn requests_that_follow_bodies_are_heads_again() {
        let sized = "POST / HTTP/1.1\ncontent-length: 5\n\nhello";
        let chunked =
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\na: b\r\n\r\n";
        assert_eq!(after(&format!("{sized}{chunked}{sized}")), CLEAN);
        assert_eq!(after(&format!("{chunked}{sized}GET")), (None, Some(3)));
        let smuggled = "POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n";
        assert_eq!(after(&format!("{sized}{chunked}{smuggled}")), (Some(3), None));
    }

    #[test]
    fn a_body_may_look_like_a_head() {
        let inner = "content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n";
        let outer = format!(
            "POST / HTTP/1.1\r\ncontent-length: {}\r\n\r\n{inner}",
            inner.len()
        );
        assert_eq!(after(&outer), CLEAN);
    }
}
