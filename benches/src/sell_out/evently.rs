//! Evently through its public API, over any store.

use super::{Design, Failure, Hall, Request, Sale};
use crate::args::StoreKind;
use crate::servers::Servers;
use evently_core::domain::{EventDraft, EventId, RowDraft, SeatingDraft, SectionDraft, UserId};
use evently_core::memory::MemoryStore;
use evently_core::requests::{BookRequest, Progress};
use evently_core::store::{Durability, Store};
use evently_core::{Caller, Error, Evently, Refusal};
use evently_pg::{PgOptions, PgStore};
use evently_redis::{RedisOptions, RedisStore};
use evently_sqlite::{SqliteOptions, SqliteStore};
use evently_testing::postgres::Database;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

/// How long a queued request may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct EventlyDesign {
    /// Engines on the same store that know nothing of each other, as servers are; callers take turns.
    engines: Vec<Evently>,
    events: Vec<EventId>,
    party: u32,
    /// Where its bookings are; gone with the design.
    place: Place,
}

/// Where a store keeps its bookings: empty at first, and gone with this.
pub(crate) enum Place {
    Memory,
    Folder(TempDir),
    Database(Database),
    Redis(String),
}

impl Place {
    pub(crate) async fn make(store: StoreKind, servers: &Servers) -> Result<Self, Failure> {
        Ok(match store {
            StoreKind::Memory => Self::Memory,
            StoreKind::Sqlite => Self::Folder(tempfile::tempdir()?),
            StoreKind::Postgres => Self::Database(servers.database().await?),
            StoreKind::Redis => Self::Redis(servers.empty_redis().await?.to_owned()),
        })
    }

    /// As a server's setting names it.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Memory => "memory:".to_owned(),
            Self::Folder(folder) => format!("sqlite:{}", folder.path().join("bench.db").display()),
            Self::Database(database) => database.url().to_owned(),
            Self::Redis(url) => format!("{url}?accept=bounded-loss"),
        }
    }

    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>, Failure> {
        Ok(match self {
            Self::Memory => Arc::new(MemoryStore::new()),
            Self::Folder(folder) => {
                let path = folder.path().join("bench.db");
                Arc::new(SqliteStore::open(path, SqliteOptions::default())?)
            }
            Self::Database(database) => Arc::new(PgStore::open(database.url(), PgOptions::default()).await?),
            Self::Redis(url) => Arc::new(RedisStore::open(url, redis_options()).await?),
        })
    }
}

/// The bench's Redis syncs every second, for all designs alike.
fn redis_options() -> RedisOptions {
    RedisOptions {
        accept: Durability::BoundedLoss,
        ..RedisOptions::default()
    }
}

impl EventlyDesign {
    /// So many engines over one empty store of this kind, with so many events.
    pub(crate) async fn open(
        store: StoreKind,
        servers: &Servers,
        engines: usize,
        events: usize,
        hall: Hall,
    ) -> Result<Arc<dyn Design>, Failure> {
        let place = Place::make(store, servers).await?;
        let mut built = Vec::with_capacity(engines);
        for _ in 0..engines {
            built.push(Evently::builder(place.open().await?).build());
        }
        Ok(Arc::new(Self::over(built, place, events, hall).await?))
    }

    /// These engines, with so many events to book.
    pub(crate) async fn over(
        engines: Vec<Evently>,
        place: Place,
        events: usize,
        hall: Hall,
    ) -> Result<Self, Failure> {
        let engine = engines.first().ok_or("no engine")?;
        let admin = Caller::admin(UserId::from_uuid(Uuid::nil()));
        let mut ids = Vec::with_capacity(events);
        for number in 0..events {
            let draft = draft(engine, number, hall);
            ids.push(engine.create_event(&admin, draft).await?.event.id);
        }
        Ok(Self {
            engines,
            events: ids,
            party: hall.party().unsigned_abs(),
            place,
        })
    }

    /// Where the bookings are, as a server's setting names it.
    pub(crate) fn url(&self) -> String {
        self.place.url()
    }
}

fn draft(engine: &Evently, number: usize, hall: Hall) -> EventDraft {
    let starts_at = engine.now() + Duration::from_secs(86_400);
    let ends_at = starts_at + Duration::from_secs(7_200);
    let name = format!("Event {number}");
    let draft = EventDraft::general(&name, "Hall", starts_at, ends_at, hall.capacity());
    let Hall::Seats { rows, seats } = hall else {
        return draft;
    };
    let row = |row: u32| RowDraft {
        label: format!("R{row}"),
        seats: (1..=seats).map(|seat| seat.to_string()).collect(),
        accessible: Vec::new(),
        blocked: Vec::new(),
    };
    EventDraft {
        sections: vec![SectionDraft {
            id: None,
            name: "Stalls".to_owned(),
            seating: SeatingDraft::Reserved {
                rows: (1..=rows).map(row).collect(),
            },
        }],
        ..draft
    }
}

#[async_trait::async_trait]
impl Design for EventlyDesign {
    async fn book(&self, turn: usize, request: Request) -> Sale {
        let user = Caller::user(UserId::from_uuid(request.user));
        let mut booking = BookRequest::quantity(self.party);
        booking.key = request.key.parse().ok();
        let event = self.events[turn % self.events.len()];
        let engine = &self.engines[turn % self.engines.len()];
        let sold = match engine.intake() {
            None => engine.book(&user, event, booking).await.map(|_| true),
            Some(intake) => intake
                .place(&user, event, booking, PATIENCE)
                .await
                .map(|progress| matches!(progress, Progress::Booked { .. })),
        };
        match sold {
            Ok(true) => Sale::Booked,
            Ok(false) => panic!("a request was not decided in time"),
            Err(Error::Refused(Refusal::SoldOut { .. })) => Sale::SoldOut,
            Err(error) => panic!("a booking failed: {error}"),
        }
    }

    fn mean_batch(&self) -> Option<f64> {
        let (mut commands, mut batches) = (0, 0);
        for figures in self.engines.iter().map(Evently::lane_figures) {
            commands += figures.commands;
            batches += figures.batches;
        }
        (batches > 0).then(|| commands as f64 / batches as f64)
    }

    async fn close(&self) -> Result<u64, Failure> {
        let engine = self.engines.first().ok_or("no engine")?;
        let report = engine.verify(|_| ()).await?;
        if !report.wrong.is_empty() {
            return Err(format!("the recount differs: {:?}", report.wrong).into());
        }
        let mut stored = 0;
        for id in &self.events {
            let figures = engine.store().figures(*id).await?;
            stored += figures.map_or(0, |figures| figures.stats.bookings);
        }
        for engine in &self.engines {
            engine.shutdown().await;
        }
        Ok(stored)
    }
}
