//! Which answers are compressed, for clients that ask for it.

use tower_http::compression::predicate::{And, NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{Compression, CompressionLevel};

/// The smallest answer that is compressed, in bytes. Answers with tokens in them are shorter, so that none is
/// compressed together with what a stranger may have chosen.
const COMPRESSED_FROM: u64 = 1024;

/// Compresses what is large enough, streams of events left out: those are read as they come.
pub(crate) fn compressed<S>(service: S) -> Compression<S, And<SizeAbove, NotForContentType>> {
    Compression::new(service)
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::SSE))
}
