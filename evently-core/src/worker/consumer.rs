//! The consumers: they take queued requests for tickets, have them decided by the lanes, and tell the queue what
//! became of them once that is committed.
//!
//! A job may be decided twice, never to two ends. While a claim is good the job is this consumer's alone, and a lane
//! drops a job that it has not decided by the end of its claim. Whoever is delivered the job later looks first
//! whether it has happened, and if it refuses the job, commits the refusal: that moves the event's version, so that
//! what the first had decided, and was too slow to store, cannot be stored any more.

use super::outcomes::Outcomes;
use super::partitions::{Partitions, Tender};
use crate::clock::{Clock, IdSource};
use crate::domain::Timestamp;
use crate::error::Error;
use crate::lane::{Answer, Lanes};
use crate::lease::Leases;
use crate::ledger::{Command, Recall, Receipt, Refusal};
use crate::queue::{Claim, Delivery, DeskId, Fate, Job, JobQueue, MAX_CLAIM, MAX_DELIVERIES, Reply, Settled};
use crate::store::StoreError;
use futures::future::join_all;
use hashbrown::HashMap;
use std::collections::BTreeSet;
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;
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
    /// Rounds of jobs that lanes are deciding: the partitions of each.
    rounds: JoinSet<Vec<u32>>,
    /// In how many of them a partition is.
    under_way: HashMap<u32, usize>,
    /// When the last round was claimed.
    claimed: Instant,
}

impl Consumer {
    /// How many rounds are decided at a time: while they are, the next one gathers.
    const ROUNDS: usize = 1;
    /// After how long another round is claimed all the same: one slow event does not hold the others up.
    const PACE: Duration = Duration::from_millis(20);
    /// In how many rounds one partition may be.
    const ROUNDS_OF_ONE: usize = 2;
    /// The longest wait for something to do.
    const NAP: Duration = Duration::from_millis(250);
    /// How long a queue that fails is left alone.
    const PAUSE: Duration = Duration::from_millis(250);
    /// How long what waits is still decided after it is told to stop.
    const FINISH_FOR: Duration = Duration::from_secs(5);

    fn new(place: Workplace) -> (Self, Tender) {
        let id = place.ids.next(place.clock.now());
        let name: Arc<str> = id.to_string().into();
        let count = place.queue.settings().partitions;
        let (_, random) = id.as_u64_pair();
        let seed = u32::try_from(random & 0xffff).unwrap_or(0);
        let (partitions, tender) = Partitions::new(count, place.leases.clone(), Arc::clone(&name), seed);
        let consumer = Self {
            partitions,
            name,
            ripe: (0..count).collect(),
            looked: Instant::now(),
            rounds: JoinSet::new(),
            under_way: HashMap::new(),
            claimed: Instant::now(),
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
        while let Some(ended) = self.rounds.join_next().await {
            self.ended(ended);
        }
        done.cancel();
        if let Err(error) = tending.await {
            tracing::error!(error = %error, "holding leases ended early");
        }
    }

    /// Claims, or waits until that may be worth while; whether there is more to do.
    async fn step(&mut self, stopping: &CancellationToken) -> bool {
        while let Some(ended) = self.rounds.try_join_next() {
            self.ended(ended);
        }
        if stopping.is_cancelled() || self.looked.elapsed() >= Self::NAP {
            self.look_everywhere();
        }
        match self.claim().await {
            Ok(true) => true,
            Ok(false) if stopping.is_cancelled() => match self.rounds.join_next().await {
                Some(ended) => {
                    self.ended(ended);
                    true
                }
                None => false,
            },
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

    fn look_everywhere(&mut self) {
        self.ripe.extend(0..self.place.queue.settings().partitions.max(1));
        self.looked = Instant::now();
    }

    /// Takes off the partitions that are this consumer's, may have something, and have room for a batch.
    fn ready(&mut self) -> Vec<u32> {
        let mut partitions = self.partitions.at(self.place.clock.now());
        let has_room = |number: &u32| {
            let count = self.under_way.get(number);
            count.is_none_or(|count| *count < Self::ROUNDS_OF_ONE)
        };
        partitions.retain(|number| has_room(number) && self.ripe.remove(number));
        partitions
    }

    /// Whether another round may begin.
    fn is_free(&self) -> bool {
        self.rounds.len() < Self::ROUNDS || self.claimed.elapsed() >= Self::PACE
    }

    /// Claims what there is, if it may, and hands it to the lanes; whether there was anything.
    ///
    /// # Errors
    /// The queue failed, and nothing was claimed.
    async fn claim(&mut self) -> Result<bool, StoreError> {
        if !self.is_free() {
            return Ok(false);
        }
        let queue = Arc::clone(&self.place.queue);
        // From before the claim: it is good at least until then.
        let end = self.place.clock.now().checked_add(queue.settings().claim_for);
        let end = end.unwrap_or(Timestamp::MAX);
        let claiming = self.ready().into_iter().map(|number| {
            let (queue, name) = (&queue, &self.name);
            async move { (number, queue.claim(number, name, MAX_CLAIM).await) }
        });
        let (mut partitions, mut round) = (Vec::new(), Vec::new());
        let mut outcome = Ok(());
        for (number, claimed) in join_all(claiming).await {
            match claimed {
                Ok(deliveries) => {
                    // With less than half of what it asked for, it got all that there was.
                    if deliveries.len() >= MAX_CLAIM / 2 {
                        self.ripe.insert(number);
                    }
                    if !deliveries.is_empty() {
                        partitions.push(number);
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
        self.begin(partitions, round, end);
        Ok(true)
    }

    fn begin(&mut self, partitions: Vec<u32>, round: Vec<Delivery>, end: Timestamp) {
        for number in &partitions {
            *self.under_way.entry(*number).or_default() += 1;
        }
        self.claimed = Instant::now();
        let batch = Batch::send(self.place.clone(), Arc::clone(&self.name), round, end);
        self.rounds.spawn(async move {
            batch.finish().await;
            partitions
        });
    }

    /// Waits for something to do: a job, room for one, or another partition.
    async fn rest(&mut self) {
        let held = self.partitions.at(self.place.clock.now());
        let is_free = self.is_free();
        let waited = tokio::select! {
            Some(ended) = self.rounds.join_next() => return self.ended(ended),
            () = self.partitions.changed() => return self.look_everywhere(),
            () = tokio::time::sleep_until(self.claimed + Self::PACE), if !is_free => return,
            waited = self.place.queue.wait(&held, Self::NAP), if is_free => waited,
        };
        match waited {
            Ok(partitions) => self.ripe.extend(partitions),
            Err(error) => {
                tracing::warn!(error = %error, "the queue cannot be waited for");
                tokio::time::sleep(Self::PAUSE).await;
            }
        }
    }

    fn ended(&mut self, ended: Result<Vec<u32>, tokio::task::JoinError>) {
        match ended {
            Ok(partitions) => {
                for number in partitions {
                    if let Some(count) = self.under_way.get_mut(&number) {
                        *count = count.saturating_sub(1);
                    }
                }
            }
            Err(error) => tracing::error!(error = %error, "a round was lost; its claims run out"),
        }
    }
}

/// Jobs that were claimed together, on their way through the lanes.
struct Batch {
    place: Workplace,
    name: Arc<str>,
    end: Timestamp,
    sent: Vec<(Delivery, Result<Answer, Error>)>,
    /// Jobs that failed before: each goes alone, so that it spoils no other's batch.
    suspects: Vec<Delivery>,
}

/// What a lane's answer means for a job.
enum Verdict {
    Settle(Reply),
    HandBack(Duration),
    /// The claim runs out by itself: that counts as a delivery, so that a job that fails for ever ends.
    Leave,
}

impl Batch {
    /// A job delivered more often goes alone.
    const TOGETHER: u32 = 2;
    /// After how long a job may be claimed again that the store, or a full lane, left undecided.
    const STORE_DELAY: Duration = Duration::from_millis(500);
    const LANE_DELAY: Duration = Duration::from_millis(50);
    /// How long a queue that fails is left alone before it is told again.
    const PAUSE: Duration = Duration::from_millis(50);

    /// Hands the jobs to their lanes at once, in their order.
    fn send(place: Workplace, name: Arc<str>, deliveries: Vec<Delivery>, end: Timestamp) -> Self {
        let (together, suspects): (Vec<_>, Vec<_>) = deliveries
            .into_iter()
            .partition(|delivery| delivery.claim.deliveries <= Self::TOGETHER);
        let mut batch = Self {
            place,
            name,
            end,
            sent: Vec::with_capacity(together.len()),
            suspects,
        };
        for delivery in together {
            let answer = batch.hand_over(&delivery);
            batch.sent.push((delivery, answer));
        }
        batch
    }

    fn hand_over(&self, delivery: &Delivery) -> Result<Answer, Error> {
        let job = &delivery.job;
        self.place
            .lanes
            .send(job.event_id(), command(delivery), Some(self.end))
    }

    /// Waits for the decisions and tells the queue, and then whoever waits for them.
    async fn finish(mut self) {
        let mut verdicts = Vec::with_capacity(self.sent.len() + self.suspects.len());
        for (delivery, answer) in std::mem::take(&mut self.sent) {
            verdicts.push(decided(delivery, answer).await);
        }
        for delivery in std::mem::take(&mut self.suspects) {
            let answer = self.hand_over(&delivery);
            verdicts.push(decided(delivery, answer).await);
        }
        let mut ends = Vec::with_capacity(verdicts.len());
        let mut back: HashMap<Duration, Vec<Claim>> = HashMap::new();
        for (delivery, verdict) in verdicts {
            match verdict {
                Verdict::Settle(reply) => ends.push((delivery, reply)),
                Verdict::HandBack(after) => back.entry(after).or_default().push(delivery.claim),
                Verdict::Leave => {}
            }
        }
        if !ends.is_empty() {
            self.settle(ends).await;
        }
        for (after, claims) in back {
            if let Err(error) = self.place.queue.hand_back(&self.name, &claims, after).await {
                tracing::warn!(error = %error, jobs = claims.len(), "undecided jobs could not be handed back");
            }
        }
    }

    /// Tells the queue until it has heard or the claims have run out, and then whoever waits.
    async fn settle(&self, ends: Vec<(Delivery, Reply)>) {
        let fates: Vec<_> = ends
            .iter()
            .map(|(delivery, reply)| (delivery.claim, reply.fate.clone()))
            .collect();
        let settled = loop {
            match self.place.queue.settle(&self.name, &fates).await {
                Ok(settled) => break settled,
                Err(error) if error.is_transient() && self.place.clock.now() < self.end => {
                    tokio::time::sleep(Self::PAUSE).await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, jobs = fates.len(), "decided jobs could not be settled");
                    return;
                }
            }
        };
        let mut elsewhere: HashMap<DeskId, Vec<Reply>> = HashMap::new();
        for ((delivery, reply), settled) in ends.into_iter().zip(settled) {
            // Of a stale claim somebody else has the last word.
            if settled == Settled::Stale {
                continue;
            }
            self.place.outcomes.tell(&reply);
            match delivery.job.reply_to {
                Some(desk) if desk != self.place.outcomes.desk => {
                    elsewhere.entry(desk).or_default().push(reply);
                }
                _ => {}
            }
        }
        for (desk, replies) in elsewhere {
            if let Err(error) = self.place.queue.reply(desk, &replies).await {
                tracing::debug!(error = %error, "a desk was not told what became of its requests; it will look");
            }
        }
    }
}

/// Waits for a lane's answer to a job.
async fn decided(delivery: Delivery, answer: Result<Answer, Error>) -> (Delivery, Verdict) {
    let answer = match answer {
        Ok(answer) => answer.wait().await,
        Err(error) => Err(error),
    };
    let verdict = verdict(&delivery, answer);
    (delivery, verdict)
}

/// What is asked of the lane: to decide the job, or to give it up that was delivered too often.
fn command(delivery: &Delivery) -> Command {
    let job: &Job = &delivery.job;
    if delivery.claim.deliveries > MAX_DELIVERIES {
        return Command::Abandon {
            booking_id: job.id(),
            entry_id: job.book.entry_id,
        };
    }
    let mut book = job.book.clone();
    if delivery.recall != Recall::First {
        book.recall = delivery.recall;
    }
    Command::Book(book)
}

fn verdict(delivery: &Delivery, answer: Result<Receipt, Error>) -> Verdict {
    let id = delivery.claim.id;
    let is_given_up = delivery.claim.deliveries > MAX_DELIVERIES;
    let settle = |fate, booking| Verdict::Settle(Reply { id, fate, booking });
    match answer {
        Ok(Receipt::Booking { booking, .. }) => {
            let fate = match booking.id == id {
                true => Fate::Booked,
                false => Fate::Replayed(booking.id),
            };
            settle(fate, Some(booking))
        }
        Ok(Receipt::Entry { entry, .. }) => settle(Fate::Waitlisted(entry.id), None),
        Ok(Receipt::Event(_) | Receipt::Preview(_) | Receipt::Done) => Verdict::Leave,
        Err(Error::Refused(Refusal::NotFound) | Error::Failed) if is_given_up => {
            tracing::error!(booking.id = %id, "nobody could decide a job: it is a dead letter");
            settle(Fate::Dead, None)
        }
        Err(Error::Refused(refusal)) => settle(Fate::Rejected(refusal), None),
        Err(Error::Store(error)) if error.is_transient() => Verdict::HandBack(Batch::STORE_DELAY),
        Err(Error::Overloaded { .. }) => Verdict::HandBack(Batch::LANE_DELAY),
        Err(Error::Closed) => Verdict::HandBack(Duration::ZERO),
        Err(Error::Store(_) | Error::Failed) => Verdict::Leave,
    }
}
