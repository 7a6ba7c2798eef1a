//! The body of an answer: whole, or a stream of pieces.

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, mem};
use sync_wrapper::SyncWrapper;

/// The body of an answer.
///
/// It is an [`http_body::Body`], which is what frameworks on hyper take; one that takes bytes or streams matches on it.
#[derive(Debug)]
pub enum Body {
    /// All of it, which has a length.
    Whole(Bytes),
    /// Pieces as they come, of which nobody knows how many there will be.
    Streamed(Streamed),
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, Cut>> + Send>>;

/// The pieces of a body as they come. To drop it is to end it: what made the pieces stops.
pub struct Streamed(SyncWrapper<Pieces>);

/// A streamed body ended before its end. What is left for the server is to break the connection off, so that the client
/// does not take what it has for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off")]
pub struct Cut;

impl Body {
    /// No body.
    pub const EMPTY: Self = Self::Whole(Bytes::new());

    /// The body, if it is whole.
    pub fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Streamed(_) => None,
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(bytes.into())
    }
}

impl Streamed {
    pub(crate) fn new(pieces: impl Stream<Item = Result<Bytes, Cut>> + Send + 'static) -> Self {
        // Whoever compresses a body asks once more after its end.
        Self(SyncWrapper::new(Box::pin(pieces.fuse())))
    }
}

impl Stream for Streamed {
    type Item = Result<Bytes, Cut>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.get_mut().as_mut().poll_next(cx)
    }
}

impl fmt::Debug for Streamed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Streamed").finish_non_exhaustive()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        match &mut *self {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(mem::take(bytes))))),
            Self::Streamed(pieces) => Pin::new(pieces)
                .poll_next(cx)
                .map(|piece| piece.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.whole().is_some_and(Bytes::is_empty)
    }

    fn size_hint(&self) -> SizeHint {
        self.whole().map_or_else(
            SizeHint::default,
            |bytes| SizeHint::with_exact(bytes.len() as u64),
        )
    }
}
