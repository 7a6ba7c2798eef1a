//! How long a request may take.

use parking_lot::Mutex;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// A time-out for one request after the other.
///
/// They share one timer: to put it off is cheap, where to set up and to take down one for each request is a turn at a
/// lock that all requests of the process take turns at.
#[derive(Debug, Clone, Default)]
pub(super) struct Patience(Arc<Mutex<Option<Pin<Box<Sleep>>>>>);

impl Patience {
    /// Waits for the work so long at most; `None` if it took longer.
    pub(super) async fn wait<T>(&self, at_most: Duration, work: impl Future<Output = T>) -> Option<T> {
        let end = Instant::now() + at_most;
        let idle = self.0.lock().take();
        let mut timer = match idle {
            Some(mut timer) => {
                timer.as_mut().reset(end);
                timer
            }
            None => Box::pin(sleep_until(end)),
        };
        let outcome = tokio::select! {
            biased;
            outcome = work => Some(outcome),
            () = timer.as_mut() => None,
        };
        *self.0.lock() = Some(timer);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::{pending, ready};
    use tokio::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn each_request_has_its_time() {
        let patience = Patience::default();
        let second = Duration::from_secs(1);
        assert_eq!(patience.wait(second, ready(1)).await, Some(1));
        // What ran out while nobody was waiting is no concern of whoever comes next.
        sleep(3 * second).await;
        let work = async {
            sleep(second / 2).await;
            2
        };
        assert_eq!(patience.wait(second, work).await, Some(2));
        let began = Instant::now();
        assert_eq!(patience.wait(second, pending::<()>()).await, None);
        assert_eq!(began.elapsed(), second);
        assert_eq!(patience.wait(second, ready(3)).await, Some(3));
    }
}
