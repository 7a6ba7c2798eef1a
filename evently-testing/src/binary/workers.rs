//! Queued intake over several processes: servers that queue, workers that decide, and what happens when one of them
//! is told to stop, or dies.

use super::durability::{STORE, event, is_verified};
use super::process::{Binary, Server};
use crate::redis;
use evently_http::conformance::{Answer, Client};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const ASYNC: [(&str, &str); 1] = [("prefer", "respond-async")];

/// How long a decision may take in a process' absence before a case fails. Handing over takes three seconds and
/// some; a busy machine takes its share.
const HANDED_OVER_IN: Duration = Duration::from_secs(10);

/// A server without workers and a Redis that others can work on.
struct House<'a> {
    binary: &'a Binary,
    redis: redis::Server,
    server: Server,
    folder: TempDir,
}

impl<'a> House<'a> {
    async fn open(binary: &'a Binary) -> Self {
        let redis = redis::Server::start_here(redis::Options::default()).await;
        let folder = tempfile::tempdir().unwrap();
        let arguments = [
            "--store",
            STORE,
            "--redis",
            redis.url(),
            "--intake",
            "queued",
            "--workers",
            "0",
            "--rate-limit",
            "off",
        ];
        let server = binary.start_with(folder.path(), &arguments).await;
        Self {
            binary,
            redis,
            server,
            folder,
        }
    }

    async fn worker(&self) -> Server {
        let arguments = ["worker", "--store", STORE, "--redis", self.redis.url()];
        self.binary.start_with(self.folder.path(), &arguments).await
    }

    async fn event(&self, capacity: u32) -> String {
        let admin = self.server.as_ref().admin();
        let made = admin.post("/api/admin/events", event(capacity)).await.ok(201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Queues a request for one ticket.
    async fn queue(&self, event_id: &str) -> Queued {
        let user = self.server.as_ref().user();
        let path = format!("/api/events/{event_id}/book");
        let answer = user.post_with(&path, &ASYNC, json!({"quantity": 1})).await;
        answer.ok(202);
        Queued { user, answer }
    }

    async fn available(&self, event_id: &str) -> Value {
        let path = format!("/api/events/{event_id}/availability");
        self.server.as_ref().guest().get(&path).await.ok(200)["available"].clone()
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// A request that is queued.
struct Queued {
    user: Client,
    answer: Answer,
}

impl Queued {
    async fn read(&self) -> Value {
        self.user.get(self.answer.header("location")).await.ok(200)
    }

    /// Reads it until it is decided: its status.
    async fn decided(&self) -> String {
        let begun = Instant::now();
        loop {
            let booking = self.read().await;
            let status = booking["status"].as_str().unwrap();
            if status != "pending" {
                return status.to_owned();
            }
            assert!(begun.elapsed() < HANDED_OVER_IN, "it is not decided");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// How many of these requests were confirmed and rejected, once all are decided.
async fn counted(queued: &[Queued]) -> (usize, usize) {
    let (mut confirmed, mut rejected) = (0, 0);
    for request in queued {
        match request.decided().await.as_str() {
            "confirmed" => confirmed += 1,
            "rejected" => rejected += 1,
            other => panic!("{other}"),
        }
    }
    (confirmed, rejected)
}

pub async fn a_queued_request_waits_for_a_worker(binary: &Binary) {
    let house = House::open(binary).await;
    let id = house.event(5).await;
    let queued = house.queue(&id).await;
    assert_eq!(queued.read().await["status"], "pending");
    let user = house.server.as_ref().user();
    let path = format!("/api/events/{id}/book");
    let keyed = [("prefer", "wait=1"), ("idempotency-key", "k")];
    let late = user.post_with(&path, &keyed, json!({"quantity": 2})).await;
    assert_eq!(late.ok(202)["status"], "pending");
    assert_eq!(late.header("preference-applied"), "wait=1");
    let view = house
        .server
        .as_ref()
        .admin()
        .get("/api/admin/queue")
        .await
        .ok(200);
    let depths = view["partitions"].as_array().unwrap().iter();
    assert_eq!(depths.map(|it| it["depth"].as_u64().unwrap()).sum::<u64>(), 2);

    let worker = house.worker().await;
    worker.as_ref().guest().get("/health/ready").await.ok(200);
    worker
        .as_ref()
        .guest()
        .get("/api/events")
        .await
        .problem(404, "not_found");
    assert_eq!(queued.decided().await, "confirmed");
    let again = user.post_with(&path, &keyed, json!({"quantity": 2})).await;
    assert_eq!(again.ok(201)["id"], late.json()["id"]);
    assert_eq!(again.header("idempotent-replayed"), "true");
    let booked = house
        .server
        .as_ref()
        .user()
        .post(&path, json!({"quantity": 2}))
        .await;
    assert_eq!(booked.ok(201)["status"], "confirmed");
    let refused = house
        .server
        .as_ref()
        .user()
        .post(&path, json!({"quantity": 1}))
        .await;
    assert_eq!(refused.problem(409, "sold_out")["available"], 0);
}

pub async fn workers_sell_out_exactly_though_one_is_killed(binary: &Binary) {
    const EVENTS: usize = 12;
    let house = House::open(binary).await;
    let mut events = Vec::new();
    for _ in 0..EVENTS {
        events.push(house.event(5).await);
    }
    let workers = [house.worker().await, house.worker().await];
    let mut queued = Vec::new();
    for round in 0..8 {
        for id in &events {
            queued.push(house.queue(id).await);
        }
        if round == 3 {
            assert_eq!(queued[0].decided().await, "confirmed");
        }
    }
    let [killed, left] = workers;
    killed.kill().await;
    let since = Instant::now();
    for id in &events {
        queued.push(house.queue(id).await);
    }
    assert_eq!(counted(&queued).await, (EVENTS * 5, EVENTS * 4));
    println!(
        "decided {:?} after one of two workers was killed",
        since.elapsed()
    );
    for id in &events {
        assert_eq!(house.available(id).await, 0);
    }
    drop(left);
    is_verified(binary, house.folder()).await;
}

pub async fn workers_killed_one_after_the_other_lose_and_double_nothing(binary: &Binary) {
    const KILLS: usize = 5;
    const LOT: usize = 60;
    const CAPACITY: usize = 250;
    let house = House::open(binary).await;
    let id = house.event(u32::try_from(CAPACITY).unwrap()).await;
    let mut workers = Vec::new();
    for _ in 0..4 {
        workers.push(house.worker().await);
    }
    let mut queued = Vec::new();
    for _ in 0..KILLS {
        for _ in 0..LOT {
            queued.push(house.queue(&id).await);
        }
        // One that has just been given work, maybe, and a new one in its place.
        workers.remove(0).kill().await;
        workers.push(house.worker().await);
    }
    let (confirmed, rejected) = counted(&queued).await;
    println!(
        "kill -9 of 1 of 4 workers: {KILLS} kills, {} jobs in, {confirmed} confirmed, {rejected} rejected",
        queued.len()
    );
    assert_eq!((confirmed, rejected), (CAPACITY, KILLS * LOT - CAPACITY));
    is_verified(binary, house.folder()).await;
}

pub async fn a_worker_stopped_beyond_its_lease_comes_back_to_no_harm(binary: &Binary) {
    let house = House::open(binary).await;
    let id = house.event(150).await;
    let (stopped, _other) = (house.worker().await, house.worker().await);
    let mut queued = Vec::new();
    for number in 0..200 {
        queued.push(house.queue(&id).await);
        if number == 100 {
            stopped.signal("STOP").await;
        }
    }
    // Its leases and its claims run out: two and three seconds.
    tokio::time::sleep(Duration::from_secs(4)).await;
    stopped.signal("CONT").await;
    assert_eq!(counted(&queued).await, (150, 50));
    // Nothing that it does afterwards changes an end.
    let more = house.queue(&id).await;
    assert_eq!(more.decided().await, "rejected");
    assert_eq!(counted(&queued).await, (150, 50));
    is_verified(binary, house.folder()).await;
}

pub async fn a_worker_that_is_told_to_stop_leaves_nothing_half_done(binary: &Binary) {
    let house = House::open(binary).await;
    let id = house.event(100).await;
    let mut stopped = house.worker().await;
    let mut queued = Vec::new();
    for number in 0..60 {
        queued.push(house.queue(&id).await);
        if number == 30 {
            stopped.signal("TERM").await;
        }
    }
    assert_eq!(stopped.ended().await.code(), Some(0));
    let _next = house.worker().await;
    assert_eq!(counted(&queued).await, (60, 0));
    assert_eq!(house.available(&id).await, 40);
}

pub async fn a_queue_that_is_down_is_told_in_time(binary: &Binary) {
    let mut house = House::open(binary).await;
    let id = house.event(5).await;
    house.redis.kill();
    let user = house.server.as_ref().user();
    let begun = Instant::now();
    let path = format!("/api/events/{id}/book");
    for prefer in ["respond-async", "wait=20"] {
        let keyed = [("prefer", prefer), ("idempotency-key", "k")];
        let refused = user.post_with(&path, &keyed, json!({"quantity": 1})).await;
        refused.problem(503, "unavailable");
        assert_ne!(refused.header("retry-after"), "");
    }
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    assert_eq!(house.available(&id).await, 5);
    house.redis.restart().await;
    let _worker = house.worker().await;
    let begun = Instant::now();
    loop {
        let keyed = [("idempotency-key", "k")];
        let answer = user.post_with(&path, &keyed, json!({"quantity": 1})).await;
        match answer.status {
            201 => break,
            202 | 503 => assert!(begun.elapsed() < HANDED_OVER_IN, "it does not recover"),
            other => panic!("{other}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(house.available(&id).await, 4);
}

pub async fn a_queue_in_memory_is_worked_off_before_the_end(binary: &Binary) {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--store", STORE, "--intake", "queued", "--rate-limit", "off"];
    let mut server = binary.start_with(folder.path(), &arguments).await;
    let made = server
        .as_ref()
        .admin()
        .post("/api/admin/events", event(500))
        .await
        .ok(201);
    let path = format!("/api/events/{}", made["id"].as_str().unwrap());
    for _ in 0..100 {
        let user = server.as_ref().user();
        let queued = user
            .post_with(&format!("{path}/book"), &ASYNC, json!({"quantity": 1}))
            .await;
        queued.ok(202);
    }
    server.signal("TERM").await;
    assert_eq!(server.ended().await.code(), Some(0));
    let server = binary.start(folder.path(), STORE).await;
    let left = server.as_ref().guest().get(&format!("{path}/availability")).await;
    assert_eq!(left.ok(200)["sold"], 100);
}
