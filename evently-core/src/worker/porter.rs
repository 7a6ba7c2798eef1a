//! Brings requests to the queue: whatever has come in while the last call was under way goes in one call.

use crate::queue::{Job, JobQueue, Pushed};
use crate::store::StoreError;
use std::sync::Arc;
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio::sync::oneshot;
use tokio_util::task::AbortOnDropHandle;

/// The most requests of one call.
const MAX_BATCH: usize = 512;
/// The most requests that wait to be brought; one more is answered that it is too many.
const MAX_WAITING: usize = 16_384;

/// What came of bringing one request.
pub(crate) type Brought = Result<Pushed, Arc<StoreError>>;

/// The way to the queue. Dropped, it brings no more.
#[derive(Debug)]
pub(crate) struct Porter {
    waiting: mpsc::Sender<Load>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
struct Load {
    job: Arc<Job>,
    brought: oneshot::Sender<Brought>,
}

impl Porter {
    pub(crate) fn start(queue: Arc<dyn JobQueue>) -> Self {
        let (waiting, mut loads) = mpsc::channel(MAX_WAITING);
        let task = tokio::spawn(async move {
            let mut batch = Vec::new();
            while loads.recv_many(&mut batch, MAX_BATCH).await > 0 {
                bring(&*queue, std::mem::take(&mut batch)).await;
            }
        });
        Self {
            waiting,
            _task: AbortOnDropHandle::new(task),
        }
    }

    /// Brings a request to the queue; with too many on their way already, it is full. A caller who goes away does
    /// not hold the request back.
    ///
    /// # Errors
    /// The queue failed; if that was transient, the request may be in it.
    pub(crate) async fn bring(&self, job: Arc<Job>) -> Brought {
        let (brought, answer) = oneshot::channel();
        match self.waiting.try_send(Load { job, brought }) {
            Ok(()) => answer.await.unwrap_or_else(|_| Err(Arc::new(ended()))),
            Err(TrySendError::Full(_)) => Ok(Pushed::Full),
            Err(TrySendError::Closed(_)) => Err(Arc::new(ended())),
        }
    }
}

/// The engine ended meanwhile.
fn ended() -> StoreError {
    StoreError::transient("queue", "nobody brings requests to it any more")
}

async fn bring(queue: &dyn JobQueue, loads: Vec<Load>) {
    let jobs: Vec<_> = loads.iter().map(|load| Arc::clone(&load.job)).collect();
    match queue.push(&jobs).await {
        Ok(pushed) => answer(loads, pushed.into_iter().map(Ok)),
        Err(error) if !error.is_transient() && loads.len() > 1 => {
            // One of them cannot be queued: the others shall not suffer for it.
            for load in loads {
                let alone = queue.push(std::slice::from_ref(&load.job)).await;
                let pushed = alone.map(|pushed| pushed.first().copied().unwrap_or(Pushed::Full));
                answer(vec![load], [pushed.map_err(Arc::new)]);
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            answer(loads, std::iter::repeat_with(|| Err(Arc::clone(&error))));
        }
    }
}

fn answer(loads: Vec<Load>, answers: impl IntoIterator<Item = Brought>) {
    for (load, answer) in loads.into_iter().zip(answers) {
        // Nobody may be listening any more; what is queued stays queued.
        let _ = load.brought.send(answer);
    }
}
