//! The port's contract, on this queue.

use super::*;
use crate::clock::{IdSource, RandomIds};
use crate::domain::{Booking, BookingStatus, Caller, Currency, EntryId, EventId, Items, Source, UserId};
use crate::ledger::{Book, BookingKind, OnFull, Recall, Refusal, Selection};
use crate::memory::tests::{HandClock, now, race};
use crate::queue::MAX_DELIVERIES;

fn queue(capacity: usize) -> (Arc<HandClock>, MemoryQueue) {
    let settings = QueueSettings {
        partitions: 1,
        capacity,
        ..QueueSettings::default()
    };
    let clock = Arc::new(HandClock::default());
    (Arc::clone(&clock), MemoryQueue::new(settings, clock))
}

fn claim_for() -> Duration {
    QueueSettings::default().claim_for
}

fn job(accepted_at: Timestamp) -> Arc<Job> {
    let id = || RandomIds.next(accepted_at);
    let booking_id = BookingId::from_uuid(id());
    let by = Caller::user(UserId::from_uuid(id()));
    let pending = Booking {
        id: booking_id,
        event_id: EventId::from_uuid(id()),
        user_id: by.user_id,
        status: BookingStatus::Pending,
        items: Items::new(),
        currency: Currency::USD,
        hold_expires_at: None,
        payment_reference: None,
        source: Source::Direct,
        entry_id: None,
        reason: None,
        key: None,
        created_at: accepted_at,
        confirmed_at: None,
        ended_at: None,
    };
    let book = Book {
        by,
        booking_id,
        entry_id: EntryId::from_uuid(booking_id.uuid()),
        kind: BookingKind::Confirmed,
        selection: Selection::Quantity {
            quantity: 1,
            ticket_type_id: None,
        },
        on_full: OnFull::Reject,
        key: None,
        recall: Recall::First,
    };
    Arc::new(Job {
        book,
        pending: Arc::new(pending),
        accepted_at,
    })
}

fn new_id() -> BookingId {
    BookingId::from_uuid(RandomIds.next(Timestamp::UNIX_EPOCH))
}

/// The same job under a key.
fn keyed(job: &Job, key: &str) -> Arc<Job> {
    let mut job = job.clone();
    job.book.key = Some(key.parse().unwrap());
    Arc::new(job)
}

fn jobs(count: usize) -> Vec<Arc<Job>> {
    (0..count).map(|_| job(Timestamp::UNIX_EPOCH)).collect()
}

fn ids(deliveries: &[Delivery]) -> Vec<BookingId> {
    deliveries.iter().map(|delivery| delivery.claim.id).collect()
}

async fn claim_one(queue: &MemoryQueue, consumer: &str) -> Claim {
    let deliveries = queue.claim(0, consumer, 1).await.unwrap();
    assert_eq!(deliveries.len(), 1, "{consumer} finds a job");
    deliveries[0].claim
}

async fn settle(queue: &MemoryQueue, consumer: &str, claim: Claim, fate: Fate) -> Settled {
    queue.settle(consumer, &[(claim, fate)]).await.unwrap()[0]
}

#[tokio::test]
async fn jobs_are_delivered_in_the_order_of_their_pushing_and_each_to_one_consumer() {
    let (_, queue) = queue(100);
    let jobs = jobs(5);
    queue.push(&jobs[..2]).await.unwrap();
    queue.push(&jobs[2..]).await.unwrap();
    let first = queue.claim(0, "ada", 3).await.unwrap();
    let rest = queue.claim(0, "bob", 3).await.unwrap();
    let pushed: Vec<_> = jobs.iter().map(|job| job.id()).collect();
    assert_eq!([ids(&first), ids(&rest)].concat(), pushed);
    assert!(queue.claim(0, "ada", 3).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_job_pushed_twice_is_queued_once() {
    let (_, queue) = queue(1);
    let jobs = jobs(1);
    assert_eq!(queue.push(&jobs).await.unwrap(), [Pushed::Accepted]);
    assert_eq!(queue.push(&jobs).await.unwrap(), [Pushed::Accepted]);
    let claim = claim_one(&queue, "ada").await;
    settle(&queue, "ada", claim, Fate::Rejected(Refusal::NotFound)).await;
    assert_eq!(queue.push(&jobs).await.unwrap(), [Pushed::Accepted]);
    assert!(queue.claim(0, "ada", 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_jobs_under_one_key_one_is_queued_until_it_is_settled() {
    let (_, queue) = queue(1);
    let first = keyed(&job(Timestamp::UNIX_EPOCH), "k");
    let with_id = |id: BookingId| {
        let mut twin = Job::clone(&first);
        twin.book.booking_id = id;
        Arc::new(twin)
    };
    let (twin, later) = (with_id(new_id()), with_id(new_id()));
    let pushed = queue
        .push(&[Arc::clone(&first), Arc::clone(&twin)])
        .await
        .unwrap();
    assert_eq!(pushed, [Pushed::Accepted, Pushed::Twin(first.id())]);
    assert_eq!(queue.read(twin.id()).await.unwrap(), None);
    let claim = claim_one(&queue, "ada").await;
    assert_eq!(
        queue.push(&[Arc::clone(&twin)]).await.unwrap(),
        [Pushed::Twin(first.id())]
    );
    settle(&queue, "ada", claim, Fate::Rejected(Refusal::NotFound)).await;
    let other = keyed(&job(Timestamp::UNIX_EPOCH), "k");
    assert_eq!(
        queue.push(&[later, other]).await.unwrap(),
        [Pushed::Accepted, Pushed::Full]
    );
}

#[tokio::test]
async fn a_job_that_was_handed_to_somebody_before_says_so() {
    let (clock, queue) = queue(2);
    queue.push(&jobs(2)).await.unwrap();
    let first = queue.claim(0, "ada", 2).await.unwrap();
    assert!(first.iter().all(|delivery| delivery.recall == Recall::First));
    let back = queue.hand_back("ada", &[first[0].claim], Duration::ZERO).await;
    assert_eq!(back.unwrap(), [Settled::Done]);
    clock.advance(claim_for());
    let again = queue.claim(0, "bob", 2).await.unwrap();
    assert_eq!(ids(&again), ids(&first));
    assert!(
        again
            .iter()
            .all(|delivery| delivery.recall == Recall::MayBeHappening)
    );
}

#[tokio::test]
async fn a_full_partition_takes_no_more_until_a_job_is_settled() {
    let (_, queue) = queue(2);
    let jobs = jobs(3);
    let pushed = queue.push(&jobs).await.unwrap();
    assert_eq!(pushed, [Pushed::Accepted, Pushed::Accepted, Pushed::Full]);
    assert_eq!(queue.read(jobs[2].id()).await.unwrap(), None);
    let claim = claim_one(&queue, "ada").await;
    assert_eq!(queue.push(&jobs[2..]).await.unwrap(), [Pushed::Full]);
    assert_eq!(settle(&queue, "ada", claim, Fate::Booked).await, Settled::Done);
    assert_eq!(queue.push(&jobs[2..]).await.unwrap(), [Pushed::Accepted]);
}

#[tokio::test]
async fn a_claim_never_carries_more_than_its_bound() {
    let (_, queue) = queue(1_000);
    queue.push(&jobs(MAX_CLAIM + 1)).await.unwrap();
    assert_eq!(queue.claim(0, "ada", usize::MAX).await.unwrap().len(), MAX_CLAIM);
}

#[tokio::test]
async fn what_a_consumer_left_is_taken_over_before_new_jobs_and_its_claim_is_stale() {
    let (clock, queue) = queue(100);
    queue.push(&jobs(2)).await.unwrap();
    let left = claim_one(&queue, "ada").await;
    clock.advance(claim_for());
    let taken = queue.claim(0, "bob", 1).await.unwrap();
    assert_eq!(ids(&taken), [left.id]);
    assert_eq!(taken[0].claim.deliveries, 2);
    let stale = settle(&queue, "ada", left, Fate::Rejected(Refusal::NotFound)).await;
    assert_eq!(stale, Settled::Stale);
    assert_eq!(
        queue.hand_back("ada", &[left], Duration::ZERO).await.unwrap(),
        [Settled::Stale]
    );
    assert_eq!(queue.read(left.id).await.unwrap().unwrap().settled, None);
    assert_eq!(
        settle(&queue, "bob", taken[0].claim, Fate::Booked).await,
        Settled::Done
    );
    assert_eq!(
        settle(&queue, "bob", taken[0].claim, Fate::Booked).await,
        Settled::Stale
    );
}

#[tokio::test]
async fn a_claim_that_ran_out_is_good_until_somebody_takes_the_job_over() {
    let (clock, queue) = queue(100);
    queue.push(&jobs(1)).await.unwrap();
    let claim = claim_one(&queue, "ada").await;
    clock.advance(claim_for() * 2);
    assert_eq!(settle(&queue, "ada", claim, Fate::Booked).await, Settled::Done);
    assert!(queue.claim(0, "bob", 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn each_silent_end_counts_as_a_delivery_and_handing_back_does_not() {
    let (clock, queue) = queue(100);
    queue.push(&jobs(1)).await.unwrap();
    for deliveries in 1..=MAX_DELIVERIES {
        let claim = claim_one(&queue, "ada").await;
        assert_eq!(claim.deliveries, deliveries);
        queue.hand_back("ada", &[claim], Duration::ZERO).await.unwrap();
        assert_eq!(claim_one(&queue, "ada").await.deliveries, deliveries);
        clock.advance(claim_for());
    }
    let claim = claim_one(&queue, "bob").await;
    assert!(claim.deliveries > MAX_DELIVERIES);
    settle(&queue, "bob", claim, Fate::Dead).await;
    assert_eq!(queue.view().await.unwrap().dead, 1);
    clock.advance(claim_for());
    assert!(queue.claim(0, "ada", 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_job_handed_back_is_claimable_once_its_delay_has_passed() {
    let (clock, queue) = queue(100);
    queue.push(&jobs(1)).await.unwrap();
    let claim = claim_one(&queue, "ada").await;
    queue
        .hand_back("ada", &[claim], Duration::from_secs(2))
        .await
        .unwrap();
    clock.advance(Duration::from_secs(1));
    assert!(queue.claim(0, "bob", 1).await.unwrap().is_empty());
    clock.advance(Duration::from_secs(1));
    let claim = claim_one(&queue, "bob").await;
    queue.hand_back("bob", &[claim], Duration::MAX).await.unwrap();
    clock.advance(claim_for());
    claim_one(&queue, "ada").await;
}

#[tokio::test]
async fn what_became_of_a_job_is_read_until_it_is_forgotten() {
    let (clock, queue) = queue(100);
    let jobs = jobs(3);
    queue.push(&jobs).await.unwrap();
    let pending = queue.read(jobs[0].id()).await.unwrap().unwrap();
    assert_eq!((pending.job, pending.settled), (Arc::clone(&jobs[0]), None));
    let refused = Fate::Rejected(Refusal::SoldOut { available: 0 });
    for fate in [Fate::Booked, refused.clone(), Fate::Dead] {
        let claim = claim_one(&queue, "ada").await;
        settle(&queue, "ada", claim, fate).await;
    }
    assert_eq!(queue.read(jobs[0].id()).await.unwrap(), None);
    let settled = queue.read(jobs[1].id()).await.unwrap().unwrap().settled;
    assert_eq!(settled, Some((refused, clock.now())));
    clock.advance(QueueSettings::default().keep_for);
    queue.settle("ada", &[]).await.unwrap();
    assert_eq!(queue.read(jobs[1].id()).await.unwrap(), None);
    assert_eq!(queue.view().await.unwrap().dead, 0);
}

#[tokio::test]
async fn the_view_counts_what_waits_and_what_is_claimed() {
    let (clock, queue) = queue(100);
    clock.advance(Duration::from_secs(7));
    let (old, young) = (job(clock.now()), job(clock.now() + Duration::from_secs(1)));
    queue.push(&[Arc::clone(&old), young]).await.unwrap();
    let back = claim_one(&queue, "ada").await;
    claim_one(&queue, "bob").await;
    queue.hand_back("ada", &[back], Duration::ZERO).await.unwrap();
    let expected = PartitionView {
        depth: 2,
        in_flight: 1,
        oldest: Some(old.accepted_at),
        owner: Some("bob".to_owned()),
    };
    assert_eq!(queue.view().await.unwrap().partitions, [expected]);
}

#[tokio::test]
async fn a_wait_ends_when_a_job_comes() {
    let (_, queue) = queue(100);
    let day = Duration::from_secs(86_400);
    let jobs = jobs(1);
    let (waited, pushed) = tokio::join!(queue.wait(&[0], day), queue.push(&jobs));
    waited.unwrap();
    pushed.unwrap();
    queue.wait(&[0], day).await.unwrap();
}

#[tokio::test]
async fn a_wait_ends_when_its_time_is_up() {
    let (_, queue) = queue(100);
    queue.wait(&[0], Duration::from_millis(5)).await.unwrap();
}

#[test]
fn racing_consumers_never_share_a_job_and_leave_none() {
    let (_, queue) = queue(10_000);
    let jobs = jobs(4_000);
    let done = race(4, |racer| {
        let mut done = 0;
        for chunk in jobs.chunks(40).skip(racer).step_by(4) {
            now(queue.push(chunk)).unwrap();
            let deliveries = now(queue.claim(0, &racer.to_string(), 40)).unwrap();
            let fates: Vec<_> = deliveries
                .iter()
                .map(|delivery| (delivery.claim, Fate::Booked))
                .collect();
            let settled = now(queue.settle(&racer.to_string(), &fates)).unwrap();
            done += settled
                .iter()
                .filter(|settled| **settled == Settled::Done)
                .count();
        }
        done
    });
    let left = now(queue.claim(0, "last", MAX_CLAIM)).unwrap();
    assert_eq!(done.iter().sum::<usize>() + left.len(), jobs.len());
}

#[test]
fn of_racing_settlements_of_one_claim_one_is_done() {
    let (_, queue) = queue(1);
    now(queue.push(&jobs(1))).unwrap();
    let claim = now(claim_one(&queue, "ada"));
    let settled = race(4, |_| now(settle(&queue, "ada", claim, Fate::Booked)));
    assert_eq!(
        settled
            .iter()
            .filter(|settled| **settled == Settled::Done)
            .count(),
        1
    );
}
