//! What became of queued requests, told within this process to whoever waits: a short cut past the queue and the
//! store, never the only way. Who tells is the worker that had them decided, or the lookout.

use crate::domain::{BookingId, EventId};
use crate::ledger::{Receipt, Refusal};
use hashbrown::HashMap;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

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
    waiting: Mutex<HashMap<BookingId, Waiting>>,
    arrivals: Notify,
}

/// Those who wait for one request.
#[derive(Debug)]
struct Waiting {
    event_id: EventId,
    since: Instant,
    listeners: SmallVec<[oneshot::Sender<Decided>; 1]>,
}

/// Somebody who waits for one request. Dropped, it waits no more.
#[derive(Debug)]
pub(crate) struct Listener {
    id: BookingId,
    told: oneshot::Receiver<Decided>,
    outcomes: Arc<Outcomes>,
}

impl Outcomes {
    /// Waits for a request for an event from now on.
    pub(crate) fn listen(self: &Arc<Self>, event_id: EventId, id: BookingId) -> Listener {
        let (tell, told) = oneshot::channel();
        let waiting = || Waiting {
            event_id,
            since: Instant::now(),
            listeners: SmallVec::new(),
        };
        self.waiting
            .lock()
            .entry(id)
            .or_insert_with(waiting)
            .listeners
            .push(tell);
        self.arrivals.notify_one();
        Listener {
            id,
            told,
            outcomes: Arc::clone(self),
        }
    }

    /// Returns once somebody has begun to wait since the last call.
    pub(super) async fn arrived(&self) {
        self.arrivals.notified().await;
    }

    /// The requests that somebody has waited for at least so long; nothing if nobody waits at all.
    pub(super) fn waiting_for(&self, patience: Duration) -> Option<Vec<(EventId, BookingId)>> {
        let waiting = self.waiting.lock();
        let now = Instant::now();
        let long = waiting
            .iter()
            .filter(|(_, waiting)| now.duration_since(waiting.since) >= patience);
        (!waiting.is_empty()).then(|| long.map(|(id, waiting)| (waiting.event_id, *id)).collect())
    }

    /// Tells all who wait for a request.
    pub(super) fn tell(&self, id: BookingId, decided: &Decided) {
        let waiting = self.waiting.lock().remove(&id);
        for listener in waiting.into_iter().flat_map(|waiting| waiting.listeners) {
            // Whoever does not wait any more need not know.
            let _ = listener.send(decided.clone());
        }
    }
}

impl Listener {
    /// Waits until it is known in this process what became of the request: for ever, if it never is.
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
        if let Some(those) = waiting.get_mut(&self.id) {
            those.listeners.retain(|listener| !listener.is_closed());
            if those.listeners.is_empty() {
                waiting.remove(&self.id);
            }
        }
    }
}
