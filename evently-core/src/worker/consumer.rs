//! The consumers: they take queued requests for tickets, have them decided by the lanes, and tell the queue what
//! became of them once that is committed.
//!
//! A job may be decided twice, never to two ends. While a claim is good the job is this consumer's alone, and a lane
//! drops a job that it has not decided by the end of its claim. Whoever is delivered the job later looks first
//! whether it has happened, and if it refuses the job, commits the refusal: that moves the event's version, so that
//! what the first had decided, and was too slow to store, cannot be stored any more.

use super::ends::{Clerk, Ends};
use super::outcomes::Outcomes;
use super::partitions::{Partitions, Tender};
use super::round::Round;
use crate::clock::{Clock, IdSource};
use crate::domain::Timestamp;
use crate::lane::Lanes;
use crate::lease::Leases;
use crate::queue::{JobQueue, MAX_CLAIM};
use crate::store::StoreError;
use futures::future::join_all;
use std::collections::BTreeSet;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// What consumers work with.
#[derive(Debug, Clone)]
pub(crate) struct Workplace {
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) leases: Option<Arc<dyn Leases>>,
    pub(crate) lanes: Lanes,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdSource>,
    pub(crate) outcomes: Arc<Outcomes>,
}

/// The consumers of one process.
#[derive(Debug)]
pub(crate) struct Consumers {
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Consumers {
    pub(crate) fn start(count: usize, place: &Workplace) -> Self {
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        for _ in 0..count {
            let (consumer, tender) = Consumer::new(place.clone());
            tasks.spawn(consumer.run(tender, stopping.clone()));
        }
        tasks.close();
        Self { stopping, tasks }
    }

    /// Claims no more. Returns once what was claimed is settled or handed back.
    pub(crate) async fn stop(&self) {
        self.stopping.cancel();
        self.tasks.wait().await;
    }
}

#[derive(Debug)]
struct Consumer {
    name: Arc<str>,
    place: Workplace,
    partitions: Partitions,
    /// Partitions that there may be something to claim from.
    ripe: BTreeSet<u32>,
    /// When all of them were last taken for such: nobody rings for jobs that others left.
    looked: Instant,
    /// Room for rounds of each partition, and when there is more of it.
    rooms: Vec<Arc<Semaphore>>,
    freed: Arc<Notify>,
    /// Rounds of jobs that lanes are deciding.
    rounds: TaskTracker,
    clerk: Clerk,
    clerks: TaskTracker,
}

impl Consumer {
    /// In how many rounds one partition may be: one slow event does not hold the others up, nor fill the memory.
    const ROUNDS_OF_ONE: usize = 4;
    /// The longest wait for something to do.
    const NAP: Duration = Duration::from_millis(250);
    /// How long a queue that fails is left alone.
    const PAUSE: Duration = Duration::from_millis(250);
    /// How long what waits is still decided after it is told to stop.
    const FINISH_FOR: Duration = Duration::from_secs(5);
    /// How often it then looks whether there is more.
    const LOOK_AGAIN: Duration = Duration::from_millis(10);

    fn new(place: Workplace) -> (Self, Tender) {
        let id = place.ids.next(place.clock.now());
        let name: Arc<str> = id.to_string().into();
        let count = place.queue.settings().partitions.max(1);
        let (_, random) = id.as_u64_pair();
        let seed = u32::try_from(random & 0xffff).unwrap_or(0);
        let (partitions, tender) = Partitions::new(count, place.leases.clone(), Arc::clone(&name), seed);
        let (clerks, freed) = (TaskTracker::new(), Arc::new(Notify::new()));
        let room = || Arc::new(Semaphore::new(Self::ROUNDS_OF_ONE));
        let consumer = Self {
            partitions,
            ripe: (0..count).collect(),
            looked: Instant::now(),
            rooms: (0..count).map(|_| room()).collect(),
            rounds: TaskTracker::new(),
            clerk: Clerk::start(&place, Arc::clone(&name), Arc::clone(&freed), &clerks),
            clerks,
            freed,
            name,
            place,
        };
        (consumer, tender)
    }

    async fn run(mut self, tender: Tender, stopping: CancellationToken) {
        // Leases are held beside the work, and until the last of it is done.
        let done = CancellationToken::new();
        let tending = tokio::spawn(tender.run(done.clone()));
        // What waits when it is told to stop is still decided, for a while: the queue may end with this process.
        let finishing = async {
            stopping.cancelled().await;
            tokio::time::sleep(Self::FINISH_FOR).await;
        };
        tokio::pin!(finishing);
        loop {
            tokio::select! {
                biased;
                () = &mut finishing => break,
                more = self.step(&stopping) => if !more { break },
            }
        }
        self.rounds.close();
        self.rounds.wait().await;
        drop(self.clerk);
        self.clerks.close();
        self.clerks.wait().await;
        done.cancel();
        if let Err(error) = tending.await {
            tracing::error!(error = %error, "holding leases ended early");
        }
    }

    /// Claims, or waits until that may be worth while; whether there is more to do.
    async fn step(&mut self, stopping: &CancellationToken) -> bool {
        if stopping.is_cancelled() || self.looked.elapsed() >= Self::NAP {
            self.look_everywhere();
        }
        match self.claim().await {
            Ok(true) => true,
            Ok(false) if stopping.is_cancelled() => {
                let is_busy = self.is_busy();
                if is_busy {
                    tokio::time::sleep(Self::LOOK_AGAIN).await;
                }
                is_busy
            }
            Ok(false) => {
                let _ = stopping.run_until_cancelled(self.rest()).await;
                true
            }
            Err(error) => {
                tracing::warn!(error = %error, "the queue cannot be read");
                let _ = stopping
                    .run_until_cancelled(tokio::time::sleep(Self::PAUSE))
                    .await;
                !stopping.is_cancelled()
            }
        }
    }

    /// Whether there is a job that the queue has not been told of.
    fn is_busy(&self) -> bool {
        let has_round = |room: &Arc<Semaphore>| room.available_permits() < Self::ROUNDS_OF_ONE;
        self.rooms.iter().any(has_round)
    }

    fn look_everywhere(&mut self) {
        self.ripe.extend(0..self.place.queue.settings().partitions.max(1));
        self.looked = Instant::now();
    }

    /// Takes off the partitions that are this consumer's, may have something, and have room for a round.
    fn ready(&mut self) -> Vec<(u32, OwnedSemaphorePermit)> {
        let mut partitions = self.partitions.at(self.place.clock.now());
        partitions.retain(|number| self.ripe.contains(number));
        let mut ready = Vec::with_capacity(partitions.len());
        for number in partitions {
            let room = self.rooms.get(number as usize).map(Arc::clone);
            if let Some(room) = room.and_then(|room| room.try_acquire_owned().ok()) {
                self.ripe.remove(&number);
                ready.push((number, room));
            }
        }
        ready
    }

    /// Claims what there is and hands it to the lanes; whether there was anything.
    ///
    /// # Errors
    /// The queue failed, and nothing was claimed.
    async fn claim(&mut self) -> Result<bool, StoreError> {
        let queue = Arc::clone(&self.place.queue);
        // From before the claim: it is good at least until then.
        let good_for = queue.settings().claim_for;
        let end = self.place.clock.now().checked_add(good_for);
        let end = end.unwrap_or(Timestamp::MAX);
        let claiming = self.ready().into_iter().map(|(number, room)| {
            let (queue, name) = (&queue, &self.name);
            async move { (number, room, queue.claim(number, name, MAX_CLAIM).await) }
        });
        let (mut rooms, mut round) = (Vec::new(), Vec::new());
        let mut outcome = Ok(());
        for (number, room, claimed) in join_all(claiming).await {
            match claimed {
                Ok(deliveries) => {
                    // With less than half of what it asked for, it got all that there was.
                    if deliveries.len() >= MAX_CLAIM / 2 {
                        self.ripe.insert(number);
                    }
                    if !deliveries.is_empty() {
                        rooms.push(room);
                        round.extend(deliveries);
                    }
                }
                Err(error) => {
                    self.ripe.insert(number);
                    outcome = Err(error);
                }
            }
        }
        if round.is_empty() {
            return outcome.map(|()| false);
        }
        let round = Round::send(self.place.lanes.clone(), round, end, good_for);
        let clerk = self.clerk.clone();
        self.rounds.spawn(async move {
            let (mut ends, late) = round.ends().await;
            if !late.is_empty() {
                clerk.take(std::mem::replace(&mut ends, Ends::until(end)));
                // A store that hangs is not brought more meanwhile.
                for mut answer in late {
                    let _ = answer.wait().await;
                }
            }
            ends.room = rooms;
            clerk.take(ends);
        });
        Ok(true)
    }

    /// Waits for something to do: a job, room for one, or another partition.
    async fn rest(&mut self) {
        let held = self.partitions.at(self.place.clock.now());
        let waited = tokio::select! {
            () = self.freed.notified() => return,
            () = self.partitions.changed() => return self.look_everywhere(),
            waited = self.place.queue.wait(&held, Self::NAP) => waited,
        };
        match waited {
            Ok(partitions) => self.ripe.extend(partitions),
            Err(error) => {
                tracing::warn!(error = %error, "the queue cannot be waited for");
                tokio::time::sleep(Self::PAUSE).await;
            }
        }
    }
}
