//! Callers who book as fast as they are answered, and what they were told.

#![allow(dead_code, reason = "each test file uses some of it")]

use evently_core::domain::{BookingId, EventDraft, EventId, UserId};
use evently_core::requests::BookRequest;
use evently_core::store::Durability;
use evently_core::{Caller, Evently};
use evently_redis::{RedisOptions, RedisStore};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// An engine on a store whose calls end within a second.
pub(crate) async fn open(url: &str, accept: Durability) -> Evently {
    let options = RedisOptions {
        accept,
        deadline: Duration::from_secs(1),
        ..RedisOptions::default()
    };
    let store = RedisStore::open(url, options).await.unwrap();
    Evently::builder(Arc::new(store)).build()
}

/// An event with one general section.
pub(crate) async fn event(evently: &Evently, capacity: u32) -> EventId {
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    let start = evently.now() + Duration::from_secs(86_400);
    let draft = EventDraft::general(
        "Lighthouse",
        "Harbour hall",
        start,
        start + Duration::from_secs(60),
        capacity,
    );
    evently.create_event(&admin, draft).await.unwrap().event.id
}

/// What callers were told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    acknowledged: Arc<Mutex<Vec<BookingId>>>,
    failed: Arc<AtomicUsize>,
}

/// Callers at work.
#[derive(Debug)]
pub(crate) struct Booking {
    stop: CancellationToken,
    callers: Vec<JoinHandle<()>>,
}

impl Booking {
    /// Lets each caller end what it is at.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        for caller in self.callers {
            caller.await.unwrap();
        }
    }
}

impl Record {
    /// So many callers begin to book, each one ticket for a new user after the other.
    pub(crate) fn book(&self, evently: &Evently, event: EventId, callers: usize) -> Booking {
        let stop = CancellationToken::new();
        let caller = |_| {
            let (record, evently, stop) = (self.clone(), evently.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.is_cancelled() {
                    let ada = Caller::user(UserId::from_uuid(evently.new_id()));
                    match evently.book(&ada, event, BookRequest::quantity(1)).await {
                        Ok(placed) => record.acknowledged.lock().push(placed.booking().unwrap().id),
                        Err(_) => {
                            record.failed.fetch_add(1, Ordering::Relaxed);
                            tokio::task::yield_now().await;
                        }
                    }
                }
            })
        };
        Booking {
            callers: (0..callers).map(caller).collect(),
            stop,
        }
    }

    /// How many were acknowledged.
    pub(crate) fn len(&self) -> usize {
        self.acknowledged.lock().len()
    }

    /// How many calls failed.
    pub(crate) fn failed(&self) -> usize {
        self.failed.load(Ordering::Relaxed)
    }

    /// Waits until so many more are acknowledged.
    pub(crate) async fn acknowledged_more(&self, more: usize) {
        let wanted = self.len() + more;
        self.until(|record| record.len() >= wanted).await;
    }

    /// Waits until so many more calls failed.
    pub(crate) async fn failed_more(&self, more: usize) {
        let wanted = self.failed() + more;
        self.until(|record| record.failed() >= wanted).await;
    }

    async fn until(&self, is_so: impl Fn(&Self) -> bool) {
        let reached = async {
            while !is_so(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(60), reached).await;
        assert!(
            in_time.is_ok(),
            "{} acknowledged, {} failed",
            self.len(),
            self.failed()
        );
    }

    /// How many acknowledged bookings are lost, and how many are there that nobody was told of. What is stored must
    /// stand a recount.
    pub(crate) async fn check(&self, evently: &Evently, event: EventId) -> (usize, usize) {
        let mut lost = 0;
        let acknowledged = self.acknowledged.lock().clone();
        for id in &acknowledged {
            let found = evently.store().booking(*id).await.unwrap();
            lost += usize::from(found.is_none());
        }
        let report = evently.verify(|_| ()).await.unwrap();
        assert_eq!(report.wrong, [], "a recount differs");
        let stored = evently.event(None, event).await.unwrap().counts[0].sold as usize;
        (lost, stored - (acknowledged.len() - lost))
    }
}
