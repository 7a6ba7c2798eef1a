//! The engine itself: bounded queues, callers that go away, shutting down, storage that fails.

use crate::conformance::faulty::{Faults, faulty};
use crate::conformance::world::{World, key};
use crate::conformance::wrap::{Meddle, Wrapped};
use crate::domain::{BookingStatus, EventId};
use crate::ledger::{Changes, Need, Snapshot};
use crate::requests::BookRequest;
use crate::store::{Committed, Store, StoreError};
use crate::{Error, Evently, LaneSettings};
use async_trait::async_trait;
use std::sync::Arc;
use tokio::{sync::Semaphore, task::JoinSet};

/// Commits wait until they are let through; closing leaves the store to the case.
#[derive(Debug)]
struct Gate(Arc<Semaphore>);

#[async_trait]
impl Meddle for Gate {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let _passed = self.0.acquire().await.expect("never closed");
        store.commit(changes).await
    }

    async fn close(&self, _: &dyn Store) {}
}

/// One event cannot be read.
#[derive(Debug)]
struct Unreadable(EventId);

#[async_trait]
impl Meddle for Unreadable {
    async fn load(&self, store: &dyn Store, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        if needs.iter().any(|need| need.event_id == self.0) {
            return Err(StoreError::permanent("test", "a row is damaged"));
        }
        store.load(needs).await
    }

    async fn close(&self, _: &dyn Store) {}
}

/// An engine with one lane on a store that somebody meddles with.
fn one_lane(world: &World, meddle: impl Meddle, max_waiting: usize) -> Evently {
    let settings = LaneSettings {
        lanes: 1,
        max_waiting,
        ..LaneSettings::default()
    };
    Evently::builder(Arc::new(Wrapped::new(Arc::clone(&world.store), meddle)))
        .clock(world.clock.clone())
        .ids(world.ids.clone())
        .lanes(settings)
        .sweep_every(None)
        .build()
}

/// An engine with one lane whose commits wait at a gate.
fn gated(world: &World, max_waiting: usize) -> (Evently, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    (one_lane(world, Gate(Arc::clone(&gate)), max_waiting), gate)
}

pub(crate) async fn an_event_that_cannot_be_read_spoils_no_other(world: World) {
    let damaged = world.general(5).await;
    let evently = one_lane(&world, Unreadable(damaged), 100);
    let mut ids = vec![damaged];
    for _ in 0..12 {
        ids.push(world.general(5).await);
    }
    let mut tasks = JoinSet::new();
    for id in ids {
        let (evently, by) = (evently.clone(), world.user());
        tasks.spawn(async move { (id, evently.book(&by, id, BookRequest::quantity(1)).await) });
    }
    for (id, answer) in tasks.join_all().await {
        assert_eq!(answer.is_err(), id == damaged, "{answer:?}");
    }
}

pub(crate) async fn a_full_queue_refuses_at_once_and_without_effect(world: World) {
    let id = world.general(100).await;
    let (evently, gate) = gated(&world, 4);
    let mut tasks = JoinSet::new();
    for _ in 0..40 {
        let (evently, by) = (evently.clone(), world.user());
        tasks.spawn(async move { evently.book(&by, id, BookRequest::quantity(1)).await });
    }
    // Nothing is committed yet, so whoever is answered now is refused.
    let first = tasks.join_next().await.expect("an answer").unwrap();
    assert!(matches!(first, Err(Error::Overloaded { .. })), "{first:?}");
    gate.add_permits(1);
    let answers = tasks.join_all().await;
    let sold = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = answers
        .iter()
        .filter(|answer| matches!(answer, Err(Error::Overloaded { .. })))
        .count();
    assert_eq!(sold + refused, 39);
    assert!(sold >= 1);
    assert_eq!(world.listing(id).await.counts[0].sold as usize, sold);
}

pub(crate) async fn a_caller_that_goes_away_cancels_nothing_half_way(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let (evently, gate) = gated(&world, 100);
    let request = BookRequest::quantity(2).with_key(key("gone"));
    let call = tokio::spawn({
        let (evently, request) = (evently.clone(), request.clone());
        async move { evently.book(&ada, id, request).await }
    });
    // The call has reached its lane once the lane's commit stands at the gate, at the latest when this returns.
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    call.abort();
    let _ = call.await;
    gate.add_permits(1);
    let placed = evently.book(&ada, id, request).await.expect("a definite answer");
    assert_eq!(placed.booking().expect("a booking").quantity(), 2);
    let bookings = world.bookings(id).await;
    assert_eq!(bookings.len(), 1, "one effect, whichever call had it");
    assert_eq!(world.available(id).await, 8);
}

pub(crate) async fn a_shut_down_engine_answers_what_it_took_and_takes_nothing(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let (evently, gate) = gated(&world, 100);
    let call = tokio::spawn({
        let evently = evently.clone();
        async move { evently.book(&ada, id, BookRequest::quantity(1)).await }
    });
    gate.add_permits(1);
    let taken = call.await.unwrap().expect("it was taken before");
    evently.shutdown().await;
    let refused = evently.book(&ada, id, BookRequest::quantity(1)).await;
    assert!(matches!(refused, Err(Error::Closed)), "{refused:?}");
    assert_eq!(
        world.status(taken.booking().unwrap().id).await,
        BookingStatus::Confirmed
    );
    assert_eq!(world.available(id).await, 9);
}

pub(crate) async fn a_failing_storage_ends_definite_under_a_key(world: World) {
    let id = world.general(30).await;
    let store = faulty(Arc::clone(&world.store), 11, Faults::harsh());
    let evently = world.engine_over(Arc::new(store));
    let mut sold = 0;
    for turn in 0..40 {
        let by = world.user();
        let request = BookRequest::quantity(1).with_key(key(&format!("k-{turn}")));
        let answer = crate::conformance::world::settled(|| evently.book(&by, id, request.clone())).await;
        sold += u32::from(answer.is_ok());
    }
    assert_eq!(sold, 30);
    assert_eq!(world.listing(id).await.counts[0].sold, 30);
}
