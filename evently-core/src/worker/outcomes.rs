//! What became of queued requests, told within this process to whoever waits: a short cut past the queue and the
//! store, never the only way.

use crate::domain::BookingId;
use crate::ledger::{Receipt, Refusal};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What became of a request.
#[derive(Debug, Clone)]
pub(crate) enum Decided {
    /// It made this, or an earlier one with its key had.
    Made(Receipt),
    /// The rules refused it.
    Refused(Refusal),
    /// Nobody could decide it.
    Failed,
}

/// Who waits for what.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    waiting: Mutex<HashMap<BookingId, Vec<oneshot::Sender<Decided>>>>,
}

/// Somebody who waits for one request. Dropped, it waits no more.
#[derive(Debug)]
pub(crate) struct Listener {
    id: BookingId,
    told: oneshot::Receiver<Decided>,
    outcomes: Arc<Outcomes>,
}

impl Outcomes {
    /// Waits for a request from now on.
    pub(crate) fn listen(self: &Arc<Self>, id: BookingId) -> Listener {
        let (tell, told) = oneshot::channel();
        self.waiting.lock().entry(id).or_default().push(tell);
        Listener {
            id,
            told,
            outcomes: Arc::clone(self),
        }
    }

    /// Tells all who wait for a request.
    pub(super) fn tell(&self, id: BookingId, decided: &Decided) {
        let waiting = self.waiting.lock().remove(&id);
        for listener in waiting.into_iter().flatten() {
            // Whoever does not wait any more need not know.
            let _ = listener.send(decided.clone());
        }
    }
}

impl Listener {
    /// Waits until somebody in this process had the request decided: for ever, if nobody has.
    pub(crate) async fn heard(&mut self) -> Decided {
        if !self.told.is_terminated()
            && let Ok(decided) = (&mut self.told).await
        {
            return decided;
        }
        std::future::pending().await
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.told.close();
        let mut waiting = self.outcomes.waiting.lock();
        if let Some(listeners) = waiting.get_mut(&self.id) {
            listeners.retain(|listener| !listener.is_closed());
            if listeners.is_empty() {
                waiting.remove(&self.id);
            }
        }
    }
}
