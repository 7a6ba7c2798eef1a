//! Evently through its public API, over any store.

use super::{Design, Failure, Request};
use evently_core::domain::{BookingId, EventDraft, EventId, UserId};
use evently_core::memory::MemoryStore;
use evently_core::requests::BookRequest;
use evently_core::store::Store;
use evently_core::{Caller, Evently};
use evently_sqlite::{SqliteOptions, SqliteStore};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct EventlyDesign {
    engine: Evently,
    events: Vec<EventId>,
    /// Where its file is, if it has one; gone with the design.
    _folder: Option<TempDir>,
}

pub(crate) async fn in_memory(events: usize) -> Result<Arc<dyn Design>, Failure> {
    Ok(Arc::new(
        EventlyDesign::new(Arc::new(MemoryStore::new()), events, None).await?,
    ))
}

pub(crate) async fn in_sqlite(events: usize) -> Result<Arc<dyn Design>, Failure> {
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(folder.path().join("bench.db"), SqliteOptions::default())?;
    Ok(Arc::new(
        EventlyDesign::new(Arc::new(store), events, Some(folder)).await?,
    ))
}

impl EventlyDesign {
    pub(crate) async fn new(
        store: Arc<dyn Store>,
        events: usize,
        folder: Option<TempDir>,
    ) -> Result<Self, Failure> {
        let engine = Evently::builder(store).build();
        let admin = Caller::admin(UserId::from_uuid(Uuid::nil()));
        let starts_at = engine.now() + Duration::from_secs(86_400);
        let ends_at = starts_at + Duration::from_secs(7_200);
        let mut ids = Vec::with_capacity(events);
        for number in 0..events {
            let draft =
                EventDraft::general(&format!("Event {number}"), "Hall", starts_at, ends_at, 10_000_000);
            ids.push(engine.create_event(&admin, draft).await?.event.id);
        }
        Ok(Self {
            engine,
            events: ids,
            _folder: folder,
        })
    }
}

#[async_trait::async_trait]
impl Design for EventlyDesign {
    async fn book(&self, turn: usize, request: Request) {
        let user = Caller::user(UserId::from_uuid(request.user));
        let mut booking = BookRequest::quantity(1);
        booking.booking_id = Some(BookingId::from_uuid(request.booking));
        booking.key = request.key.parse().ok();
        match self
            .engine
            .book(&user, self.events[turn % self.events.len()], booking)
            .await
        {
            Ok(_) => {}
            Err(error) => panic!("a booking failed: {error}"),
        };
    }

    fn mean_batch(&self) -> Option<f64> {
        let figures = self.engine.lane_figures();
        Some(figures.commands as f64 / figures.batches.max(1) as f64)
    }

    async fn close(&self) -> Result<u64, Failure> {
        let report = self.engine.verify(|_| ()).await?;
        if !report.wrong.is_empty() {
            return Err(format!("the recount differs: {:?}", report.wrong).into());
        }
        let mut stored = 0;
        for id in &self.events {
            stored += self
                .engine
                .store()
                .figures(*id)
                .await?
                .map_or(0, |figures| figures.stats.bookings);
        }
        self.engine.shutdown().await;
        Ok(stored)
    }
}
