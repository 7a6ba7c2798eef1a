//! A connection's stream, watched: when its bytes last moved, since when a head has been under way, and which request
//! announced its body in two ways. What the HTTP library refuses by itself leaves it as a problem.

use super::framing::Framing;
use super::refusal;
use bytes::{Buf, Bytes};
use evently_http::Api;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{cmp, io};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

/// How long a client may take for a request's head.
const HEAD_TIMEOUT: Duration = evently_http::limits::HEADER_TIMEOUT;

/// How long a connection may stay without a byte in either direction while nothing is being done for it: idle
/// clients, and those that do not read their answers.
const STILL_TIMEOUT: Duration = Duration::from_secs(75);

/// No head is under way; no request is such.
const NONE: u64 = u64::MAX;

/// What is known of a connection. Written by its stream, read by whoever serves it. Times are milliseconds since
/// it opened.
#[derive(Debug)]
pub(super) struct Wire {
    opened: Instant,
    read_ms: AtomicU64,
    written_ms: AtomicU64,
    head_ms: AtomicU64,
    /// Counted from 1.
    ambiguous: AtomicU64,
    is_handling: AtomicBool,
}

impl Wire {
    fn new() -> Self {
        Self {
            opened: Instant::now(),
            read_ms: AtomicU64::new(0),
            written_ms: AtomicU64::new(0),
            // The first head is awaited from the start.
            head_ms: AtomicU64::new(0),
            ambiguous: AtomicU64::new(NONE),
            is_handling: AtomicBool::new(false),
        }
    }

    /// Whether a request of the connection, counted from 1, announced its body in two ways, or comes after one that did:
    /// it cannot be trusted.
    pub(super) fn is_ambiguous(&self, request: u64) -> bool {
        self.ambiguous.load(Ordering::Relaxed) <= request
    }

    /// Marks that a request is being handled, until the guard is dropped: the client is not the one to wait for.
    pub(super) fn handling(self: &Arc<Self>) -> Handling {
        self.is_handling.store(true, Ordering::Relaxed);
        Handling(Arc::clone(self))
    }

    /// Returns once the client has taken too long.
    pub(super) async fn stale(&self) {
        loop {
            let now = Instant::now();
            // Whatever begins from now on is due later than this.
            let mut next = now + HEAD_TIMEOUT;
            if !self.is_handling.load(Ordering::Relaxed) {
                let deadline = self.deadline();
                if deadline <= now {
                    return;
                }
                next = next.min(deadline);
            }
            tokio::time::sleep_until(next).await;
        }
    }

    fn deadline(&self) -> Instant {
        let load = |ms: &AtomicU64| ms.load(Ordering::Relaxed);
        let written = load(&self.written_ms);
        let since_open = |ms: u64, wait: Duration| self.opened + Duration::from_millis(ms) + wait;
        let still = since_open(cmp::max(load(&self.read_ms), written), STILL_TIMEOUT);
        match load(&self.head_ms) {
            NONE => still,
            // A head that came while the answer before it was under way is awaited from that answer on.
            head => still.min(since_open(cmp::max(head, written), HEAD_TIMEOUT)),
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }
}

/// A request is being handled.
#[derive(Debug)]
pub(super) struct Handling(Arc<Wire>);

impl Drop for Handling {
    fn drop(&mut self) {
        // From here on it is the client's turn again.
        self.0.written_ms.store(self.0.now_ms(), Ordering::Relaxed);
        self.0.is_handling.store(false, Ordering::Relaxed);
    }
}

/// A stream whose bytes are watched.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: S,
    framing: Framing,
    head: Option<u64>,
    wire: Arc<Wire>,
    api: Api,
    /// What is being written instead of what the library writes.
    instead: Option<Bytes>,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, api: Api) -> Self {
        Self {
            stream,
            framing: Framing::new(),
            head: None,
            wire: Arc::new(Wire::new()),
            api,
            instead: None,
        }
    }

    pub(super) fn wire(&self) -> Arc<Wire> {
        Arc::clone(&self.wire)
    }

    fn arrived(&mut self, bytes: &[u8]) {
        let now = self.wire.now_ms();
        self.wire.read_ms.store(now, Ordering::Relaxed);
        self.framing.feed(bytes);
        if let Some(request) = self.framing.ambiguous() {
            self.wire.ambiguous.store(request, Ordering::Relaxed);
        }
        let head = self.framing.open_head();
        match head {
            None => self.wire.head_ms.store(NONE, Ordering::Relaxed),
            // The first head keeps the time at which the connection opened.
            Some(2..) if head != self.head => self.wire.head_ms.store(now, Ordering::Relaxed),
            Some(_) => {}
        }
        self.head = head;
    }

    /// Writes what is to be written instead, to its end.
    fn poll_write_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>>
    where
        S: AsyncWrite + Unpin,
    {
        while let Some(instead) = self.instead.as_mut().filter(|instead| instead.has_remaining()) {
            match ready!(Pin::new(&mut self.stream).poll_write(cx, instead))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => instead.advance(written),
            }
        }
        self.instead = None;
        Poll::Ready(Ok(()))
    }

    fn left(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.wire.written_ms.store(self.wire.now_ms(), Ordering::Relaxed);
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        let new = buf.filled().get(before..).unwrap_or_default();
        if !new.is_empty() {
            self.arrived(new);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            self.instead = refusal::in_shape(&self.api, bytes).map(Bytes::from);
        }
        let written = match self.instead {
            Some(_) => self.poll_write_instead(cx).map_ok(|()| bytes.len()),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        };
        self.left(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [piece] = pieces {
            return self.poll_write(cx, piece);
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.left(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
