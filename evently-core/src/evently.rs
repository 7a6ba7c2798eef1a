//! The facade: what an application holds. Its calls are in `service/`, by what they are about.

use crate::clock::{Clock, IdSource, RandomIds, SystemClock};
use crate::domain::{EventId, Limits, Timestamp};
use crate::error::Error;
use crate::lane::{LaneFigures, LaneSettings, Lanes, Shared};
use crate::lease::Leases;
use crate::ledger::{Command, Receipt};
use crate::queue::{DeskId, JobQueue};
use crate::service::intake::Desk;
use crate::store::Store;
use crate::worker::{Consumers, Sweeper, Workplace};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The booking engine over one store. Cheap to clone; all clones are one engine.
///
/// It runs lanes (which decide and commit), a sweeper (which makes expiry prompt) and, where it has a queue, workers
/// (which have decided what is queued) as tasks on the runtime it was built on. Every call may be abandoned at any moment: what it began ends whole.
#[derive(Debug, Clone)]
pub struct Evently {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) limits: Limits,
    pub(crate) lanes: Lanes,
    pub(crate) desk: Option<Desk>,
    consumers: Option<Consumers>,
    sweeper: Option<Sweeper>,
}

/// Sets an engine up.
#[derive(Debug)]
pub struct EventlyBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    limits: Limits,
    lanes: LaneSettings,
    sweep_every: Option<Duration>,
    queue: Option<Arc<dyn JobQueue>>,
    workers: usize,
    leases: Option<Arc<dyn Leases>>,
}

impl EventlyBuilder {
    /// Takes the time from this clock instead of the machine's.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Takes new ids from this source instead of random ones.
    #[must_use]
    pub fn ids(mut self, ids: Arc<dyn IdSource>) -> Self {
        self.ids = ids;
        self
    }

    /// Sets the bounds on what an admin may describe.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the lanes' number and bounds.
    #[must_use]
    pub fn lanes(mut self, settings: LaneSettings) -> Self {
        self.lanes = settings;
        self
    }

    /// Sets how often the sweeper looks for what is due (default 250 ms); `None` for no sweeper in this process.
    ///
    /// Without a sweeper every answer is as right, but what frees reaches the waitlist only when its event is
    /// used.
    #[must_use]
    pub fn sweep_every(mut self, period: Option<Duration>) -> Self {
        self.sweep_every = period;
        self
    }

    /// Sets the queue of queued intake; without one, [`Evently::intake`] is `None`.
    #[must_use]
    pub fn queue(mut self, queue: Arc<dyn JobQueue>) -> Self {
        self.queue = Some(queue);
        self
    }

    /// Sets how many workers this process has (default 1): tasks that have decided what is queued. They work on as
    /// many partitions at a time as there are; a second one helps only where the queue is slow to answer.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// Has workers share the queue's partitions out by leases, instead of all claiming from all of them. Every
    /// answer is as right without leases; with several processes they spare each the other's conflicts.
    #[must_use]
    pub fn leases(mut self, leases: Arc<dyn Leases>) -> Self {
        self.leases = Some(leases);
        self
    }

    /// Starts the engine on the current tokio runtime.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn build(self) -> Evently {
        let lanes = Lanes::start(Shared::new(
            self.lanes,
            Arc::clone(&self.store),
            Arc::clone(&self.clock),
            Arc::clone(&self.ids),
            self.limits.clone(),
        ));
        let sweeper = self.sweep_every.map(|period| {
            Sweeper::start(
                period,
                Arc::clone(&self.store),
                Arc::clone(&self.clock),
                lanes.clone(),
            )
        });
        let desk = self.queue.map(|queue| {
            let id = DeskId(self.ids.next(self.clock.now()));
            Desk::new(queue, id)
        });
        let consumers = desk.as_ref().map(|desk| {
            let place = Workplace {
                queue: Arc::clone(&desk.queue),
                leases: self.leases,
                lanes: lanes.clone(),
                clock: Arc::clone(&self.clock),
                ids: Arc::clone(&self.ids),
                outcomes: Arc::clone(&desk.outcomes),
            };
            Consumers::start(self.workers, &place)
        });
        Evently {
            inner: Arc::new(Inner {
                store: self.store,
                clock: self.clock,
                ids: self.ids,
                limits: self.limits,
                lanes,
                desk,
                consumers,
                sweeper,
            }),
        }
    }
}

impl Evently {
    /// Begins setting an engine up over a store.
    pub fn builder(store: Arc<dyn Store>) -> EventlyBuilder {
        EventlyBuilder {
            store,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            limits: Limits::default(),
            lanes: LaneSettings::default(),
            sweep_every: Some(Duration::from_millis(250)),
            queue: None,
            workers: 1,
            leases: None,
        }
    }

    /// The engine's store, for reads that the facade does not offer and for accounts.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    /// The bounds on what an admin may describe.
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// The present instant by the engine's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// A new UUIDv7 from the engine's source.
    pub fn new_id(&self) -> Uuid {
        self.inner.ids.next(self.now())
    }

    /// What the lanes have done so far.
    pub fn lane_figures(&self) -> LaneFigures {
        self.inner.lanes.figures()
    }

    /// Stops taking commands, answers those taken, stops the sweeper and closes the store. Workers decide for up to
    /// 5 s what is queued; what is left stays in the queue.
    pub async fn shutdown(&self) {
        if let Some(consumers) = &self.inner.consumers {
            consumers.stop().await;
        }
        if let Some(sweeper) = &self.inner.sweeper {
            sweeper.stop().await;
        }
        self.inner.lanes.shutdown().await;
        self.inner.store.close().await;
    }

    pub(crate) async fn submit(&self, event_id: EventId, command: Command) -> Result<Receipt, Error> {
        self.inner.lanes.submit(event_id, command).await
    }
}
