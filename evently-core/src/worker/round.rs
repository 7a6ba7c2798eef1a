//! Jobs that were claimed together, on their way through the lanes.

use super::ends::{End, Ends};
use crate::domain::Timestamp;
use crate::error::Error;
use crate::lane::{Answer, Lanes};
use crate::ledger::{Command, Recall, Receipt, Refusal};
use crate::queue::{Delivery, Fate, Job, MAX_DELIVERIES, Reply};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Jobs that were claimed together, on their way through the lanes.
pub(super) struct Round {
    lanes: Lanes,
    end: Timestamp,
    good_for: Duration,
    /// Until when decisions are waited for.
    patience: Instant,
    sent: Vec<(Delivery, Result<Answer, Error>)>,
    /// Jobs that failed before: each goes alone, so that it spoils no other's batch.
    suspects: Vec<Delivery>,
}

/// What becomes of a job's claim.
enum Verdict {
    Settle(Reply),
    HandBack(Duration),
    /// The claim runs out by itself: that counts as a delivery, so that a job that fails for ever ends.
    Leave,
}

impl Round {
    /// A job delivered more often goes alone.
    const TOGETHER: u32 = 2;
    /// After how long a job may be claimed again that the store, or a full lane, left undecided.
    const STORE_DELAY: Duration = Duration::from_millis(500);
    const LANE_DELAY: Duration = Duration::from_millis(50);

    /// Hands the jobs to their lanes at once, in their order; they are not decided at `end` or later, when their claims,
    /// good for so long, run out.
    pub(super) fn send(lanes: Lanes, deliveries: Vec<Delivery>, end: Timestamp, good_for: Duration) -> Self {
        let (together, suspects): (Vec<_>, Vec<_>) = deliveries
            .into_iter()
            .partition(|delivery| delivery.claim.deliveries <= Self::TOGETHER);
        let mut round = Self {
            lanes,
            end,
            good_for,
            patience: Instant::now() + good_for * 3 / 4,
            sent: Vec::with_capacity(together.len()),
            suspects,
        };
        for delivery in together {
            let answer = round.hand_over(&delivery);
            round.sent.push((delivery, answer));
        }
        round
    }

    fn hand_over(&self, delivery: &Delivery) -> Result<Answer, Error> {
        let event_id = delivery.job.event_id();
        self.lanes.send(event_id, command(delivery), Some(self.end))
    }

    /// Waits for the decisions, and what they mean. Where the store hangs, the jobs are handed back before their claims
    /// run out, which would count against them, and the lanes' answers are still to come: until the claims' end the lanes
    /// may decide them, so they are not free again before that.
    pub(super) async fn ends(mut self) -> (Ends, Vec<Answer>) {
        let (mut ends, mut late) = (Ends::until(self.end), Vec::new());
        for (delivery, answer) in std::mem::take(&mut self.sent) {
            let verdict = self.verdict(&delivery, answer, &mut late).await;
            verdict.note(delivery, &mut ends);
        }
        for delivery in std::mem::take(&mut self.suspects) {
            let answer = self.hand_over(&delivery);
            let verdict = self.verdict(&delivery, answer, &mut late).await;
            verdict.note(delivery, &mut ends);
        }
        (ends, late)
    }

    async fn verdict(
        &self,
        delivery: &Delivery,
        answer: Result<Answer, Error>,
        late: &mut Vec<Answer>,
    ) -> Verdict {
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(error) => return verdict(delivery, Err(error)),
        };
        match timeout_at(self.patience, answer.wait()).await {
            Ok(answer) => verdict(delivery, answer),
            Err(_) => {
                late.push(answer);
                Verdict::HandBack(self.good_for / 2)
            }
        }
    }
}

impl Verdict {
    fn note(self, delivery: Delivery, ends: &mut Ends) {
        match self {
            Self::Settle(reply) => ends.settled.push(End {
                claim: delivery.claim,
                reply_to: delivery.job.reply_to,
                reply,
            }),
            Self::HandBack(after) => ends.back.entry(after).or_default().push(delivery.claim),
            Self::Leave => {}
        }
    }
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
        Err(Error::Store(error)) if error.is_transient() => Verdict::HandBack(Round::STORE_DELAY),
        Err(Error::Overloaded { .. }) => Verdict::HandBack(Round::LANE_DELAY),
        Err(Error::Closed) => Verdict::HandBack(Duration::ZERO),
        Err(Error::Store(_) | Error::Failed) => Verdict::Leave,
    }
}
