//! What became of jobs, on its way to the queue and to whoever waits.
//!
//! The queue is told by one call at a time, and so is each desk: what else was decided meanwhile goes in the next one.

use super::consumer::Workplace;
use crate::domain::Timestamp;
use crate::queue::{Claim, DeskId, Fate, Reply, Settled};
use hashbrown::HashMap;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};
use tokio_util::task::TaskTracker;

/// What became of some jobs.
pub(super) struct Ends {
    pub(super) settled: Vec<End>,
    /// What is to be claimed again, and after how long.
    pub(super) back: HashMap<Duration, Vec<Claim>>,
    /// Until when the claims are good.
    until: Timestamp,
    /// The partitions' room for other jobs, once the queue was told of these.
    pub(super) room: Vec<OwnedSemaphorePermit>,
}

/// What became of one job.
pub(super) struct End {
    pub(super) claim: Claim,
    pub(super) reply_to: Option<DeskId>,
    pub(super) reply: Reply,
}

impl Ends {
    pub(super) fn until(until: Timestamp) -> Self {
        Self {
            settled: Vec::new(),
            back: HashMap::new(),
            until,
            room: Vec::new(),
        }
    }

    fn add(&mut self, other: Self) {
        self.settled.extend(other.settled);
        for (after, claims) in other.back {
            self.back.entry(after).or_default().extend(claims);
        }
        self.until = self.until.max(other.until);
        self.room.extend(other.room);
    }
}

/// Tells the queue and the desks what became of a consumer's jobs.
#[derive(Debug, Clone)]
pub(super) struct Clerk {
    ends: mpsc::UnboundedSender<Ends>,
    teller: Teller,
}

/// Tells desks.
#[derive(Debug, Clone)]
struct Teller {
    place: Workplace,
    elsewhere: mpsc::UnboundedSender<(DeskId, Reply)>,
}

impl Clerk {
    /// How long a queue that fails is left alone before it is told again.
    const PAUSE: Duration = Duration::from_millis(50);
    /// The most rounds, and the most replies, of one call.
    const MOST_ROUNDS: usize = 64;
    const MOST_REPLIES: usize = 1_024;

    /// A clerk for the consumer of this name, who is told of room. Its tasks end once all have let go of it.
    pub(super) fn start(place: &Workplace, name: Arc<str>, freed: Arc<Notify>, tasks: &TaskTracker) -> Self {
        let (elsewhere, replies) = mpsc::unbounded_channel();
        let teller = Teller {
            place: place.clone(),
            elsewhere,
        };
        tasks.spawn(tell_others(place.clone(), replies));
        let (ends, mut coming) = mpsc::unbounded_channel();
        let filing = Filing {
            place: place.clone(),
            name,
            freed,
            teller: teller.clone(),
        };
        tasks.spawn(async move {
            let mut rounds: Vec<Ends> = Vec::new();
            while coming.recv_many(&mut rounds, Self::MOST_ROUNDS).await > 0 {
                let mut all = Ends::until(Timestamp::MIN);
                rounds.drain(..).for_each(|round| all.add(round));
                filing.file(all).await;
            }
        });
        Self { ends, teller }
    }

    /// What is in the store is so whatever the queue says of its job: that is told at once.
    pub(super) fn take(&self, ends: Ends) {
        let stored = ends.settled.iter().filter(|end| end.reply.fate.is_stored());
        stored.for_each(|end| self.teller.tell(end));
        // It is listened to until the last clone of this is gone.
        let _ = self.ends.send(ends);
    }
}

impl Teller {
    fn tell(&self, end: &End) {
        let outcomes = &self.place.outcomes;
        outcomes.tell(&end.reply);
        if let Some(desk) = end.reply_to
            && desk != outcomes.desk
        {
            let _ = self.elsewhere.send((desk, end.reply.clone()));
        }
    }
}

async fn tell_others(place: Workplace, mut replies: mpsc::UnboundedReceiver<(DeskId, Reply)>) {
    let mut some = Vec::new();
    while replies.recv_many(&mut some, Clerk::MOST_REPLIES).await > 0 {
        let mut desks: HashMap<DeskId, Vec<Reply>> = HashMap::new();
        for (desk, reply) in some.drain(..) {
            desks.entry(desk).or_default().push(reply);
        }
        for (desk, replies) in desks {
            if let Err(error) = place.queue.reply(desk, &replies).await {
                tracing::debug!(error = %error, "a desk was not told what became of its requests; it will look");
            }
        }
    }
}

/// Tells the queue.
struct Filing {
    place: Workplace,
    name: Arc<str>,
    freed: Arc<Notify>,
    teller: Teller,
}

impl Filing {
    /// Tells the queue, and then whoever waits for what is in the queue alone: of a stale claim somebody else has the
    /// last word.
    async fn file(&self, ends: Ends) {
        for (end, settled) in ends.settled.iter().zip(self.settle(&ends).await) {
            if settled == Settled::Done && !end.reply.fate.is_stored() {
                self.teller.tell(end);
            }
        }
        for (after, claims) in &ends.back {
            if let Err(error) = self.place.queue.hand_back(&self.name, claims, *after).await {
                tracing::warn!(error = %error, jobs = claims.len(), "undecided jobs could not be handed back");
            }
        }
        drop(ends.room);
        self.freed.notify_one();
    }

    /// Tells the queue until it has heard or the claims have run out.
    async fn settle(&self, ends: &Ends) -> Vec<Settled> {
        let fates: Vec<(Claim, Fate)> = ends
            .settled
            .iter()
            .map(|end| (end.claim, end.reply.fate.clone()))
            .collect();
        while !fates.is_empty() {
            match self.place.queue.settle(&self.name, &fates).await {
                Ok(settled) => return settled,
                Err(error) if error.is_transient() && self.place.clock.now() < ends.until => {
                    tokio::time::sleep(Clerk::PAUSE).await;
                }
                Err(error) => {
                    tracing::warn!(error = %error, jobs = fates.len(), "decided jobs could not be settled");
                    break;
                }
            }
        }
        Vec::new()
    }
}
