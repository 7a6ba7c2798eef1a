//! The job queue within one process.

use super::later;
use crate::clock::Clock;
use crate::domain::{BookingId, EventId, IdempotencyKey, Timestamp, UserId};
use crate::ledger::Recall;
use crate::queue::{
    Accepted, Claim, Delivery, DeskId, Fate, Job, JobQueue, MAX_CLAIM, PartitionView, Pushed, QueueSettings,
    QueueView, Reply, Settled,
};
use crate::store::StoreError;
use async_trait::async_trait;
use futures::stream::{BoxStream, StreamExt, unfold};
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, mpsc};

/// A [`JobQueue`] in this process' memory, by an injected clock: the executable specification.
#[derive(Debug)]
pub struct MemoryQueue {
    settings: QueueSettings,
    clock: Arc<dyn Clock>,
    books: Mutex<Books>,
    came: Notify,
    desks: Mutex<HashMap<DeskId, mpsc::Sender<Vec<Reply>>>>,
}

/// How many batches of replies a desk may be behind; it misses those after.
const REPLIES: usize = 1_024;

/// What a key is good for: one event and one user.
type Scope = (EventId, UserId, IdempotencyKey);

/// All that is known of jobs.
#[derive(Debug, Default)]
struct Books {
    jobs: HashMap<BookingId, Kept>,
    /// The keys of jobs that are not settled.
    keys: HashMap<Scope, BookingId>,
    partitions: Vec<Partition>,
    /// When which jobs were settled, to forget them in time.
    settled: BTreeSet<(Timestamp, BookingId)>,
    dead: u64,
    last_place: u128,
}

/// The jobs of one partition that are not settled, by their places.
#[derive(Debug, Default)]
struct Partition {
    jobs: BTreeMap<u128, BookingId>,
    /// Those behind this place were never claimed.
    claimed_up_to: u128,
    /// When those that were claimed or handed back may be claimed by anybody.
    free_at: BTreeSet<(Timestamp, u128)>,
    owner: Option<String>,
}

#[derive(Debug)]
struct Kept {
    job: Arc<Job>,
    partition: usize,
    place: u128,
    deliveries: u32,
    /// Whether it was ever handed to anybody.
    recall: Recall,
    standing: Standing,
}

#[derive(Debug)]
enum Standing {
    /// New, or handed back.
    Waiting,
    Claimed {
        by: String,
        until: Timestamp,
    },
    Settled {
        fate: Fate,
        at: Timestamp,
    },
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new(settings: QueueSettings, clock: Arc<dyn Clock>) -> Self {
        let partitions = (0..settings.partitions.max(1)).map(|_| Partition::default());
        let books = Books {
            partitions: partitions.collect(),
            ..Books::default()
        };
        Self {
            settings,
            clock,
            books: Mutex::new(books),
            came: Notify::new(),
            desks: Mutex::default(),
        }
    }

    /// In which of these partitions there is something to claim.
    fn claimable(&self, partitions: &[u32]) -> Vec<u32> {
        let now = self.clock.now();
        let books = self.books.lock();
        let is_ready = |number: &u32| {
            let partition = books.partitions.get(*number as usize);
            partition.is_some_and(|partition| partition.has_claimable(now))
        };
        partitions.iter().copied().filter(is_ready).collect()
    }
}

impl Books {
    fn push(&mut self, job: &Arc<Job>, settings: &QueueSettings) -> Pushed {
        if self.jobs.contains_key(&job.id()) {
            return Pushed::Accepted;
        }
        let scope = scope(job);
        if let Some(twin) = scope.as_ref().and_then(|scope| self.keys.get(scope)) {
            return Pushed::Twin(*twin);
        }
        let number = settings.partition_of(job.event_id()) as usize;
        let partition = match self.partitions.get_mut(number) {
            Some(partition) if partition.jobs.len() < settings.capacity => partition,
            _ => return Pushed::Full,
        };
        self.last_place += 1;
        partition.jobs.insert(self.last_place, job.id());
        let kept = Kept {
            job: Arc::clone(job),
            partition: number,
            place: self.last_place,
            deliveries: 0,
            recall: Recall::First,
            standing: Standing::Waiting,
        };
        self.keys.extend(scope.map(|scope| (scope, job.id())));
        self.jobs.insert(job.id(), kept);
        Pushed::Accepted
    }

    fn claim(
        &mut self,
        number: u32,
        consumer: &str,
        limit: usize,
        (now, until): (Timestamp, Timestamp),
    ) -> Vec<Delivery> {
        let Some(partition) = self.partitions.get_mut(number as usize) else {
            return Vec::new();
        };
        let places = partition.take(now, limit);
        if !places.is_empty() {
            partition.owner = Some(consumer.to_owned());
        }
        let mut deliveries = Vec::with_capacity(places.len());
        for place in places {
            partition.free_at.insert((until, place));
            let kept = partition.jobs.get(&place).and_then(|id| self.jobs.get_mut(id));
            deliveries.extend(kept.map(|kept| kept.deliver(consumer, until)));
        }
        deliveries
    }

    /// Frees a claimed job from its claim, if the claim is good.
    fn release(&mut self, consumer: &str, claim: &Claim) -> Option<(&mut Kept, &mut Partition)> {
        let kept = self.jobs.get_mut(&claim.id)?;
        let is_theirs = (kept.place, kept.deliveries) == (claim.place, claim.deliveries);
        let until = match &kept.standing {
            Standing::Claimed { by, until } if by == consumer && is_theirs => *until,
            _ => return None,
        };
        let partition = self.partitions.get_mut(kept.partition)?;
        partition.free_at.remove(&(until, kept.place));
        Some((kept, partition))
    }

    fn settle(&mut self, consumer: &str, claim: &Claim, fate: &Fate, now: Timestamp) -> Settled {
        let Some((kept, partition)) = self.release(consumer, claim) else {
            return Settled::Stale;
        };
        partition.jobs.remove(&kept.place);
        let scope = scope(&kept.job);
        kept.standing = Standing::Settled {
            fate: fate.clone(),
            at: now,
        };
        match fate {
            Fate::Booked => {
                self.jobs.remove(&claim.id);
            }
            _ => {
                self.settled.insert((now, claim.id));
                self.dead += u64::from(*fate == Fate::Dead);
            }
        }
        scope.map(|scope| self.keys.remove(&scope));
        Settled::Done
    }

    fn hand_back(&mut self, consumer: &str, claim: &Claim, until: Timestamp) -> Settled {
        let Some((kept, partition)) = self.release(consumer, claim) else {
            return Settled::Stale;
        };
        kept.deliveries -= 1;
        kept.standing = Standing::Waiting;
        partition.free_at.insert((until, kept.place));
        Settled::Done
    }

    /// Forgets what was settled at this instant or before.
    fn forget(&mut self, up_to: Timestamp) {
        while let Some(&(at, id)) = self.settled.first()
            && at <= up_to
        {
            self.settled.pop_first();
            let forgotten = self.jobs.remove(&id);
            let is_dead = |kept: Kept| matches!(kept.standing, Standing::Settled { fate: Fate::Dead, .. });
            self.dead -= u64::from(forgotten.is_some_and(is_dead));
        }
    }

    fn view(&self, partition: &Partition) -> PartitionView {
        let job = |place: &u128| partition.jobs.get(place).and_then(|id| self.jobs.get(id));
        let is_claimed =
            |place: &u128| job(place).is_some_and(|kept| matches!(kept.standing, Standing::Claimed { .. }));
        let claimed = partition.free_at.iter().filter(|(_, place)| is_claimed(place));
        let oldest = partition.jobs.keys().next().and_then(job);
        PartitionView {
            depth: partition.jobs.len() as u64,
            in_flight: claimed.count() as u64,
            oldest: oldest.map(|kept| kept.job.accepted_at),
            owner: partition.owner.clone(),
        }
    }
}

impl Partition {
    fn has_claimable(&self, now: Timestamp) -> bool {
        let freed = self.free_at.first().is_some_and(|(at, _)| *at <= now);
        let last = self.jobs.last_key_value();
        freed || last.is_some_and(|(place, _)| *place > self.claimed_up_to)
    }

    /// Takes the places of claimable jobs: those that are free again, then new ones.
    fn take(&mut self, now: Timestamp, limit: usize) -> Vec<u128> {
        let free = self.free_at.iter().take_while(|(at, _)| *at <= now).take(limit);
        let free: Vec<_> = free.copied().collect();
        for freed in &free {
            self.free_at.remove(freed);
        }
        let mut places: Vec<u128> = free.into_iter().map(|(_, place)| place).collect();
        places.sort_unstable();
        let new = self.jobs.range(self.claimed_up_to + 1..).map(|(place, _)| *place);
        places.extend(new.take(limit - places.len()));
        self.claimed_up_to = places
            .last()
            .map_or(self.claimed_up_to, |last| self.claimed_up_to.max(*last));
        places
    }
}

fn scope(job: &Job) -> Option<Scope> {
    let key = job.book.key.clone()?;
    Some((job.event_id(), job.book.by.user_id, key))
}

impl Kept {
    fn deliver(&mut self, consumer: &str, until: Timestamp) -> Delivery {
        self.deliveries += 1;
        let recall = std::mem::replace(&mut self.recall, Recall::MayBeHappening);
        self.standing = Standing::Claimed {
            by: consumer.to_owned(),
            until,
        };
        Delivery {
            job: Arc::clone(&self.job),
            claim: Claim {
                id: self.job.id(),
                place: self.place,
                deliveries: self.deliveries,
            },
            recall,
        }
    }
}

#[async_trait]
impl JobQueue for MemoryQueue {
    fn settings(&self) -> &QueueSettings {
        &self.settings
    }

    async fn push(&self, jobs: &[Arc<Job>]) -> Result<Vec<Pushed>, StoreError> {
        let pushed = {
            let mut books = self.books.lock();
            jobs.iter().map(|job| books.push(job, &self.settings)).collect()
        };
        self.came.notify_waiters();
        Ok(pushed)
    }

    async fn claim(&self, partition: u32, consumer: &str, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let now = self.clock.now();
        let until = later(now, self.settings.claim_for);
        let mut books = self.books.lock();
        Ok(books.claim(partition, consumer, limit.min(MAX_CLAIM), (now, until)))
    }

    async fn settle(&self, consumer: &str, fates: &[(Claim, Fate)]) -> Result<Vec<Settled>, StoreError> {
        let now = self.clock.now();
        let mut books = self.books.lock();
        books.forget(now.checked_sub(self.settings.keep_for).unwrap_or(Timestamp::MIN));
        let settled = fates
            .iter()
            .map(|(claim, fate)| books.settle(consumer, claim, fate, now));
        Ok(settled.collect())
    }

    async fn hand_back(
        &self,
        consumer: &str,
        claims: &[Claim],
        after: Duration,
    ) -> Result<Vec<Settled>, StoreError> {
        let until = later(self.clock.now(), after.min(self.settings.claim_for));
        let settled = {
            let mut books = self.books.lock();
            claims
                .iter()
                .map(|claim| books.hand_back(consumer, claim, until))
                .collect()
        };
        self.came.notify_waiters();
        Ok(settled)
    }

    async fn wait(&self, partitions: &[u32], at_most: Duration) -> Result<Vec<u32>, StoreError> {
        let claimable = async {
            loop {
                // Listening begins before looking, so that what comes in between is heard.
                let came = self.came.notified();
                let ready = self.claimable(partitions);
                if !ready.is_empty() {
                    return ready;
                }
                came.await;
            }
        };
        let waited = tokio::time::timeout(at_most, claimable).await;
        Ok(waited.unwrap_or_default())
    }

    async fn reply(&self, desk: DeskId, replies: &[Reply]) -> Result<(), StoreError> {
        let mut desks = self.desks.lock();
        let told = desks.get(&desk).map(|desk| desk.try_send(replies.to_vec()));
        if let Some(Err(mpsc::error::TrySendError::Closed(_))) = told {
            desks.remove(&desk);
        }
        Ok(())
    }

    async fn replies(&self, desk: DeskId) -> Result<BoxStream<'static, Vec<Reply>>, StoreError> {
        let (sender, receiver) = mpsc::channel(REPLIES);
        self.desks.lock().insert(desk, sender);
        let next = async |mut receiver: mpsc::Receiver<_>| Some((receiver.recv().await?, receiver));
        Ok(unfold(receiver, next).boxed())
    }

    async fn read(&self, id: BookingId) -> Result<Option<Accepted>, StoreError> {
        let books = self.books.lock();
        Ok(books.jobs.get(&id).map(|kept| Accepted {
            job: Arc::clone(&kept.job),
            settled: match &kept.standing {
                Standing::Settled { fate, at } => Some((fate.clone(), *at)),
                _ => None,
            },
        }))
    }

    async fn view(&self) -> Result<QueueView, StoreError> {
        let books = self.books.lock();
        Ok(QueueView {
            partitions: books
                .partitions
                .iter()
                .map(|partition| books.view(partition))
                .collect(),
            dead: books.dead,
        })
    }
}
