//! The accept loop: from a listening socket to a service, with every bound a public server needs.
//!
//! - A request's head takes at most 10 s, and a connection on which nothing moves is closed after 75 s.
//! - There is a limit of connections; those beyond it are told so with a 503.
//! - Draining lets every request end that is in flight or already on its way in.
//!
//! No TLS and no HTTP/2: that is a proxy's work.

mod edge;
mod framing;
mod patience;
mod refusal;
#[cfg(test)]
mod tests;
mod wire;

use bytes::Bytes;
use edge::{Admission, Edge};
use evently_http::{Api, Cors};
use futures::FutureExt;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use patience::Patience;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use wire::Watched;

/// How long a kept-alive connection is still served once draining began, so that a request which was on its way
/// is answered (and told that it was the last).
const LINGER: Duration = Duration::from_millis(500);

/// How long draining may take.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(25);

/// How many connections are told that there are too many at a time; more are closed without a word.
const REFUSALS: usize = 256;

/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// The most header lines of a request.
const MAX_HEADERS: usize = 100;

/// How long accepting pauses when the operating system has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(50);

/// When to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    /// Take nothing new, finish what is in flight.
    pub(crate) drain: CancellationToken,
    /// Drop everything.
    pub(crate) end: CancellationToken,
}

/// Who is let in.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// How many connections at once; one more is told that there are too many.
    pub(crate) max_connections: usize,
    /// Which web pages.
    pub(crate) cors: Cors,
}

/// What serves every connection.
#[derive(Clone)]
struct Acceptor<S> {
    api: Api,
    service: S,
    cors: Arc<Cors>,
    stop: Stop,
    served: Arc<Semaphore>,
    refused: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// Serves until `stop` says so; returns when the last connection is closed.
pub(crate) async fn serve<S, B>(listener: TcpListener, api: Api, service: S, bounds: Bounds, stop: &Stop)
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let acceptor = Acceptor {
        api,
        service,
        cors: Arc::new(bounds.cors),
        stop: Stop {
            drain: stop.drain.clone(),
            end: stop.end.child_token(),
        },
        served: Arc::new(Semaphore::new(bounds.max_connections)),
        refused: Arc::new(Semaphore::new(REFUSALS)),
        tasks: TaskTracker::new(),
    };
    while let Some(accepted) = stop.drain.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => acceptor.admit(stream, peer),
            Err(error) => wait_out(&error).await,
        }
    }
    // Those whose connection stood before the drain began are not to find it reset.
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        acceptor.admit(stream, peer);
    }
    drop(listener);
    acceptor.tasks.close();
    tracing::info!(open = acceptor.tasks.len(), "no new connections are accepted");
    let drained = tokio::time::timeout(DRAIN_TIMEOUT, acceptor.tasks.wait()).await;
    if drained.is_err() {
        tracing::warn!("not everything in flight was finished in time");
        acceptor.stop.end.cancel();
        acceptor.tasks.wait().await;
    }
}

impl<S, B> Acceptor<S>
where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    fn admit(&self, stream: TcpStream, peer: SocketAddr) {
        let permits = [
            (&self.served, Admission::Served),
            (&self.refused, Admission::Refused),
        ];
        let permit = permits.into_iter().find_map(|(semaphore, admission)| {
            let permit = Arc::clone(semaphore).try_acquire_owned().ok()?;
            Some((permit, admission))
        });
        let Some((permit, admission)) = permit else {
            return;
        };
        // Small answers must not wait for one another; without it they are only slower.
        let _ = stream.set_nodelay(true);
        let acceptor = self.clone();
        self.tasks.spawn(async move {
            let end = acceptor.stop.end.clone();
            end.run_until_cancelled(acceptor.converse(stream, peer, admission))
                .await;
            drop(permit);
        });
    }

    /// Serves one connection to its end.
    async fn converse<T>(self, stream: T, peer: SocketAddr, admission: Admission)
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        let _open = self.api.metrics().connect();
        let stream = Watched::new(stream, self.api.clone());
        let wire = stream.wire();
        let edge = Edge {
            service: self.service,
            api: self.api.clone(),
            cors: self.cors,
            wire: Arc::clone(&wire),
            peer,
            admission,
            // Its own: asking one that all connections share is waiting in line.
            drain: self.stop.drain.child_token(),
            patience: Patience::default(),
            requests: AtomicU64::new(0),
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            // The wire keeps this time better: the library's own runs while a kept-alive connection is idle, too.
            .header_read_timeout(None)
            .max_header_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .max_buf_size(2 * MAX_HEAD_BYTES)
            // Answers are short: copied behind its head, a body needs no call of its own kind.
            .writev(false)
            .serve_connection(TokioIo::new(stream), edge);
        let mut connection = pin!(connection);
        let mut stale = pin!(wire.stale());
        let lingered = async {
            self.stop.drain.cancelled().await;
            tokio::time::sleep(LINGER).await;
        };
        tokio::select! {
            ended = connection.as_mut() => return log_end(ended),
            () = stale.as_mut() => return,
            () = lingered => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            ended = connection => log_end(ended),
            () = stale => {}
        }
    }
}

/// A connection that ends badly is the client's affair: a line for whoever looks for one.
fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}

/// Waits after an error of accepting, if that is not about one connection alone.
async fn wait_out(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::warn!(%error, "cannot accept connections for now");
        tokio::time::sleep(PAUSE).await;
    }
}
