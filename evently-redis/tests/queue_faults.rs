//! What a queue does when its server or its jobs fail. Figures are printed.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use evently_core::clock::{Clock, SystemClock};
use evently_core::conformance::queue::job_for;
use evently_core::domain::{BookingId, EventId};
use evently_core::ledger::Refusal;
use evently_core::queue::{Fate, Job, JobQueue, MAX_CLAIM, Pushed, QueueSettings, Settled};
use evently_core::store::StoreError;
use evently_redis::StreamQueue;
use evently_testing::redis::{Aof, Options, Server};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How long anything may take to come right.
const PATIENCE: Duration = Duration::from_secs(60);

fn settings() -> QueueSettings {
    QueueSettings {
        partitions: 2,
        claim_for: Duration::from_secs(1),
        ..QueueSettings::default()
    }
}

async fn open(server: &Server) -> Arc<StreamQueue> {
    let queue = StreamQueue::connect(server.url(), settings()).await;
    Arc::new(queue.expect("a server that answers"))
}

fn job() -> Arc<Job> {
    let now = SystemClock.now();
    let event_id = EventId::from_uuid(Uuid::from_u128(
        u128::from(now.as_microsecond().unsigned_abs()) % 16,
    ));
    Arc::new(job_for(event_id, now))
}

fn jobs(count: usize) -> Vec<Arc<Job>> {
    (0..count).map(|_| job()).collect()
}

/// Asks until there is an answer.
async fn answered<T, F: Future<Output = Result<T, StoreError>>>(mut ask: impl FnMut() -> F) -> T {
    let begun = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return answer,
            Err(error) => {
                assert!(error.is_transient(), "{error}");
                assert!(
                    begun.elapsed() < PATIENCE,
                    "no answer within {PATIENCE:?}: {error}"
                );
                // Some time for whoever starts the server.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// Waits for something that others do.
async fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Pushes jobs in small lots until told to stop; which were accepted.
async fn push_on(queue: Arc<StreamQueue>, stop: Arc<AtomicBool>) -> Vec<BookingId> {
    let mut accepted = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let lot = jobs(8);
        let pushed = answered(|| queue.push(&lot)).await;
        assert!(pushed.iter().all(|pushed| *pushed == Pushed::Accepted));
        accepted.extend(lot.iter().map(|job| job.id()));
    }
    accepted
}

/// Decides whatever there is until all is settled after the pushing has ended; which jobs it saw, and how many
/// settlements it was told of.
async fn work_on(
    queue: Arc<StreamQueue>,
    name: String,
    no_more: Arc<AtomicBool>,
    deliveries: Arc<AtomicUsize>,
) -> (HashSet<BookingId>, usize) {
    let (mut seen, mut done) = (HashSet::new(), 0);
    let begun = Instant::now();
    loop {
        let mut claimed = 0;
        for partition in 0..settings().partitions {
            let taken = answered(|| queue.claim(partition, &name, MAX_CLAIM)).await;
            claimed += taken.len();
            deliveries.fetch_add(taken.len(), Ordering::SeqCst);
            seen.extend(taken.iter().map(|delivery| delivery.claim.id));
            // A fate that is kept: one that is forgotten could be pushed again by whoever missed the answer.
            let refused = Fate::Rejected(Refusal::NotFound);
            let fates: Vec<_> = taken.iter().map(|it| (it.claim, refused.clone())).collect();
            let settled = answered(|| queue.settle(&name, &fates)).await;
            done += settled.iter().filter(|it| **it == Settled::Done).count();
        }
        if claimed == 0 {
            let view = answered(|| queue.view()).await;
            if no_more.load(Ordering::SeqCst) && view.partitions.iter().all(|it| it.depth == 0) {
                return (seen, done);
            }
            answered(|| queue.wait(&[0, 1], Duration::from_millis(200))).await;
        }
        assert!(begun.elapsed() < PATIENCE, "jobs are left after {PATIENCE:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_accepted_job_is_lost_when_the_server_is_killed() {
    const KILLS: usize = 5;
    let mut server = Server::start_here(Options::with(Aof::Always)).await;
    let (stop, no_more) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let deliveries = Arc::new(AtomicUsize::new(0));
    let (mut pushing, mut working) = (JoinSet::new(), JoinSet::new());
    for _ in 0..2 {
        pushing.spawn(push_on(open(&server).await, Arc::clone(&stop)));
    }
    for name in ["ada", "bob"] {
        let (queue, no_more) = (open(&server).await, Arc::clone(&no_more));
        working.spawn(work_on(queue, name.to_owned(), no_more, Arc::clone(&deliveries)));
    }
    let mut slowest = Duration::ZERO;
    for kill in 1..=KILLS {
        // Each kill meets work in progress.
        until(|| deliveries.load(Ordering::SeqCst) >= kill * 200).await;
        server.kill();
        let killed = Instant::now();
        server.restart().await;
        let before = deliveries.load(Ordering::SeqCst);
        until(|| deliveries.load(Ordering::SeqCst) > before).await;
        slowest = slowest.max(killed.elapsed());
    }
    stop.store(true, Ordering::SeqCst);
    let accepted = pushing.join_all().await.concat();
    no_more.store(true, Ordering::SeqCst);
    let worked = working.join_all().await;
    let done: usize = worked.iter().map(|(_, done)| done).sum();
    let seen: HashSet<_> = worked.iter().flat_map(|(seen, _)| seen).collect();
    let lost = accepted.iter().filter(|id| !seen.contains(id)).count();
    println!(
        "kill -9 of Redis, AOF always: {KILLS} kills, {} jobs accepted, {} deliveries, {lost} lost, {done} settlements \
         acknowledged; work went on within {slowest:?}",
        accepted.len(),
        deliveries.load(Ordering::SeqCst),
    );
    assert_eq!(lost, 0);
    assert!(done <= accepted.len(), "no job is settled twice");
}

#[tokio::test]
async fn a_flushed_queue_knows_nothing_and_works_on() {
    let server = Server::start_here(Options::with(Aof::Off)).await;
    let queue = open(&server).await;
    let all = jobs(1_000);
    queue.push(&all).await.unwrap();
    let mut claims = Vec::new();
    for partition in 0..settings().partitions {
        let taken = queue.claim(partition, "ada", 100).await.unwrap();
        claims.extend(taken.iter().map(|delivery| delivery.claim));
    }
    flush(&server).await;
    let fates: Vec<_> = claims.iter().map(|claim| (*claim, Fate::Booked)).collect();
    let settled = queue.settle("ada", &fates).await.unwrap();
    assert!(
        settled.iter().all(|it| *it == Settled::Stale),
        "the claims went with the queue"
    );
    let back = queue.hand_back("ada", &claims, Duration::ZERO).await.unwrap();
    assert!(back.iter().all(|it| *it == Settled::Stale));
    for job in &all {
        assert_eq!(queue.read(job.id()).await.unwrap(), None);
    }
    // Whoever asks again is queued again, and served by workers that never stopped.
    let pushed = queue.push(&all).await.unwrap();
    assert!(pushed.iter().all(|it| *it == Pushed::Accepted));
    let mut again = 0;
    for partition in 0..settings().partitions {
        loop {
            let taken = queue.claim(partition, "ada", MAX_CLAIM).await.unwrap();
            if taken.is_empty() {
                break;
            }
            again += taken.len();
        }
    }
    println!(
        "FLUSHALL: {} claims stale, 0 of 1,000 jobs known, {again} of 1,000 queued again",
        claims.len()
    );
    assert_eq!(again, 1_000);
}

#[tokio::test]
async fn a_frozen_server_fails_calls_in_time_and_nothing_is_lost() {
    let mut server = Server::start_here(Options::with(Aof::Always)).await;
    let queue = open(&server).await;
    let (before, during) = (jobs(10), jobs(10));
    queue.push(&before).await.unwrap();
    server.freeze();
    let frozen = Instant::now();
    let error = queue.push(&during).await.expect_err("nobody answers");
    let failed_after = frozen.elapsed();
    assert!(error.is_transient(), "{error}");
    assert!(failed_after < Duration::from_millis(2_500), "{failed_after:?}");
    tokio::time::sleep(Duration::from_secs(3).saturating_sub(frozen.elapsed())).await;
    server.thaw();
    let thawed = Instant::now();
    // It may have been queued after all: pushing again finds out, and queues nothing twice.
    let pushed = answered(|| queue.push(&during)).await;
    let recovered_after = thawed.elapsed();
    assert_eq!(pushed, [Pushed::Accepted; 10]);
    let mut ids = HashSet::new();
    let mut delivered = 0;
    for partition in 0..settings().partitions {
        let taken = answered(|| queue.claim(partition, "ada", MAX_CLAIM)).await;
        delivered += taken.len();
        ids.extend(taken.iter().map(|delivery| delivery.claim.id));
    }
    println!(
        "3 s freeze: a push failed after {failed_after:?}, the next went through {recovered_after:?} after the thaw, \
         {delivered} of 20 jobs delivered"
    );
    assert_eq!((ids.len(), delivered), (20, 20));
}

#[tokio::test]
async fn poison_never_blocks_a_partition_and_is_a_dead_letter() {
    let server = Server::start_here(Options::with(Aof::Off)).await;
    let queue = StreamQueue::connect(
        server.url(),
        QueueSettings {
            partitions: 1,
            ..settings()
        },
    )
    .await
    .unwrap();
    let lot = jobs(7);
    let (good, poisoned) = (&lot[6], &lot[..6]);
    queue.push(&lot).await.unwrap();
    let mut redis = raw(&server).await;
    let (line, store) = ("evently:{queue:0}:line", "evently:{queue:0}:jobs");
    let written = |version: u32, job: &Job| postcard::to_stdvec(&(version, job)).unwrap();
    let bodies = [
        b"\x02".to_vec(),
        written(9, good),
        b"\xff\xff\xff\xff\xff\xff".to_vec(),
        Vec::new(),
        b"\x02{}".to_vec(),
        written(2, good),
        written(2, good),
    ];
    let chunk: Vec<u8> = bodies
        .iter()
        .flat_map(|body| [&u32::try_from(body.len()).unwrap().to_le_bytes(), &**body].concat())
        .collect();
    let entries: Vec<(String, Vec<Vec<u8>>)> = redis::cmd("XRANGE")
        .arg(line)
        .arg(&["-", "+"])
        .query_async(&mut redis)
        .await
        .unwrap();
    let mut spoil = redis::pipe();
    spoil.hset(store, &entries[0].0, chunk).ignore();
    spoil.xadd(line, "*", &[("nonsense", "x")]).ignore();
    spoil.xadd(line, "*", &[("ids", "no-id"), ("keys", "")]).ignore();
    spoil.exec_async(&mut redis).await.unwrap();

    let claimed = queue.claim(0, "ada", MAX_CLAIM).await.unwrap();
    assert_eq!(
        claimed.iter().map(|it| it.claim.id).collect::<Vec<_>>(),
        [good.id()]
    );
    let settled = queue
        .settle("ada", &[(claimed[0].claim, Fate::Booked)])
        .await
        .unwrap();
    assert_eq!(settled, [Settled::Done]);
    let view = queue.view().await.unwrap();
    assert_eq!((view.partitions[0].depth, view.dead), (0, 8));
    assert_eq!(
        queue.read(poisoned[0].id()).await.unwrap(),
        None,
        "nobody can say whose it was"
    );
    // What an older worker could not read, a newer server reads, with its fate.
    let readable = postcard::to_stdvec(&(2_u32, &*poisoned[1])).unwrap();
    let mut repair = redis::cmd("HSET");
    repair
        .arg(store)
        .arg(poisoned[1].id().uuid().as_bytes())
        .arg(readable);
    repair.exec_async(&mut redis).await.unwrap();
    let read = queue.read(poisoned[1].id()).await.unwrap().unwrap();
    assert_eq!(read.settled.unwrap().0, Fate::Dead);
    println!(
        "poison: 8 jobs that are damaged, of unknown version or no id are dead letters, 1 good one was delivered"
    );
}

#[tokio::test]
async fn scripts_that_the_server_forgot_are_loaded_again() {
    let server = Server::start_here(Options::with(Aof::Off)).await;
    let queue = open(&server).await;
    let mut redis = raw(&server).await;
    redis::cmd("SCRIPT")
        .arg("FLUSH")
        .exec_async(&mut redis)
        .await
        .unwrap();
    let lot = jobs(1);
    assert_eq!(queue.push(&lot).await.unwrap(), [Pushed::Accepted]);
    redis::cmd("SCRIPT")
        .arg("FLUSH")
        .exec_async(&mut redis)
        .await
        .unwrap();
    let partition = settings().partition_of(lot[0].event_id());
    let claimed = queue.claim(partition, "ada", 1).await.unwrap();
    redis::cmd("SCRIPT")
        .arg("FLUSH")
        .exec_async(&mut redis)
        .await
        .unwrap();
    let refused = Fate::Rejected(Refusal::NotFound);
    let settled = queue.settle("ada", &[(claimed[0].claim, refused)]).await.unwrap();
    assert_eq!(settled, [Settled::Done]);
}

async fn raw(server: &Server) -> redis::aio::MultiplexedConnection {
    let client = redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn flush(server: &Server) {
    let mut redis = raw(server).await;
    redis::cmd("FLUSHALL").exec_async(&mut redis).await.unwrap();
}
