//! What an operator's signals mean while serving: the first asks to drain, the second changes nothing, the third
//! ends at once.

use crate::connection::Stop;
use evently_http::Api;
use std::io;

/// Listens for SIGTERM and Ctrl-C from now on, and has the API say that it is not ready once it drains.
///
/// # Errors
/// The operating system does not let this process listen.
pub(crate) fn listen(api: Api, stop: Stop) -> io::Result<()> {
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tracing::info!("asked to stop: finishing what is in flight");
        api.start_draining();
        stop.drain.cancel();
        signals.next().await;
        tracing::info!("still finishing what is in flight; a third signal ends at once");
        signals.next().await;
        tracing::warn!("ending at once");
        stop.end.cancel();
    });
    Ok(())
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without a console there is nothing to wait for, and nothing to be told.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
