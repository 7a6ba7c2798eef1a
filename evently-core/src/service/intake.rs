//! Queued intake (rule 13): requests for tickets are queued here, and decided by a worker of some process.
//!
//! What can be told at once is told before a request is queued: whether there is such an event, and whether the
//! request is about what it has. Everything else is the decision's.

use crate::domain::{Booking, BookingId, BookingStatus, Caller, EventId, EventStatus, Timestamp};
use crate::ledger::{Book, Context, Inventory, Need, Offer, Receipt, Refusal};
use crate::queue::{Accepted, DeskId, Fate, Job, JobQueue, Pushed, QueueView, Reply};
use crate::requests::{BookRequest, Outcome, Progress};
use crate::store::{PlacedEntry, StoreError};
use crate::worker::{Listener, Outcomes, Porter};
use crate::{error::Error, evently::Evently};
use lru::LruCache;
use parking_lot::Mutex;
use std::{num::NonZeroUsize, sync::Arc, time::Duration};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

/// Where requests come in.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) queue: Arc<dyn JobQueue>,
    pub(crate) outcomes: Arc<Outcomes>,
    /// What published events offer, and when that was read.
    offers: Mutex<LruCache<EventId, (Timestamp, Arc<Offer>)>>,
    porter: Porter,
    _hearing: AbortOnDropHandle<()>,
}

impl Desk {
    /// How many events' offers are kept.
    const OFFERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);
    /// How long an offer is kept: a request that does not fit it is looked at on a fresh one.
    const KEEP_FOR: Duration = Duration::from_secs(1);

    pub(crate) fn new(queue: Arc<dyn JobQueue>, id: DeskId) -> Self {
        let outcomes = Arc::new(Outcomes::new(id));
        Self {
            porter: Porter::start(Arc::clone(&queue)),
            _hearing: outcomes.hear(Arc::clone(&queue)),
            queue,
            outcomes,
            offers: Mutex::new(LruCache::new(Self::OFFERS)),
        }
    }

    fn kept(&self, id: EventId, now: Timestamp) -> Option<Arc<Offer>> {
        let mut offers = self.offers.lock();
        let (read_at, offer) = offers.get(&id)?;
        (now.duration_since(*read_at).unsigned_abs() < Self::KEEP_FOR).then(|| Arc::clone(offer))
    }
}

/// The queue's side of the engine: [`Evently::intake`].
#[derive(Debug, Clone, Copy)]
pub struct Intake<'e> {
    evently: &'e Evently,
    desk: &'e Desk,
}

/// A request that is queued.
#[derive(Debug)]
struct Queued {
    job: Arc<Job>,
    whose: Whose,
}

/// Whose a queued job is, for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The request's own.
    Own,
    /// An earlier one's, with the same key and the same wishes.
    Twins,
    /// An earlier one's, with the same key and other wishes. The request itself is not queued.
    Others,
}

impl Evently {
    /// Queued intake, if the engine was given a queue.
    pub fn intake(&self) -> Option<Intake<'_>> {
        let desk = self.inner.desk.as_ref()?;
        Some(Intake { evently: self, desk })
    }

    /// How far the caller's request has come that asked for the booking of this id; an admin sees everybody's. In
    /// direct intake there is nothing to see but bookings.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn progress(&self, by: &Caller, id: BookingId) -> Result<Progress, Error> {
        let progress = match (self.inner.store.booking(id).await?, self.intake()) {
            (Some(booking), _) => Some(booked(booking, false)),
            (None, Some(intake)) => intake.look(id, None).await?,
            (None, None) => None,
        };
        let own = progress.filter(|progress| progress.booking().user_id == by.user_id || by.is_admin());
        Ok(own.ok_or(Refusal::NotFound)?)
    }
}

impl Intake<'_> {
    /// How often a request is pushed to a queue that fails.
    const PUSHES: usize = 4;
    /// For how long, at most, it is pushed again, for that or for a twin that is just being settled.
    const PUSH_FOR: Duration = Duration::from_secs(4);
    /// The shortest and the longest pause between two looks at what became of a request: nearly always, whoever
    /// waits is told before the first.
    const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_millis(400));

    /// Queues a request for tickets, or for a hold, and waits for what becomes of it for a while: not at all, if
    /// that is zero. What it answers in the end is what [`Evently::book`] would.
    ///
    /// Once it has answered, the request is as durable as the queue, ends exactly once, and can be read by its
    /// booking's id ([`Evently::progress`]). With a key, asking again has the one effect, and the one booking.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]: no such event; [`Refusal::Invalid`], [`Refusal::IdempotencyMismatch`]: it was not
    /// queued. [`Error::Overloaded`]: the queue is full. [`Error::Store`]: the queue or the store failed; the request
    /// may be queued, and asking again with its key finds out.
    pub async fn place(
        &self,
        by: &Caller,
        event_id: EventId,
        request: BookRequest,
        wait: Duration,
    ) -> Result<Progress, Error> {
        let began = self.evently.now();
        let deadline = Instant::now() + wait;
        let is_chosen = request.booking_id.is_some();
        let book = self.evently.book_of(by, event_id, request).await?;
        loop {
            // Listening begins before it is queued: it may be decided before that is known here.
            let listener = (!wait.is_zero()).then(|| self.desk.outcomes.listen(book.booking_id));
            let reply_to = listener.as_ref().map(|_| self.desk.outcomes.desk);
            let queued = match self.enqueue(event_id, &book, is_chosen, reply_to).await {
                // What its key made is answered whatever the event is like by now.
                Err(Error::Refused(refusal @ Refusal::Invalid(_))) => {
                    return match self.made_before(event_id, &book).await? {
                        Some(Receipt::Booking { booking, .. }) => Ok(booked(booking, true)),
                        _ => Err(refusal.into()),
                    };
                }
                queued => queued?,
            };
            if queued.whose == Whose::Others {
                match self
                    .outcome_of_other(&queued.job, &book, (!wait.is_zero()).then_some(deadline))
                    .await?
                {
                    Some(progress) => return Ok(progress),
                    None => continue,
                }
            }
            let is_twin = queued.whose == Whose::Twins;
            let mut progress = match wait.is_zero() && !is_chosen {
                true => self.at_once(&queued).await?,
                false => self.follow(&queued.job, listener, deadline).await?,
            };
            match &mut progress {
                // It was refused before this request began, maybe: its own decision is due to it.
                Progress::Rejected { .. } if is_twin && queued.job.accepted_at < began => continue,
                Progress::Pending { replayed, .. }
                | Progress::Booked { replayed, .. }
                | Progress::Waitlisted { replayed, .. } => *replayed |= is_twin,
                Progress::Rejected { .. } | Progress::Failed { .. } => {}
            }
            return Ok(progress);
        }
    }

    /// What a request is answered while another one is queued with its key. That one has used the key if it makes
    /// something; if it does not, `None`: the request is to be queued again.
    async fn outcome_of_other(
        &self,
        other: &Arc<Job>,
        book: &Book,
        deadline: Option<Instant>,
    ) -> Result<Option<Progress>, Error> {
        if let Some(deadline) = deadline {
            let progress = self.follow(other, None, deadline).await?;
            let is_free = matches!(progress, Progress::Rejected { .. } | Progress::Failed { .. });
            if is_free && Instant::now() < deadline {
                return Ok(None);
            }
        }
        match self.made_before(other.event_id(), book).await? {
            Some(Receipt::Booking { booking, .. }) => Ok(Some(booked(booking, true))),
            _ => Err(Refusal::IdempotencyMismatch.into()),
        }
    }

    /// How full the queue is; for admins.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Error::Store`].
    pub async fn view(&self, by: &Caller) -> Result<QueueView, Error> {
        super::require_admin(by)?;
        Ok(self.desk.queue.view().await?)
    }

    async fn enqueue(
        &self,
        event_id: EventId,
        book: &Book,
        is_chosen: bool,
        reply_to: Option<DeskId>,
    ) -> Result<Queued, Error> {
        let pending = Arc::new(self.pending(event_id, book).await?);
        let job = Arc::new(Job {
            accepted_at: pending.created_at,
            pending,
            book: book.clone(),
            reply_to,
        });
        let mut in_doubt = None;
        let give_up = Instant::now() + Self::PUSH_FOR;
        let mut failures = 0;
        while failures < Self::PUSHES && Instant::now() < give_up {
            match self.desk.porter.bring(Arc::clone(&job)).await {
                Ok(Pushed::Accepted) if is_chosen => return self.chosen(job).await,
                Ok(Pushed::Accepted) => return Ok(own(job)),
                Ok(Pushed::Twin(id)) => {
                    // Settled or forgotten meanwhile, its key is free.
                    if let Some(Accepted {
                        job: first,
                        settled: None,
                    }) = self.desk.queue.read_of(event_id, id).await?
                    {
                        return Ok(twin(first, &job));
                    }
                }
                Ok(Pushed::Full) => break,
                Err(error) if error.is_transient() => {
                    in_doubt = Some(error);
                    failures += 1;
                }
                Err(error) => return Err(Error::Store(error)),
            }
        }
        Err(in_doubt.map_or_else(overloaded, Error::Store))
    }

    /// The job that goes by an id that a caller chose, if it is that caller's.
    async fn chosen(&self, job: Arc<Job>) -> Result<Queued, Error> {
        match self.desk.queue.read_of(job.event_id(), job.id()).await? {
            Some(Accepted { job: known, .. }) if known.book.by.user_id != job.book.by.user_id => {
                Err(Refusal::NotFound.into())
            }
            Some(Accepted { job, .. }) => Ok(own(job)),
            None => Ok(own(job)),
        }
    }

    /// The request's booking as it reads until it is decided.
    async fn pending(&self, event_id: EventId, book: &Book) -> Result<Booking, Error> {
        let context = Context {
            now: self.evently.now(),
            ids: &*self.evently.inner.ids,
            limits: self.evently.limits(),
        };
        if let Some(offer) = self.desk.kept(event_id, context.now)
            && let Ok(pending) = offer.pending(book, context)
        {
            return Ok(pending);
        }
        let listing = self.evently.visible(Some(&book.by), event_id).await?;
        // A published event is everybody's to see for ever; a draft is not to be kept.
        let is_keepable = listing.event.status != EventStatus::Draft;
        let offer = Arc::new(Offer::of(listing));
        if is_keepable {
            let kept = (context.now, Arc::clone(&offer));
            self.desk.offers.lock().put(event_id, kept);
        }
        Ok(offer.pending(book, context)?)
    }

    /// Waits for what becomes of a job until the deadline; by this listener, if it listens for this job.
    async fn follow(
        &self,
        job: &Arc<Job>,
        listener: Option<Listener>,
        deadline: Instant,
    ) -> Result<Progress, Error> {
        let listener = listener.filter(|listener| listener.id == job.id());
        let (least, most) = Self::PAUSE;
        // What was queued before this listens may be decided by now, and its listeners told.
        let mut pause = if listener.is_some() { least } else { Duration::ZERO };
        let mut listener = listener.unwrap_or_else(|| self.desk.outcomes.listen(job.id()));
        loop {
            let next = deadline.min(Instant::now() + pause);
            tokio::select! {
                biased;
                reply = listener.heard() => return self.told(job, reply).await,
                () = tokio::time::sleep_until(next) => {}
            }
            let is_over = Instant::now() >= deadline;
            match self.look(job.id(), Some(job.event_id())).await? {
                Some(Progress::Pending { .. }) if is_over => return self.pending_or_made(job).await,
                Some(Progress::Pending { .. }) => {}
                Some(progress) => return Ok(progress),
                None => return Err(lost()),
            }
            pause = (pause * 2).clamp(least, most);
        }
    }

    /// What a request that does not wait is answered: that it is queued, however quickly it is decided; or what had
    /// been made with its key.
    async fn at_once(&self, queued: &Queued) -> Result<Progress, Error> {
        let (job, is_own) = (&queued.job, queued.whose == Whose::Own);
        match self.pending_or_made(job).await? {
            Progress::Booked { booking, .. } if is_own && booking.id == job.id() => Ok(pending(job)),
            Progress::Waitlisted { replayed: false, .. } if is_own => Ok(pending(job)),
            progress => Ok(progress),
        }
    }

    /// A job that is not settled, or what was made with its key already: before it, or just now.
    async fn pending_or_made(&self, job: &Job) -> Result<Progress, Error> {
        match self.made_before(job.event_id(), &job.book).await? {
            Some(receipt) => self.made(job, receipt).await,
            None => Ok(pending(job)),
        }
    }

    /// What an earlier request with the same key made.
    async fn made_before(&self, event_id: EventId, book: &Book) -> Result<Option<Receipt>, Error> {
        let Some(key) = book.key.clone() else {
            return Ok(None);
        };
        let mut need = Need::event(event_id);
        need.keys.push((book.by.user_id, key));
        let mut loaded = self.evently.inner.store.load(std::slice::from_ref(&need)).await?;
        match loaded.pop().flatten() {
            Some(snapshot) => Ok(Inventory::new(&need, snapshot).made_before(book)?),
            None => Ok(None),
        }
    }

    /// What a reply says of a job.
    async fn told(&self, job: &Job, reply: Reply) -> Result<Progress, Error> {
        match reply.booking {
            Some(booking) => Ok(booked_for(job, booking)),
            None => self.ended_as(job, reply.fate).await?.ok_or_else(lost),
        }
    }

    async fn made(&self, job: &Job, receipt: Receipt) -> Result<Progress, Error> {
        let placed = self.evently.placed_of(receipt).await?;
        Ok(match placed.outcome {
            Outcome::Booking(booking) => booked_for(job, booking),
            Outcome::Entry(entry) => waitlisted(job, entry),
        })
    }

    /// What has become of a request by the queue and, where that does not say, by the store; `None` if neither knows
    /// it.
    ///
    /// The queue hears of what was booked, and forgets it, only after the store has it: so the store is asked last.
    async fn look(&self, id: BookingId, event_id: Option<EventId>) -> Result<Option<Progress>, Error> {
        let (store, queue) = (&self.evently.inner.store, &self.desk.queue);
        let accepted = match event_id {
            Some(event_id) => queue.read_of(event_id, id).await?,
            None => queue.read(id).await?,
        };
        let Some(Accepted { job, settled }) = accepted else {
            let booking = store.booking(id).await?;
            return Ok(booking.map(|booking| booked(booking, false)));
        };
        if let Some((fate, _)) = settled {
            return self.ended_as(&job, fate).await;
        }
        let booking = store.booking(id).await?;
        Ok(Some(
            booking.map_or_else(|| pending(&job), |booking| booked(booking, false)),
        ))
    }

    /// What became of a job, by its fate; `None` if the store has lost what that was.
    async fn ended_as(&self, job: &Job, fate: Fate) -> Result<Option<Progress>, Error> {
        let store = &self.evently.inner.store;
        let booking = async |id| Ok::<_, Error>(store.booking(id).await?.map(|made| booked_for(job, made)));
        match fate {
            Fate::Booked => booking(job.id()).await,
            Fate::Replayed(first) => booking(first).await,
            Fate::Waitlisted(id) => Ok(store.entry(id).await?.map(|entry| waitlisted(job, entry))),
            Fate::Rejected(refusal) => Ok(Some(rejected(job, refusal))),
            Fate::Dead => Ok(Some(failed(job))),
        }
    }
}

fn pending(job: &Job) -> Progress {
    Progress::Pending {
        booking: Arc::clone(&job.pending),
        replayed: false,
    }
}

fn booked(booking: Arc<Booking>, replayed: bool) -> Progress {
    Progress::Booked { booking, replayed }
}

/// A booking that a job made, or found that an earlier one with its key had made.
fn booked_for(job: &Job, booking: Arc<Booking>) -> Progress {
    let replayed = booking.id != job.id();
    booked(booking, replayed)
}

fn waitlisted(job: &Job, entry: PlacedEntry) -> Progress {
    Progress::Waitlisted {
        booking: ended(&job.pending),
        replayed: entry.entry.id != job.book.entry_id,
        entry,
    }
}

fn rejected(job: &Job, refusal: Refusal) -> Progress {
    Progress::Rejected {
        booking: ended(&job.pending),
        refusal,
    }
}

fn failed(job: &Job) -> Progress {
    Progress::Failed {
        booking: ended(&job.pending),
    }
}

/// A pending booking as it reads once it was refused.
fn ended(pending: &Booking) -> Arc<Booking> {
    Arc::new(Booking {
        status: BookingStatus::Rejected,
        ..pending.clone()
    })
}

fn own(job: Arc<Job>) -> Queued {
    Queued {
        job,
        whose: Whose::Own,
    }
}

/// The first of two jobs under one key.
fn twin(first: Arc<Job>, second: &Job) -> Queued {
    let whose = match first.book.fingerprint() == second.book.fingerprint() {
        true => Whose::Twins,
        false => Whose::Others,
    };
    Queued { job: first, whose }
}

fn overloaded() -> Error {
    Error::Overloaded {
        retry_after: Duration::from_secs(1),
    }
}

/// The queue has lost a request that it had accepted.
fn lost() -> Error {
    StoreError::transient("queue", "it has lost a request that was not decided yet").into()
}
