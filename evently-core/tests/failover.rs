//! A storage that acknowledges a commit, loses it and goes on: a replica that was behind takes over. What was lost is
//! lost, but no server that remembers it gives an answer by it: neither a place that is not there nor a refusal.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use async_trait::async_trait;
use evently_core::conformance::wrap::{Meddle, Wrapped};
use evently_core::domain::{BookingFilter, EventDraft, EventId, PageRequest, UserId};
use evently_core::ledger::{Changes, Need, Refusal, Snapshot};
use evently_core::memory::MemoryStore;
use evently_core::requests::{BookRequest, JoinRequest};
use evently_core::store::{BookingStore, Committed, Store, StoreError};
use evently_core::{Caller, Error, Evently};
use std::sync::atomic::{AtomicU8, Ordering};
use std::{sync::Arc, time::Duration};

/// A replica beside a store.
#[derive(Debug, Default)]
struct Replica {
    store: MemoryStore,
    role: AtomicU8,
}

/// It gets no commit any more; before, each.
const IS_BEHIND: u8 = 1;
/// It has taken over.
const LEADS: u8 = 2;

impl Replica {
    fn is(&self, role: u8) -> bool {
        self.role.load(Ordering::SeqCst) == role
    }

    fn turn(&self, role: u8) {
        self.role.store(role, Ordering::SeqCst);
    }
}

#[async_trait]
impl Meddle for Replica {
    async fn load(&self, store: &dyn Store, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        if self.is(LEADS) {
            return self.store.load(needs).await;
        }
        store.load(needs).await
    }

    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        if !self.is(LEADS) {
            let committed = store.commit(changes).await?;
            if self.is(IS_BEHIND) {
                return Ok(committed);
            }
        }
        self.store.commit(changes).await
    }
}

/// Two servers on one storage.
struct Site {
    storage: Arc<Wrapped<Replica>>,
    servers: [Evently; 2],
    event: EventId,
    admin: Caller,
}

impl Site {
    async fn open(capacity: u32) -> Self {
        let storage = Arc::new(Wrapped::new(Arc::new(MemoryStore::new()), Replica::default()));
        let server = || {
            Evently::builder(Arc::clone(&storage) as _)
                .sweep_every(None)
                .build()
        };
        let servers = [server(), server()];
        let admin = Caller::admin(UserId::from_uuid(servers[0].new_id()));
        let starts_at = servers[0].now() + Duration::from_secs(86_400);
        let ends_at = starts_at + Duration::from_secs(3_600);
        let draft = EventDraft::general("Ferry", "Pier", starts_at, ends_at, capacity);
        let event = servers[0].create_event(&admin, draft).await.unwrap().event.id;
        Self {
            storage,
            servers,
            event,
            admin,
        }
    }

    fn user(&self) -> Caller {
        Caller::user(UserId::from_uuid(self.servers[0].new_id()))
    }

    async fn book(&self, server: usize) -> Result<evently_core::domain::BookingId, Error> {
        let request = BookRequest::quantity(1);
        let placed = self.servers[server]
            .book(&self.user(), self.event, request)
            .await?;
        Ok(placed.booking().expect("a booking").id)
    }

    async fn change(&self, server: usize) {
        let server = &self.servers[server];
        let event = server.event(Some(&self.admin), self.event).await.unwrap().event;
        let draft = EventDraft {
            description: "Moved".to_owned(),
            ..EventDraft::of(&event)
        };
        server
            .change_event(&self.admin, self.event, event.version, draft)
            .await
            .unwrap();
    }

    async fn live(&self) -> u32 {
        let replica = &self.storage.meddle().store;
        let page = replica
            .bookings_of_event(self.event, BookingFilter::default(), PageRequest::default())
            .await
            .unwrap();
        let live = page
            .items
            .iter()
            .filter(|booking| booking.status.takes_capacity());
        live.map(|booking| booking.quantity()).sum()
    }
}

#[tokio::test]
async fn a_place_is_not_sold_twice_whose_cancellation_was_lost() {
    let site = Site::open(2).await;
    site.book(0).await.unwrap();
    let cancelled = site.book(0).await.unwrap();
    site.storage.meddle().turn(IS_BEHIND);
    site.servers[0].cancel(&site.admin, cancelled).await.unwrap();
    site.storage.meddle().turn(LEADS);
    // The same number of commits as the other server remembers.
    let wish = JoinRequest::quantity(1);
    site.servers[1]
        .join(&site.user(), site.event, wish)
        .await
        .unwrap();
    let refused = site.book(0).await.unwrap_err();
    assert!(
        matches!(refused, Error::Refused(Refusal::SoldOut { .. })),
        "{refused}"
    );
    assert_eq!(site.live().await, 2);
}

#[tokio::test]
async fn nobody_is_refused_a_place_whose_sale_was_lost() {
    let site = Site::open(1).await;
    site.storage.meddle().turn(IS_BEHIND);
    site.book(0).await.unwrap();
    site.storage.meddle().turn(LEADS);
    site.change(1).await;
    site.book(0).await.unwrap();
    assert_eq!(site.live().await, 1);
}
