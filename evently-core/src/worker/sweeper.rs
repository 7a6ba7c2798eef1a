//! The sweeper, which makes the consequences of time prompt.

use crate::clock::Clock;
use crate::lane::Lanes;
use crate::ledger::Command;
use crate::store::Store;
use futures::future::join_all;
use std::{sync::Arc, time::Duration};
use tokio::time::MissedTickBehavior;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Looks for events in which something is due and has their lanes do it. Any number of processes may sweep one
/// store: a lane's commit is what counts.
#[derive(Debug)]
pub(crate) struct Sweeper {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Sweeper {
    /// How many events are swept at a time.
    const EVENTS: usize = 100;

    pub(crate) fn start(
        period: Duration,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        lanes: Lanes,
    ) -> Self {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        let stop = stopping.clone();
        tasks.spawn(async move {
            let mut ticks = tokio::time::interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                // A long job is done step by step without waiting for the next tick.
                while !stop.is_cancelled() && sweep(&*store, &*clock, &lanes).await {}
            }
        });
        tasks.close();
        Self { stopping, tasks }
    }

    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.wait().await;
    }
}

/// Sweeps what is due; whether there was anything, and all went well.
async fn sweep(store: &dyn Store, clock: &dyn Clock, lanes: &Lanes) -> bool {
    let due = match store.due_events(clock.now(), Sweeper::EVENTS).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(error = %error, "the sweeper could not read what is due");
            return false;
        }
    };
    let swept = join_all(due.iter().map(|event_id| lanes.submit(*event_id, Command::Sweep))).await;
    for (event_id, error) in due
        .iter()
        .zip(&swept)
        .filter_map(|(id, swept)| Some((id, swept.as_ref().err()?)))
    {
        tracing::warn!(event.id = %event_id, error = %error, "the sweeper could not do what is due");
    }
    !due.is_empty() && swept.iter().all(Result::is_ok)
}
