//! Queued intake through Redis: whatever the queue delivers and whoever holds leases, each request has one end and an
//! event is sold exactly. Figures are printed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use async_trait::async_trait;
use evently_core::clock::{Clock, SystemClock};
use evently_core::domain::{BookingId, EventDraft, EventId, UserId};
use evently_core::lease::{Lease, Leases};
use evently_core::ledger::Recall;
use evently_core::memory::MemoryStore;
use evently_core::queue::{
    Accepted, Claim, Delivery, Fate, Job, JobQueue, Pushed, QueueSettings, QueueView, Settled,
};
use evently_core::requests::{BookRequest, Progress};
use evently_core::store::StoreError;
use evently_core::{Caller, Evently};
use evently_redis::{RedlockLeases, StreamQueue};
use evently_testing::redis::{Aof, Options, Server};
use futures::{StreamExt, stream};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(50);

fn settings() -> QueueSettings {
    QueueSettings {
        partitions: 4,
        ..QueueSettings::default()
    }
}

async fn connect(server: &Server, settings: QueueSettings) -> Arc<StreamQueue> {
    let queue = StreamQueue::connect(server.url(), settings).await;
    Arc::new(queue.expect("a server that answers"))
}

/// An event with so many places.
async fn event(evently: &Evently, capacity: u32) -> EventId {
    let starts_at = evently.now() + Duration::from_secs(86_400);
    let ends_at = starts_at + Duration::from_secs(3_600);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", starts_at, ends_at, capacity);
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    evently.create_event(&admin, draft).await.unwrap().event.id
}

/// What became of requests.
#[derive(Debug, Default)]
struct Ends {
    booked: HashSet<BookingId>,
    rejected: usize,
}

/// Has so many people ask for a ticket each, spread over the engines, and waits for all ends.
async fn rush(engines: &[Evently], event_id: EventId, people: usize) -> Ends {
    let ask = async |person: usize| {
        let evently = &engines[person % engines.len()];
        let by = Caller::user(UserId::from_uuid(evently.new_id()));
        let intake = evently.intake().expect("a queue");
        let placed = intake
            .place(&by, event_id, BookRequest::quantity(1), Duration::ZERO)
            .await;
        (by, placed.expect("it is queued").booking().id)
    };
    let asked: Vec<_> = stream::iter(0..people)
        .map(ask)
        .buffer_unordered(64)
        .collect()
        .await;
    let mut ends = Ends::default();
    for (by, id) in asked {
        match end(&engines[0], &by, id).await {
            Progress::Booked { booking, .. } => assert!(ends.booked.insert(booking.id), "one end each"),
            Progress::Rejected { .. } => ends.rejected += 1,
            other => panic!("not an end: {other:?}"),
        }
    }
    ends
}

/// Reads until a request is decided.
async fn end(evently: &Evently, by: &Caller, id: BookingId) -> Progress {
    let begun = Instant::now();
    loop {
        match evently.progress(by, id).await.expect("it was accepted") {
            Progress::Pending { .. } => assert!(begun.elapsed() < PATIENCE, "{id} has no end"),
            ended => return ended,
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asserts that the event is sold to the last place and not further, and that everything adds up.
async fn assert_sold_exactly(store: &MemoryStore, event_id: EventId, ends: &Ends, capacity: u32) {
    let evently = Evently::builder(Arc::new(store.reopen())).build();
    assert_eq!(ends.booked.len(), capacity as usize);
    let listing = evently.event(None, event_id).await.expect("the event");
    assert_eq!(listing.available(), 0);
    let report = evently.verify(|_| {}).await.expect("a recount");
    assert!(report.wrong.is_empty(), "{report:?}");
}

/// Delivers every job ten times, in any order, to whoever asks.
#[derive(Debug)]
struct Unruly {
    inner: Arc<StreamQueue>,
    left: Mutex<(Vec<Delivery>, u64)>,
    delivered: AtomicUsize,
}

/// How often a job is delivered.
const TIMES: usize = 10;

impl Unruly {
    /// Takes some of what is left, in an order that nobody would expect.
    fn draw(&self, limit: usize) -> Vec<Delivery> {
        let mut left = self.left.lock().unwrap();
        let (deliveries, seed) = &mut *left;
        let mut drawn = Vec::new();
        while drawn.len() < limit && !deliveries.is_empty() {
            *seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let place = usize::try_from(*seed >> 33).unwrap() % deliveries.len();
            drawn.push(deliveries.swap_remove(place));
        }
        self.delivered.fetch_add(drawn.len(), Ordering::SeqCst);
        drawn
    }
}

#[async_trait]
impl JobQueue for Unruly {
    fn settings(&self) -> &QueueSettings {
        self.inner.settings()
    }

    async fn push(&self, jobs: &[Arc<Job>]) -> Result<Vec<Pushed>, StoreError> {
        self.inner.push(jobs).await
    }

    async fn claim(&self, partition: u32, _: &str, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let new = self.inner.claim(partition, "unruly", limit).await?;
        for delivery in new {
            let copy = Delivery {
                recall: Recall::MayBeHappening,
                ..delivery
            };
            self.left.lock().unwrap().0.extend(vec![copy; TIMES]);
        }
        Ok(self.draw(limit))
    }

    async fn settle(&self, _: &str, fates: &[(Claim, Fate)]) -> Result<Vec<Settled>, StoreError> {
        self.inner.settle("unruly", fates).await
    }

    async fn hand_back(
        &self,
        _: &str,
        claims: &[Claim],
        after: Duration,
    ) -> Result<Vec<Settled>, StoreError> {
        self.inner.hand_back("unruly", claims, after).await
    }

    async fn wait(&self, partitions: &[u32], at_most: Duration) -> Result<Vec<u32>, StoreError> {
        if self.left.lock().unwrap().0.is_empty() {
            self.inner.wait(partitions, at_most).await?;
        }
        Ok(partitions.to_vec())
    }

    async fn read(&self, id: BookingId) -> Result<Option<Accepted>, StoreError> {
        self.inner.read(id).await
    }

    async fn view(&self) -> Result<QueueView, StoreError> {
        self.inner.view().await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_deliveries_of_ten_thousand_jobs_have_ten_thousand_ends() {
    const JOBS: usize = 10_000;
    const CAPACITY: u32 = 6_000;
    let server = Server::start(Options::with(Aof::Off)).await;
    let settings = QueueSettings {
        claim_for: Duration::from_secs(600),
        ..settings()
    };
    let unruly = Arc::new(Unruly {
        inner: connect(&server, settings).await,
        left: Mutex::default(),
        delivered: AtomicUsize::new(0),
    });
    let store = MemoryStore::new();
    let engine = || {
        let engine = Evently::builder(Arc::new(store.reopen()));
        engine.queue(Arc::clone(&unruly) as _).workers(2).build()
    };
    // Two processes take from one heap of copies, and decide on one store.
    let engines = [engine(), engine()];
    let event_id = event(&engines[0], CAPACITY).await;
    let ends = rush(&engines, event_id, JOBS).await;
    let begun = Instant::now();
    while unruly.delivered.load(Ordering::SeqCst) < JOBS * TIMES {
        assert!(begun.elapsed() < PATIENCE, "copies are left");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for engine in engines {
        engine.shutdown().await;
    }
    println!(
        "duplicates, reordered: {} deliveries of {JOBS} jobs, {} booked + {} rejected",
        unruly.delivered.load(Ordering::SeqCst),
        ends.booked.len(),
        ends.rejected
    );
    assert_eq!(ends.booked.len() + ends.rejected, JOBS);
    assert_sold_exactly(&store, event_id, &ends, CAPACITY).await;
}

/// Leases that everybody is granted, always.
#[derive(Debug, Default)]
struct ForEverybody(AtomicU64);

#[async_trait]
impl Leases for ForEverybody {
    async fn acquire(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        Ok(Some(Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            token: self.0.fetch_add(1, Ordering::SeqCst),
            until: SystemClock.now() + ttl,
        }))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        Ok(Some(Lease {
            until: SystemClock.now() + ttl,
            ..lease.clone()
        }))
    }

    async fn release(&self, _: &Lease) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Three processes sell an event out under whatever leases they are given.
async fn sells_out_exactly(what: &str, server: &Server, leases: Vec<Option<Arc<dyn Leases>>>) {
    const PEOPLE: usize = 1_500;
    const CAPACITY: u32 = 1_000;
    let store = MemoryStore::new();
    let mut engines = Vec::new();
    for leases in leases {
        let mut engine = Evently::builder(Arc::new(store.reopen())).queue(connect(server, settings()).await);
        if let Some(leases) = leases {
            engine = engine.leases(leases);
        }
        engines.push(engine.build());
    }
    let event_id = event(&engines[0], CAPACITY).await;
    let ends = rush(&engines, event_id, PEOPLE).await;
    for engine in engines {
        engine.shutdown().await;
    }
    println!(
        "leases {what}: {PEOPLE} jobs in, {} booked + {} rejected",
        ends.booked.len(),
        ends.rejected
    );
    assert_eq!(ends.booked.len() + ends.rejected, PEOPLE);
    assert_sold_exactly(&store, event_id, &ends, CAPACITY).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_sells_out_exactly_without_leases() {
    let server = Server::start(Options::with(Aof::Off)).await;
    sells_out_exactly("off", &server, vec![None, None, None]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_sells_out_exactly_with_leases() {
    let server = Server::start(Options::with(Aof::Off)).await;
    let mut all = Vec::new();
    for _ in 0..3 {
        let leases = RedlockLeases::connect(&[server.url()])
            .await
            .expect("a server that answers");
        all.push(Some(Arc::new(leases) as Arc<dyn Leases>));
    }
    sells_out_exactly("on", &server, all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_sells_out_exactly_with_leases_granted_to_everybody() {
    let server = Server::start(Options::with(Aof::Off)).await;
    let everybody: Arc<dyn Leases> = Arc::new(ForEverybody::default());
    sells_out_exactly("granted to everybody", &server, vec![Some(everybody); 3]).await;
}
