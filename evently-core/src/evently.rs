//! The facade: what an application holds. Its calls are in `service/`, by what they are about.

use crate::clock::{Clock, IdSource, RandomIds, SystemClock};
use crate::domain::{EventId, Limits, Timestamp};
use crate::error::Error;
use crate::lane::{LaneFigures, LaneSettings, Lanes, Shared};
use crate::ledger::{Command, Receipt};
use crate::store::Store;
use crate::worker::Sweeper;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The booking engine over one store. Cheap to clone; all clones are one engine.
///
/// It runs lanes (which decide and commit) and a sweeper (which makes expiry prompt) as tasks on the runtime it
/// was built on. Every call may be abandoned at any moment: what it began ends whole.
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
        Evently {
            inner: Arc::new(Inner {
                store: self.store,
                clock: self.clock,
                ids: self.ids,
                limits: self.limits,
                lanes,
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

    /// Stops taking commands, answers those taken, stops the sweeper and closes the store.
    pub async fn shutdown(&self) {
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
