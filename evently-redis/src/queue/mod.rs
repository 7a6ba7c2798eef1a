//! The job queue on Redis Streams.
//!
//! Jobs that are pushed together are a chunk, which is claimed and settled together: what the server does is done once
//! for many. Only a job that is treated apart from the others of its chunk (handed back, taken over from somebody who
//! left it, asked for alone) becomes a single one.
//!
//! Each partition is a stream of chunks and one of single jobs, each with one consumer group. Everything that belongs
//! to a partition is in one slot, so that each step is one script and happens whole:
//!
//! | key | type | what it holds |
//! |---|---|---|
//! | `line` | stream | chunks in order: their jobs' ids, and hashes of their keys; its group's pending entries are the claims |
//! | `loose` | stream | single jobs: the id, and the hash of the key; always pending |
//! | `jobs` | hash | a chunk's jobs by its entry; a single or a settled job by its id |
//! | `known` | hash | by a job's id: its chunk's entry; nothing for a single one; what became of a settled one |
//! | `keys` | hash | hashes of unsettled jobs' idempotency keys, with event and user, and whose they are |
//! | `over` | hash | chunks that some jobs have left, and which |
//! | `taken` | sorted set | claimed chunks, and single jobs, by when anybody may claim them |
//! | `settled` | sorted set | ids of settled jobs by when, to forget them in time |
//! | `dead` | stream | dead letters, for operators; the oldest go when there are too many |
//! | `owner` | string | who claimed something last, while it asks for more |
//!
//! Instants are the server's, so that all processes agree on when a claim has run out. A claim is good while the
//! group's pending entry has its consumer and its count of deliveries: this is what fences a stale worker off.
//!
//! What the server loses (a flush, a failover) is lost whole: a claim on it is stale, nothing is known of its job.
//!
//! Left out: deciding jobs, and leases on partitions, which the queue does not need.

mod bell;
mod partition;
mod record;

use crate::NAME;
use crate::connection::{self, Connection};
use crate::error::Fault;
use crate::hearing::hear;
use crate::keys;
use crate::open;
use async_trait::async_trait;
use bell::{Bell, LONGEST_NAP};
use evently_core::clock::Clock;
use evently_core::domain::{BookingId, EventId, Timestamp};
use evently_core::ledger::Recall;
use evently_core::queue::{
    Accepted, Claim, Delivery, DeskId, Fate, Job, JobQueue, MAX_CLAIM, PartitionView, Pushed, QueueSettings,
    QueueView, Reply, Settled,
};
use evently_core::store::{Durability, StoreError};
use futures::stream::{BoxStream, StreamExt};
use partition::{Ended, Ending, MOST_IN_CHUNK, Partition, Shown, Taken, groups};
use record::{Place, Written, decode_job, decode_replies, encode_replies};
use redis::{Cmd, Value};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// The most partitions that a queue can have.
const MAX_PARTITIONS: u32 = 1 << 16;

/// How long a consumer has asked for nothing that is forgotten. Longer than any process pauses.
const GONE_FOR: Duration = Duration::from_secs(86_400);

/// How long the server may take to answer before a call fails.
const DEADLINE: Duration = Duration::from_secs(2);

/// A [`JobQueue`] on Redis Streams. Any number of processes work on one queue, with the same settings.
///
/// It is as durable as its server: with `appendonly yes` and `appendfsync always`, what is accepted survives a crash.
/// When the server is down, every call fails within two seconds, and nothing needs to be done when it is back.
#[derive(Debug)]
pub struct StreamQueue {
    settings: QueueSettings,
    partitions: Vec<Partition>,
    connection: Connection,
    place: connection::Place,
    bell: OnceCell<Bell>,
    clock: Option<Arc<dyn Clock>>,
}

impl StreamQueue {
    /// Connects to the server or the cluster at a URL: `redis://`, `rediss://`, `redis+cluster://`.
    ///
    /// # Errors
    /// Transient: nobody answers there. Permanent: the URL is none of these, the login is refused, or the settings
    /// have more than 65,536 partitions.
    pub async fn connect(url: &str, settings: QueueSettings) -> Result<Self, StoreError> {
        let place = connection::Place::parse(url)
            .ok_or_else(|| StoreError::permanent(NAME, "the queue's URL is not one of Redis"))?;
        if settings.partitions > MAX_PARTITIONS {
            return Err(StoreError::permanent(
                NAME,
                "a queue has at most 65536 partitions",
            ));
        }
        let partitions = 0..settings.partitions.max(1);
        let queue = Self {
            partitions: partitions
                .filter_map(|number| number.try_into().ok())
                .map(Partition::new)
                .collect(),
            connection: Connection::open(&place, DEADLINE).await?,
            settings,
            place,
            bell: OnceCell::new(),
            clock: None,
        };
        let prunes = queue
            .partitions
            .iter()
            .map(|partition| partition.prune(GONE_FOR))
            .collect();
        queue.connection.ask_every(prunes).await?;
        Ok(queue)
    }

    /// What a job survives that was accepted, as the server is configured now; `None` where it does not tell.
    ///
    /// # Errors
    /// Transient: the server cannot be asked.
    pub async fn durability(&self) -> Result<Option<Durability>, StoreError> {
        Ok(open::kept(&self.connection).await?)
    }

    /// Takes the time from this clock instead of the server's: for tests.
    #[must_use]
    pub fn by_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The present microsecond as scripts take it; empty for the server's own.
    fn now(&self) -> String {
        let clock = self.clock.as_ref();
        clock.map_or_else(String::new, |clock| clock.now().as_microsecond().to_string())
    }

    fn partition(&self, number: u32) -> Option<&Partition> {
        self.partitions.get(usize::try_from(number).ok()?)
    }

    async fn bell(&self) -> Result<&Bell, Fault> {
        let hang = || Bell::hang(self.place.clone(), self.partitions.len());
        self.bell.get_or_try_init(hang).await
    }

    /// Asks for several things, each a part of one call: some may be done where another fails.
    async fn ask_all(&self, commands: Vec<Cmd>) -> Result<Vec<Value>, Fault> {
        match commands.len() {
            0 => Ok(Vec::new()),
            1 => self.connection.ask_every(commands).await,
            _ => {
                let answers = self.connection.ask_every(commands).await;
                answers.map_err(|fault| Fault::InPart(Box::new(fault)))
            }
        }
    }

    /// Gives claims up, each at its partition; the answers are in their order. What no partition knows is stale.
    async fn give_up<T>(
        &self,
        claims: Vec<(Place, u32, T)>,
        command: impl Fn(&Partition, &mut dyn Iterator<Item = &[Ended<T>]>) -> Cmd,
    ) -> Result<Vec<Settled>, Fault> {
        let mut answers = vec![Settled::Stale; claims.len()];
        let mut parts: BTreeMap<u16, Vec<Ended<T>>> = BTreeMap::new();
        for (at, (place, deliveries, how)) in claims.into_iter().enumerate() {
            let ended = Ended {
                at,
                place,
                deliveries,
                how,
            };
            parts.entry(place.partition).or_default().push(ended);
        }
        let (mut commands, mut asked) = (Vec::new(), Vec::new());
        for (number, part) in &mut parts {
            let Some(partition) = self.partition(u32::from(*number)) else {
                continue;
            };
            part.sort_by_key(|ended| ended.place);
            for some in part.chunks(MAX_CLAIM) {
                commands.push(command(partition, &mut groups(some)));
                asked.push(some);
            }
        }
        for (answer, some) in self.ask_all(commands).await?.into_iter().zip(asked) {
            for (settled, group) in partition::settled(answer)?.into_iter().zip(groups(some)) {
                // Of a chunk that is gone, one answer is for all.
                for (nth, ended) in group.iter().enumerate() {
                    let settled = settled.get(nth).or(settled.last());
                    answers[ended.at] = settled.copied().unwrap_or(Settled::Stale);
                }
            }
        }
        Ok(answers)
    }

    async fn settle_all(
        &self,
        consumer: &str,
        claims: Vec<(Place, u32, Ending)>,
    ) -> Result<Vec<Settled>, Fault> {
        let now = self.now();
        self.give_up(claims, |partition, groups| {
            partition.settle(&now, consumer, groups)
        })
        .await
    }

    /// The job that one of these reads finds.
    async fn first_of(&self, id: BookingId, reads: Vec<Cmd>) -> Result<Option<Accepted>, StoreError> {
        for answer in self.connection.read_every(reads).await? {
            let mut found: Vec<Option<Vec<u8>>> = partition::read(answer)?;
            let fate = (found.len() > 1).then(|| found.pop()).flatten().flatten();
            let Some(job) = found.pop().flatten() else {
                continue;
            };
            let job = match decode_job(&job) {
                Ok(job) => Arc::new(job),
                Err(error) => {
                    // Nobody can be told whose it is, and so it can be shown to nobody.
                    tracing::warn!(booking.id = %id, error = %error, "a job cannot be read");
                    return Ok(None);
                }
            };
            let settled = fate.map(|fate| read_fate(&fate)).transpose()?;
            return Ok(Some(Accepted { job, settled }));
        }
        Ok(None)
    }

    /// Makes a dead letter of what cannot be read: it must not come again and again before all others.
    async fn bury(&self, consumer: &str, poison: &[Taken]) {
        let Ok(fate) = serde_json::to_string(&Fate::Dead) else {
            return;
        };
        let ending = Ending::Bury(fate);
        let claims = poison
            .iter()
            .map(|taken| (taken.place, taken.deliveries, ending.clone()));
        if let Err(fault) = self.settle_all(consumer, claims.collect()).await {
            // It comes again when its claim has run out.
            tracing::warn!(error = %fault, "jobs that cannot be read could not be made dead letters");
        }
    }
}

#[async_trait]
impl JobQueue for StreamQueue {
    fn settings(&self) -> &QueueSettings {
        &self.settings
    }

    async fn push(&self, jobs: &[Arc<Job>]) -> Result<Vec<Pushed>, StoreError> {
        let mut parts: BTreeMap<u32, Vec<(usize, Written)>> = BTreeMap::new();
        for (at, job) in jobs.iter().enumerate() {
            let number = self.settings.partition_of(job.event_id());
            let written = Written::new(job).map_err(Fault::damaged)?;
            parts.entry(number).or_default().push((at, written));
        }
        let (now, mut commands, mut asked) = (self.now(), Vec::new(), Vec::new());
        for (number, part) in &parts {
            let Some(partition) = self.partition(*number) else {
                continue;
            };
            for chunk in part.chunks(MOST_IN_CHUNK) {
                let written = chunk.iter().map(|(_, written)| written);
                commands.push(partition.push(&now, &self.settings, written));
                asked.push(chunk);
            }
        }
        let mut pushed = vec![Pushed::Full; jobs.len()];
        for (answer, chunk) in self.ask_all(commands).await?.into_iter().zip(asked) {
            for (at, _) in chunk {
                pushed[*at] = Pushed::Accepted;
            }
            for (place, refused) in partition::refused(answer)? {
                if let Some((at, _)) = chunk.get(place) {
                    pushed[*at] = refused;
                }
            }
        }
        Ok(pushed)
    }

    async fn claim(&self, partition: u32, consumer: &str, limit: usize) -> Result<Vec<Delivery>, StoreError> {
        let Some(partition) = self.partition(partition).filter(|_| limit > 0) else {
            return Ok(Vec::new());
        };
        let command = partition.claim(
            &self.now(),
            consumer,
            limit.min(MAX_CLAIM),
            self.settings.claim_for,
        );
        let taken = partition.taken(self.connection.ask(command).await?)?;
        let (mut deliveries, mut poison) = (Vec::with_capacity(taken.len()), Vec::new());
        for taken in taken {
            match taken.read() {
                Ok(delivery) => deliveries.push(delivery),
                Err(error) => {
                    let id = Uuid::from_slice(&taken.id).unwrap_or_default();
                    tracing::error!(booking.id = %id, error = %error, "a job cannot be read: it is a dead letter now");
                    poison.push(taken);
                }
            }
        }
        if !poison.is_empty() {
            self.bury(consumer, &poison).await;
        }
        Ok(deliveries)
    }

    async fn settle(&self, consumer: &str, fates: &[(Claim, Fate)]) -> Result<Vec<Settled>, StoreError> {
        let mut claims = Vec::with_capacity(fates.len());
        for (claim, fate) in fates {
            let written = || serde_json::to_string(fate).map_err(Fault::damaged);
            let ending = match fate {
                Fate::Booked => Ending::Forget,
                Fate::Dead => Ending::Bury(written()?),
                _ => Ending::Keep(written()?),
            };
            claims.push((Place::unpack(claim.place), claim.deliveries, ending));
        }
        Ok(self.settle_all(consumer, claims).await?)
    }

    async fn hand_back(
        &self,
        consumer: &str,
        claims: &[Claim],
        after: Duration,
    ) -> Result<Vec<Settled>, StoreError> {
        let (now, after) = (self.now(), after.min(self.settings.claim_for));
        let claims = claims
            .iter()
            .map(|claim| (Place::unpack(claim.place), claim.deliveries, ()));
        let given_back = self.give_up(claims.collect(), |partition, groups| {
            partition.hand_back(&now, consumer, after, groups)
        });
        Ok(given_back.await?)
    }

    async fn wait(&self, partitions: &[u32], at_most: Duration) -> Result<Vec<u32>, StoreError> {
        let bell = self.bell().await?;
        Ok(bell.heard(partitions, at_most.min(LONGEST_NAP)).await)
    }

    async fn reply(&self, desk: DeskId, replies: &[Reply]) -> Result<(), StoreError> {
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(keys::replies(desk));
        publish.arg(encode_replies(replies).map_err(Fault::damaged)?);
        self.connection.ask(publish).await?;
        Ok(())
    }

    async fn replies(&self, desk: DeskId) -> Result<BoxStream<'static, Vec<Reply>>, StoreError> {
        let messages = hear(&self.place, &keys::replies(desk)).await?;
        let read = |message: Vec<u8>| match decode_replies(&message) {
            Ok(replies) => replies,
            Err(error) => {
                // From a worker of another version, maybe. Whoever waits will look.
                tracing::debug!(error = %error, "replies that cannot be read");
                Vec::new()
            }
        };
        Ok(messages.map(read).boxed())
    }

    /// Asks all partitions, since a booking's id does not tell its event.
    async fn read(&self, id: BookingId) -> Result<Option<Accepted>, StoreError> {
        let reads = self
            .partitions
            .iter()
            .map(|partition| partition.read(id))
            .collect();
        self.first_of(id, reads).await
    }

    async fn read_of(&self, event_id: EventId, id: BookingId) -> Result<Option<Accepted>, StoreError> {
        let read = self.partition(self.settings.partition_of(event_id));
        let reads = read.into_iter().map(|partition| partition.read(id)).collect();
        self.first_of(id, reads).await
    }

    async fn view(&self) -> Result<QueueView, StoreError> {
        let views = self.partitions.iter().map(Partition::view).collect();
        let mut view = QueueView::default();
        for answer in self.connection.read_every(views).await? {
            let shown = Partition::shown(answer)?;
            view.dead += shown.dead;
            view.partitions.push(shown.into());
        }
        Ok(view)
    }
}

impl Taken {
    fn read(&self) -> Result<Delivery, record::Unreadable> {
        let job = decode_job(self.job.as_deref().ok_or(record::Unreadable::Missing)?)?;
        let claim = Claim {
            id: job.id(),
            place: self.place.pack(),
            deliveries: self.deliveries,
        };
        if claim.id.uuid().as_bytes()[..] != self.id {
            return Err(record::Unreadable::Missing);
        }
        Ok(Delivery {
            job: Arc::new(job),
            claim,
            recall: match self.handed_before {
                true => Recall::MayBeHappening,
                false => Recall::First,
            },
        })
    }
}

impl From<Shown> for PartitionView {
    fn from(shown: Shown) -> Self {
        let jobs = shown.oldest.into_iter().flatten();
        let oldest = jobs
            .filter_map(|job| Some(decode_job(&job).ok()?.accepted_at))
            .min();
        Self {
            depth: shown.depth,
            in_flight: shown.claimed,
            oldest,
            owner: shown.owner,
        }
    }
}

/// Reads a fate as it is stored: the microsecond it was settled at, and what it is.
fn read_fate(text: &[u8]) -> Result<(Fate, Timestamp), Fault> {
    let (at, fate) = str::from_utf8(text)
        .map_err(Fault::damaged)?
        .split_once(' ')
        .ok_or_else(|| Fault::damaged("a job's fate"))?;
    let at = at.parse().map_err(Fault::damaged)?;
    let at = Timestamp::from_microsecond(at).map_err(Fault::damaged)?;
    Ok((serde_json::from_str(fate).map_err(Fault::damaged)?, at))
}
