//! The way to a thread that works jobs off: bounded, and closed once.

use crate::error::{closed, overloaded, timed_out};
use evently_core::store::StoreError;
use parking_lot::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// The sending end of a bounded queue of jobs.
pub(crate) struct Queue<J> {
    jobs: Mutex<Option<SyncSender<J>>>,
    deadline: Duration,
}

impl<J> Queue<J> {
    /// A queue that holds so many jobs, each to be answered within the deadline, and its other end.
    pub(crate) fn new(max_waiting: usize, deadline: Duration) -> (Self, Receiver<J>) {
        let (sender, receiver) = sync_channel(max_waiting.max(1));
        let jobs = Mutex::new(Some(sender));
        (Self { jobs, deadline }, receiver)
    }

    /// Hands a job over and waits for its answer. A caller who stops waiting does not stop the job.
    pub(crate) async fn ask<T>(
        &self,
        job: J,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.put(job)?;
        match tokio::time::timeout(self.deadline, answer).await {
            Ok(Ok(answer)) => answer,
            // Too late, or its thread ended without answering: it is not known how far it came.
            Ok(Err(_)) | Err(_) => Err(timed_out()),
        }
    }

    fn put(&self, job: J) -> Result<(), StoreError> {
        match self.jobs.lock().as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => Ok(()),
            Some(Err(TrySendError::Full(_))) => Err(overloaded()),
            Some(Err(TrySendError::Disconnected(_))) | None => Err(closed()),
        }
    }

    /// Takes no more jobs; those taken are still worked off.
    pub(crate) fn close(&self) {
        self.jobs.lock().take();
    }
}
