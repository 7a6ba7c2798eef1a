//! What became of queued requests, told to whoever waits for it in this process: a short cut past the queue and the
//! store, never the only way. Who tells is a worker of this process, or the queue's [`Reply`] from another one's.

use crate::domain::BookingId;
use crate::queue::{DeskId, JobQueue, Reply};
use futures::StreamExt;
use hashbrown::HashMap;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

/// How long a queue that fails is left alone.
const PAUSE: Duration = Duration::from_millis(500);

/// Who waits for what at this process' desk.
#[derive(Debug)]
pub(crate) struct Outcomes {
    pub(crate) desk: DeskId,
    waiting: Mutex<HashMap<BookingId, Listeners>>,
}

/// Those who wait for one request.
type Listeners = SmallVec<[oneshot::Sender<Reply>; 1]>;

/// Somebody who waits for one request. Dropped, it waits no more.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) id: BookingId,
    told: oneshot::Receiver<Reply>,
    outcomes: Arc<Outcomes>,
}

impl Outcomes {
    pub(crate) fn new(desk: DeskId) -> Self {
        Self {
            desk,
            waiting: Mutex::default(),
        }
    }

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

    /// Passes on what the queue tells this desk, until what is returned is dropped.
    pub(crate) fn hear(self: &Arc<Self>, queue: Arc<dyn JobQueue>) -> AbortOnDropHandle<()> {
        let outcomes = Arc::clone(self);
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                match queue.replies(outcomes.desk).await {
                    Ok(mut batches) => {
                        while let Some(batch) = batches.next().await {
                            batch.iter().for_each(|reply| outcomes.tell(reply));
                        }
                    }
                    Err(error) => tracing::debug!(error = %error, "the queue's replies cannot be heard"),
                }
                tokio::time::sleep(PAUSE).await;
            }
        }))
    }

    /// Tells all who wait for a request.
    pub(super) fn tell(&self, reply: &Reply) {
        let listeners = self.waiting.lock().remove(&reply.id);
        for listener in listeners.into_iter().flatten() {
            // Whoever does not wait any more need not know.
            let _ = listener.send(reply.clone());
        }
    }
}

impl Listener {
    /// Waits until this process is told what became of the request: for ever, if it never is.
    pub(crate) async fn heard(&mut self) -> Reply {
        if !self.told.is_terminated()
            && let Ok(reply) = (&mut self.told).await
        {
            return reply;
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
