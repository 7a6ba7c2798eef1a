//! Rule 13: what is queued ends exactly once, and is read by its id from the moment it was accepted.

use crate::clock::Clock;
use crate::conformance::world::{World, key, settled};
use crate::conformance::wrap::{Meddle, Wrapped};
use crate::domain::{Booking, BookingStatus, Caller, EntryStatus, EventDraft, EventId, EventStatus};
use crate::lease::Leases;
use crate::ledger::{Changes, Refusal};
use crate::memory::{MemoryLeases, MemoryQueue};
use crate::queue::{Delivery, JobQueue, MAX_CLAIM, MAX_DELIVERIES, QueueSettings};
use crate::requests::{BookRequest, Progress};
use crate::store::{Committed, Store, StoreError};
use crate::{Error, Evently, EventlyBuilder};
use async_trait::async_trait;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::Instant};

/// A queue with one partition, by the world's clock.
fn queue(world: &World, capacity: usize) -> Arc<MemoryQueue> {
    let settings = QueueSettings {
        partitions: 1,
        capacity,
        ..QueueSettings::default()
    };
    Arc::new(MemoryQueue::new(settings, world.clock.clone()))
}

fn builder(world: &World, store: Arc<dyn Store>, queue: &Arc<MemoryQueue>) -> EventlyBuilder {
    Evently::builder(store)
        .clock(world.clock.clone())
        .ids(world.ids.clone())
        .sweep_every(None)
        .queue(Arc::clone(queue) as _)
}

/// An engine over the world's store that queues, with so many workers.
fn engine(world: &World, queue: &Arc<MemoryQueue>, workers: usize) -> Evently {
    builder(world, Arc::clone(&world.store), queue)
        .workers(workers)
        .build()
}

async fn place(
    engine: &Evently,
    by: &Caller,
    id: EventId,
    request: BookRequest,
    wait: Duration,
) -> Result<Progress, Error> {
    engine
        .intake()
        .expect("a queue")
        .place(by, id, request, wait)
        .await
}

/// Queues a request and does not wait.
async fn queued(engine: &Evently, by: &Caller, id: EventId, request: BookRequest) -> Arc<Booking> {
    let placed = settled(|| place(engine, by, id, request.clone(), Duration::ZERO)).await;
    match placed.expect("a request that can be queued") {
        Progress::Pending { booking, .. } => booking,
        other => panic!("it is decided already: {other:?}"),
    }
}

/// Reads what has become of a request until it is decided. Time passes meanwhile, so that what was handed back or
/// left is claimed again.
async fn outcome(world: &World, engine: &Evently, by: &Caller, booking: &Booking) -> Progress {
    for _ in 0..2_000 {
        let progress = settled(|| engine.progress(by, booking.id)).await;
        match progress.expect("what was accepted is known") {
            Progress::Pending { .. } => {
                world.clock.advance(Duration::from_millis(100));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            decided => return decided,
        }
    }
    panic!("it is never decided");
}

/// Queues a request under a key and reads what becomes of it.
async fn decided(
    world: &World,
    engine: &Evently,
    by: &Caller,
    id: EventId,
    request: BookRequest,
) -> Progress {
    let placed = settled(|| place(engine, by, id, request.clone(), Duration::from_millis(50))).await;
    match placed.expect("a request that can be queued") {
        Progress::Pending { booking, .. } => outcome(world, engine, by, &booking).await,
        decided => decided,
    }
}

fn keyed(quantity: u32, text: &str) -> BookRequest {
    BookRequest::quantity(quantity).with_key(key(text))
}

pub(crate) async fn a_queued_request_is_answered_as_it_was_decided(world: World) {
    let engine = engine(&world, &queue(&world, 100), 1);
    let (id, ada) = (world.general(3).await, world.user());
    let booked = decided(&world, &engine, &ada, id, keyed(1, "book")).await;
    assert!(
        matches!(&booked, Progress::Booked { booking, .. } if booking.status == BookingStatus::Confirmed)
    );
    let held = decided(&world, &engine, &ada, id, keyed(2, "hold").held()).await;
    let Progress::Booked { booking, .. } = &held else {
        panic!("{held:?}")
    };
    assert_eq!(booking.status, BookingStatus::Held);
    assert_eq!(
        booking.hold_expires_at,
        Some(booking.created_at + Duration::from_secs(600))
    );
    let refused = decided(&world, &engine, &ada, id, keyed(1, "late")).await;
    let Progress::Rejected { booking, refusal } = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(booking.status, BookingStatus::Rejected);
    assert_eq!(refusal, Refusal::SoldOut { available: 0 });
    let waits = decided(&world, &engine, &ada, id, keyed(1, "wait").or_waitlist()).await;
    assert!(
        matches!(&waits, Progress::Waitlisted { entry, .. } if entry.entry.status == EntryStatus::Waiting)
    );
    assert_eq!(world.bookings(id).await.len(), 2);
}

pub(crate) async fn what_is_queued_is_its_owners_to_read_and_held_by_nobody(world: World) {
    let queue = queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    let (id, ada, eve) = (world.general(3).await, world.user(), world.user());
    let pending = queued(&desk, &ada, id, keyed(2, "k")).await;
    assert_eq!(pending.status, BookingStatus::Pending);
    assert_eq!((pending.quantity(), pending.user_id), (2, ada.user_id));
    for by in [&ada, &world.admin] {
        let read = settled(|| desk.progress(by, pending.id)).await;
        assert_eq!(read.unwrap().booking(), &pending);
    }
    assert_eq!(
        settled(|| desk.progress(&eve, pending.id)).await,
        Err(Refusal::NotFound)
    );
    assert_eq!(
        settled(|| desk.cancel(&eve, pending.id)).await,
        Err(Refusal::NotFound)
    );
    let cancelled = settled(|| desk.cancel(&ada, pending.id)).await;
    let confirmed = settled(|| desk.confirm(&ada, pending.id, None)).await;
    assert_eq!(
        (cancelled, confirmed),
        (Err(Refusal::NotHeld), Err(Refusal::NotHeld))
    );
    assert_eq!(world.available(id).await, 3);

    // A worker in another process decides it; whoever queued it reads that.
    let _worker = engine(&world, &queue, 1);
    let Progress::Booked { booking, .. } = outcome(&world, &desk, &ada, &pending).await else {
        panic!("it is to be had")
    };
    assert_eq!(
        (booking.id, booking.status),
        (pending.id, BookingStatus::Confirmed)
    );
    assert_eq!(world.available(id).await, 1);
}

pub(crate) async fn a_request_that_found_its_key_used_goes_by_both_ids(world: World) {
    let queue = queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    let (id, ada, eve) = (world.general(3).await, world.user(), world.user());
    let pending = queued(&desk, &ada, id, keyed(2, "k").held()).await;
    // A server without a queue is asked the same meanwhile.
    let first = settled(|| world.evently.book(&ada, id, keyed(2, "k").held())).await;
    let first = first.expect("places").booking().expect("a booking").id;
    let _worker = engine(&world, &queue, 1);
    let Progress::Booked { booking, .. } = outcome(&world, &desk, &ada, &pending).await else {
        panic!("it was booked before")
    };
    assert_eq!(booking.id, first);
    assert_eq!(
        settled(|| desk.cancel(&eve, pending.id)).await,
        Err(Refusal::NotFound)
    );
    for confirmed in [
        settled(|| desk.confirm(&ada, pending.id, None)).await,
        settled(|| desk.confirm(&ada, first, None)).await,
    ] {
        let confirmed = confirmed.expect("a hold");
        assert_eq!(
            (confirmed.id, confirmed.status),
            (first, BookingStatus::Confirmed)
        );
    }
    let cancelled = settled(|| desk.cancel(&ada, pending.id))
        .await
        .expect("a booking");
    assert_eq!(
        (cancelled.id, cancelled.status),
        (first, BookingStatus::Cancelled)
    );
    assert_eq!(world.available(id).await, 3);
}

pub(crate) async fn one_key_is_one_booking_while_it_is_queued_and_after(world: World) {
    let queue = queue(&world, 100);
    let desks = [engine(&world, &queue, 0), engine(&world, &queue, 0)];
    let (id, ada) = (world.general(9).await, world.user());
    let first = queued(&desks[0], &ada, id, keyed(2, "k")).await;
    for desk in &desks {
        let again = settled(|| place(desk, &ada, id, keyed(2, "k"), Duration::ZERO)).await;
        let Ok(Progress::Pending { booking, replayed }) = again else {
            panic!("{again:?}")
        };
        assert_eq!((booking.id, replayed), (first.id, true));
        let other = settled(|| place(desk, &ada, id, keyed(3, "k"), Duration::ZERO)).await;
        assert_eq!(other, Err(Refusal::IdempotencyMismatch));
    }
    assert_eq!(queue.view().await.unwrap().partitions[0].depth, 1);
    let _worker = engine(&world, &queue, 1);
    outcome(&world, &desks[0], &ada, &first).await;
    let replay = settled(|| place(&desks[1], &ada, id, keyed(2, "k"), Duration::ZERO)).await;
    let Ok(Progress::Booked { booking, replayed }) = replay else {
        panic!("{replay:?}")
    };
    assert_eq!((booking.id, replayed), (first.id, true));
    // Refused at once while the queue still knows the key's job, which may be a moment longer than the booking is
    // seen; by the decision after that.
    let other = settled(|| place(&desks[0], &ada, id, keyed(3, "k"), Duration::ZERO)).await;
    let refusal = match other {
        Err(refusal) | Ok(Progress::Rejected { refusal, .. }) => refusal,
        Ok(Progress::Pending { booking, .. }) => match outcome(&world, &desks[0], &ada, &booking).await {
            Progress::Rejected { refusal, .. } => refusal,
            other => panic!("{other:?}"),
        },
        Ok(other) => panic!("{other:?}"),
    };
    assert_eq!(refusal, Refusal::IdempotencyMismatch);
    assert_eq!(world.available(id).await, 7);
}

pub(crate) async fn whoever_asks_otherwise_with_a_queued_key_waits_for_its_end(world: World) {
    const LONG: Duration = Duration::from_secs(30);
    let queue = queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    let (id, ada) = (world.general(2).await, world.user());
    world.booked(&world.user(), id, 1).await;
    queued(&desk, &ada, id, keyed(2, "k")).await;
    let otherwise = || place(&desk, &ada, id, keyed(1, "k"), LONG);
    let (otherwise, _worker) = tokio::join!(settled(otherwise), async { engine(&world, &queue, 1) });
    // The first is refused, so it has not used the key.
    let Ok(Progress::Booked { booking, replayed }) = otherwise else {
        panic!("{otherwise:?}")
    };
    assert_eq!((booking.quantity(), replayed), (1, false));

    // The other way round, the first has used it.
    world.cancelled(&booking).await;
    let queue = self::queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    queued(&desk, &ada, id, keyed(1, "l")).await;
    let otherwise = || place(&desk, &ada, id, keyed(2, "l"), LONG);
    let (otherwise, _worker) = tokio::join!(settled(otherwise), async { engine(&world, &queue, 1) });
    match otherwise {
        Err(refusal) | Ok(Progress::Rejected { refusal, .. }) => {
            assert_eq!(refusal, Refusal::IdempotencyMismatch)
        }
        Ok(other) => panic!("{other:?}"),
    }
}

pub(crate) async fn a_key_whose_request_was_refused_is_tried_again(world: World) {
    let engine = engine(&world, &queue(&world, 100), 1);
    let (id, ada) = (world.general(1).await, world.user());
    let taken = world.booked(&world.user(), id, 1).await;
    for _ in 0..2 {
        let refused = decided(&world, &engine, &ada, id, keyed(1, "k")).await;
        assert!(matches!(refused, Progress::Rejected { .. }), "{refused:?}");
    }
    world.cancelled(&taken).await;
    let booked = decided(&world, &engine, &ada, id, keyed(1, "k")).await;
    assert!(matches!(booked, Progress::Booked { .. }), "{booked:?}");
}

pub(crate) async fn what_cannot_be_is_not_queued(world: World) {
    let queue = queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    let (id, ada) = (world.general(9).await, world.user());
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(9)
    };
    let draft = world.create(draft).await.id;
    let unknown = EventId::from_uuid(world.new_id());
    let foreign = world.create(world.draft(9)).await.ticket_types[0].id;
    for (event, request) in [
        (draft, BookRequest::quantity(1)),
        (unknown, BookRequest::quantity(1)),
        (id, BookRequest::quantity(101)),
        (id, BookRequest::of_type(foreign, 1)),
        (id, BookRequest::seats(["A-1"])),
    ] {
        let refused = settled(|| place(&desk, &ada, event, request.clone(), Duration::ZERO)).await;
        let refused = refused.unwrap_err();
        let is_right = match event == id {
            true => matches!(refused, Refusal::Invalid(_)),
            false => refused == Refusal::NotFound,
        };
        assert!(is_right, "{request:?}: {refused:?}");
    }
    assert_eq!(queue.view().await.unwrap().partitions[0].depth, 0);
}

pub(crate) async fn a_full_partition_refuses_at_once(world: World) {
    let desk = engine(&world, &queue(&world, 1), 0);
    let (id, ada) = (world.general(9).await, world.user());
    queued(&desk, &ada, id, keyed(1, "first")).await;
    for _ in 0..100 {
        match place(&desk, &ada, id, keyed(1, "second"), Duration::from_secs(60)).await {
            Err(Error::Overloaded { .. }) => return,
            // The storage may fail now and then.
            Err(Error::Store(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    panic!("a hundred times no definite answer");
}

/// Commits wait until they are let through.
#[derive(Debug)]
struct Gate(Arc<Semaphore>);

#[async_trait]
impl Meddle for Gate {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let _passed = self.0.acquire().await.expect("never closed");
        store.commit(changes).await
    }
}

pub(crate) async fn a_worker_that_was_too_slow_stores_nothing_after_the_refusal(world: World) {
    let queue = queue(&world, 100);
    let draft = EventDraft {
        sales_close_at: Some(world.in_seconds(3600)),
        ..world.draft(9)
    };
    let (id, ada) = (world.create(draft).await.id, world.user());
    let gate = Arc::new(Semaphore::new(0));
    let gated = Wrapped::new(Arc::clone(&world.store), Gate(Arc::clone(&gate)));
    let slow = builder(&world, Arc::new(gated), &queue).workers(1).build();
    let desk = engine(&world, &queue, 0);
    let pending = queued(&desk, &ada, id, keyed(1, "k")).await;
    // The slow worker sells the ticket, and its commit stands before the gate while sales close.
    while slow.lane_figures().commits == 0 {
        world.clock.advance(Duration::from_millis(10));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.advance(3600);
    let quick = engine(&world, &queue, 1);
    let ended = outcome(&world, &desk, &ada, &pending).await;
    assert!(
        matches!(
            ended,
            Progress::Rejected {
                refusal: Refusal::NotOnSale { .. },
                ..
            }
        ),
        "{ended:?}"
    );
    gate.add_permits(1_000);
    // Its lane works in order: once it has answered this, the late commit is over.
    let after = settled(|| slow.book(&ada, id, keyed(1, "other"))).await;
    assert!(matches!(after, Err(Refusal::NotOnSale { .. })), "{after:?}");
    assert_eq!(world.bookings(id).await, vec![]);
    assert_eq!(settled(|| quick.progress(&ada, pending.id)).await.unwrap(), ended);
    world.assert_recount().await;
}

/// Lets each commit hang for so long and fail, until it is over.
#[derive(Debug, Clone)]
struct Hanging {
    for_so_long: Duration,
    is_over: Arc<AtomicBool>,
}

#[async_trait]
impl Meddle for Hanging {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        if self.is_over.load(Ordering::SeqCst) {
            return store.commit(changes).await;
        }
        tokio::time::sleep(self.for_so_long).await;
        Err(StoreError::transient("hanging", "no answer in time"))
    }
}

pub(crate) async fn a_store_that_hangs_makes_no_dead_letters(world: World) {
    let claim_for = Duration::from_millis(20);
    let settings = QueueSettings {
        partitions: 1,
        claim_for,
        ..QueueSettings::default()
    };
    let queue = Arc::new(MemoryQueue::new(settings, world.clock.clone()));
    let (id, ada) = (world.general(9).await, world.user());
    let hanging = Hanging {
        for_so_long: claim_for * 2,
        is_over: Arc::default(),
    };
    let worker = || {
        let store = Wrapped::new(Arc::clone(&world.store), hanging.clone());
        builder(&world, Arc::new(store), &queue).workers(1).build()
    };
    let workers = [worker(), worker()];
    let desk = engine(&world, &queue, 0);
    let pending = queued(&desk, &ada, id, keyed(1, "k")).await;
    // Each worker looks every 250 ms for what others left: time for more deliveries than a job has.
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(2) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        world.clock.advance(Duration::from_millis(1));
    }
    hanging.is_over.store(true, Ordering::SeqCst);
    let ended = outcome(&world, &desk, &ada, &pending).await;
    assert!(matches!(ended, Progress::Booked { .. }), "{ended:?}");
    assert_eq!(queue.view().await.unwrap().dead, 0);
    assert_eq!(world.bookings(id).await.len(), 1);
    drop(workers);
}

/// Claims what there is as somebody who then dies.
async fn claimed_by_the_dead(world: &World, queue: &MemoryQueue) -> Vec<Delivery> {
    let claimed = queue.claim(0, "dead", MAX_CLAIM).await.unwrap();
    world.clock.advance(queue.settings().claim_for);
    claimed
}

pub(crate) async fn a_job_that_nobody_decides_ends_as_a_dead_letter(world: World) {
    let queue = queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    let (id, ada) = (world.general(9).await, world.user());
    let pending = queued(&desk, &ada, id, keyed(1, "k")).await;
    for _ in 0..MAX_DELIVERIES {
        assert_eq!(claimed_by_the_dead(&world, &queue).await.len(), 1);
    }
    let _worker = engine(&world, &queue, 1);
    let ended = outcome(&world, &desk, &ada, &pending).await;
    assert!(matches!(&ended, Progress::Failed { booking } if booking.status == BookingStatus::Rejected));
    assert_eq!(queue.view().await.unwrap().dead, 1);
    assert_eq!(
        (world.available(id).await, world.bookings(id).await.len()),
        (9, 0)
    );
    let again = decided(&world, &desk, &ada, id, keyed(1, "k")).await;
    assert!(
        matches!(again, Progress::Booked { .. }),
        "its key is free: {again:?}"
    );
}

pub(crate) async fn a_job_that_was_decided_ends_so_however_often_it_comes(world: World) {
    let queue = queue(&world, 100);
    let desk = engine(&world, &queue, 0);
    let (id, ada) = (world.general(9).await, world.user());
    for (round, times) in [1, MAX_DELIVERIES].into_iter().enumerate() {
        let request = keyed(1, &format!("k-{round}"));
        let pending = queued(&desk, &ada, id, request.clone()).await;
        for _ in 0..times {
            claimed_by_the_dead(&world, &queue).await;
        }
        // The dead worker's commit had come through; only the queue was not told.
        let request = BookRequest {
            booking_id: Some(pending.id),
            ..request
        };
        settled(|| desk.book(&ada, id, request.clone())).await.unwrap();
    }
    let worker = engine(&world, &queue, 1);
    while queue.view().await.unwrap().partitions[0].depth > 0 {
        world.clock.advance(Duration::from_millis(100));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(queue.view().await.unwrap().dead, 0);
    assert_eq!(
        (world.available(id).await, world.bookings(id).await.len()),
        (7, 2)
    );
    drop(worker);
}

pub(crate) async fn every_job_ends_once_whoever_dies(world: World) {
    const JOBS: usize = 60;
    let queue = queue(&world, 1_000);
    let desk = engine(&world, &queue, 0);
    let id = world.general(40).await;
    let mut pending = Vec::new();
    for number in 0..JOBS {
        let by = world.user();
        let request = keyed(1, &format!("k-{number}"));
        pending.push((by, queued(&desk, &by, id, request).await));
        if number % 20 == 19 {
            claimed_by_the_dead(&world, &queue).await;
        }
    }
    let _workers = [engine(&world, &queue, 2), engine(&world, &queue, 1)];
    let (mut booked, mut rejected) = (0, 0);
    for (by, booking) in &pending {
        match outcome(&world, &desk, by, booking).await {
            Progress::Booked { .. } => booked += 1,
            Progress::Rejected { .. } => rejected += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((booked, rejected), (40, 20));
    assert_eq!(
        (world.available(id).await, world.bookings(id).await.len()),
        (0, 40)
    );
    world.assert_recount().await;
}

pub(crate) async fn a_partition_passes_on_when_its_lease_runs_out(world: World) {
    let queue = queue(&world, 100);
    let leases = Arc::new(MemoryLeases::new(world.clock.clone()));
    let dead = leases
        .acquire("partition/0", "dead", Duration::from_secs(60))
        .await
        .unwrap();
    let builder = builder(&world, Arc::clone(&world.store), &queue);
    let worker = builder.workers(1).leases(Arc::clone(&leases) as _).build();
    let (id, ada) = (world.general(9).await, world.user());
    let pending = queued(&worker, &ada, id, keyed(1, "k")).await;
    for _ in 0..20 {
        world.advance(1);
        tokio::time::sleep(Duration::from_millis(2)).await;
        let progress = settled(|| worker.progress(&ada, pending.id)).await.unwrap();
        assert!(matches!(progress, Progress::Pending { .. }), "{progress:?}");
    }
    let left = dead.expect("it is free").until.duration_since(world.clock.now());
    world.clock.advance(left.unsigned_abs());
    // Time goes slowly now: the worker's own lease must last until it has claimed.
    for _ in 0..10_000 {
        match settled(|| worker.progress(&ada, pending.id)).await.unwrap() {
            Progress::Pending { .. } => world.clock.advance(Duration::from_millis(1)),
            ended => {
                assert!(matches!(ended, Progress::Booked { .. }), "{ended:?}");
                return;
            }
        };
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("nobody works on the partition");
}
