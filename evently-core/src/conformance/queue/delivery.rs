//! How jobs come in and are handed out.

use super::{Depot, claim_for, claim_one, claims_nothing, ids, job_for, jobs::event_id, settle};
use crate::clock::Clock;
use crate::domain::{EventId, Timestamp};
use crate::ledger::{Recall, Refusal};
use crate::queue::{Fate, Job, MAX_CLAIM, Pushed, QueueSettings, Settled};
use std::{sync::Arc, time::Duration};

pub(crate) async fn jobs_are_delivered_in_the_order_of_their_pushing_and_each_to_one_consumer(depot: Depot) {
    let queue = depot.queue(100).await;
    let jobs = depot.jobs(5);
    queue.push(&jobs[..2]).await.unwrap();
    queue.push(&jobs[2..]).await.unwrap();
    let first = queue.claim(0, "ada", 3).await.unwrap();
    let rest = queue.claim(0, "bob", 3).await.unwrap();
    let pushed: Vec<_> = jobs.iter().map(|job| job.id()).collect();
    assert_eq!([ids(&first), ids(&rest)].concat(), pushed);
    assert!(claims_nothing(&*queue, "ada").await);
}

pub(crate) async fn a_job_is_delivered_as_it_was_pushed(depot: Depot) {
    let queue = depot.queue(100).await;
    let jobs = depot.jobs(1);
    queue.push(&jobs).await.unwrap();
    let delivered = queue.claim(0, "ada", 1).await.unwrap();
    assert_eq!(delivered[0].job, jobs[0]);
    assert_eq!(delivered[0].claim.id, jobs[0].id());
    assert_eq!(delivered[0].claim.deliveries, 1);
}

pub(crate) async fn a_job_pushed_twice_is_queued_once(depot: Depot) {
    let queue = depot.queue(1).await;
    let jobs = depot.jobs(1);
    let twice = [Arc::clone(&jobs[0]), Arc::clone(&jobs[0])];
    assert_eq!(queue.push(&twice).await.unwrap(), [Pushed::Accepted; 2]);
    assert_eq!(queue.push(&jobs).await.unwrap(), [Pushed::Accepted]);
    let claim = claim_one(&*queue, "ada").await;
    settle(&*queue, "ada", claim, Fate::Rejected(Refusal::NotFound)).await;
    assert_eq!(queue.push(&jobs).await.unwrap(), [Pushed::Accepted]);
    assert!(claims_nothing(&*queue, "ada").await);
}

/// Another job of the same user for the same event under the same key.
fn twin_of(job: &Job, at: Timestamp) -> Arc<Job> {
    let mut twin = job_for(job.event_id(), at);
    twin.book.by = job.book.by;
    twin.book.key = job.book.key.clone();
    Arc::new(twin)
}

fn keyed(event_id: EventId, at: Timestamp) -> Arc<Job> {
    let mut job = job_for(event_id, at);
    job.book.key = Some("k".parse().unwrap());
    Arc::new(job)
}

pub(crate) async fn of_jobs_under_one_key_one_is_queued_until_it_is_settled(depot: Depot) {
    let queue = depot.queue(1).await;
    let now = depot.clock.now();
    let first = keyed(event_id(1), now);
    let (twin, later) = (twin_of(&first, now), twin_of(&first, now));
    let both = [Arc::clone(&first), Arc::clone(&twin)];
    let pushed = queue.push(&both).await.unwrap();
    assert_eq!(pushed, [Pushed::Accepted, Pushed::Twin(first.id())]);
    assert_eq!(queue.read(twin.id()).await.unwrap(), None);
    let claim = claim_one(&*queue, "ada").await;
    let again = queue.push(&[Arc::clone(&twin)]).await.unwrap();
    assert_eq!(again, [Pushed::Twin(first.id())], "claimed is not settled");
    settle(&*queue, "ada", claim, Fate::Rejected(Refusal::NotFound)).await;
    for (job, fate) in [(twin, Fate::Booked), (later, Fate::Dead)] {
        assert_eq!(queue.push(&[job]).await.unwrap(), [Pushed::Accepted]);
        let claim = claim_one(&*queue, "ada").await;
        assert_eq!(settle(&*queue, "ada", claim, fate).await, Settled::Done);
    }
}

pub(crate) async fn a_key_is_of_one_user_and_one_event(depot: Depot) {
    let queue = depot.queue(100).await;
    let now = depot.clock.now();
    let first = keyed(event_id(1), now);
    let mut elsewhere = job_for(event_id(2), now);
    elsewhere.book.by = first.book.by;
    elsewhere.book.key = first.book.key.clone();
    let mut unkeyed = job_for(event_id(1), now);
    unkeyed.book.by = first.book.by;
    let others = keyed(event_id(1), now);
    let jobs = [first, Arc::new(elsewhere), Arc::new(unkeyed), others];
    assert_eq!(queue.push(&jobs).await.unwrap(), [Pushed::Accepted; 4]);
}

pub(crate) async fn a_job_that_was_handed_to_somebody_before_says_so(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(3)).await.unwrap();
    let first = queue.claim(0, "ada", 2).await.unwrap();
    assert!(first.iter().all(|delivery| delivery.recall == Recall::First));
    let back = queue.hand_back("ada", &[first[0].claim], Duration::ZERO).await;
    assert_eq!(back.unwrap(), [Settled::Done]);
    depot.clock.advance(claim_for());
    let again = queue.claim(0, "bob", 3).await.unwrap();
    let recalls: Vec<_> = again.iter().map(|delivery| delivery.recall).collect();
    assert_eq!(
        recalls,
        [Recall::MayBeHappening, Recall::MayBeHappening, Recall::First]
    );
}

pub(crate) async fn a_full_partition_takes_no_more_until_a_job_is_settled(depot: Depot) {
    let queue = depot.queue(2).await;
    let jobs = depot.jobs(3);
    let pushed = queue.push(&jobs).await.unwrap();
    assert_eq!(pushed, [Pushed::Accepted, Pushed::Accepted, Pushed::Full]);
    assert_eq!(queue.read(jobs[2].id()).await.unwrap(), None);
    let claim = claim_one(&*queue, "ada").await;
    assert_eq!(queue.push(&jobs[2..]).await.unwrap(), [Pushed::Full]);
    assert_eq!(settle(&*queue, "ada", claim, Fate::Booked).await, Settled::Done);
    assert_eq!(queue.push(&jobs[2..]).await.unwrap(), [Pushed::Accepted]);
}

pub(crate) async fn a_claim_never_carries_more_than_its_bound(depot: Depot) {
    let queue = depot.queue(1_000).await;
    let jobs = depot.jobs(MAX_CLAIM + 1);
    let pushed = queue.push(&jobs).await.unwrap();
    assert_eq!(pushed, vec![Pushed::Accepted; jobs.len()]);
    assert_eq!(queue.claim(0, "ada", usize::MAX).await.unwrap().len(), MAX_CLAIM);
}

pub(crate) async fn a_claim_of_nothing_takes_nothing(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    assert!(queue.claim(0, "ada", 0).await.unwrap().is_empty());
    assert!(
        queue.claim(7, "ada", 1).await.unwrap().is_empty(),
        "there is no such partition"
    );
    claim_one(&*queue, "ada").await;
    assert!(queue.push(&[]).await.unwrap().is_empty());
    assert!(queue.settle("ada", &[]).await.unwrap().is_empty());
}

pub(crate) async fn partitions_stand_apart(depot: Depot) {
    let settings = QueueSettings {
        partitions: 4,
        capacity: 1,
        ..QueueSettings::default()
    };
    let queue = depot.open(&settings).await;
    let partition = |number: u128| settings.partition_of(event_id(number));
    let here = 1;
    let there = (2..100)
        .find(|other| partition(*other) != partition(here))
        .unwrap();
    let job = |number| Arc::new(job_for(event_id(number), depot.clock.now()));
    let (first, second, third) = (job(here), job(here), job(there));
    let pushed = queue
        .push(&[Arc::clone(&first), second, Arc::clone(&third)])
        .await
        .unwrap();
    assert_eq!(pushed, [Pushed::Accepted, Pushed::Full, Pushed::Accepted]);
    let claimed = queue.claim(partition(there), "ada", 10).await.unwrap();
    assert_eq!(ids(&claimed), [third.id()]);
    let also = queue.claim(partition(here), "ada", 10).await.unwrap();
    assert_eq!(ids(&also), [first.id()]);
    let refused = Fate::Rejected(Refusal::NotFound);
    let fates = [(claimed[0].claim, Fate::Booked), (also[0].claim, refused.clone())];
    assert_eq!(queue.settle("ada", &fates).await.unwrap(), [Settled::Done; 2]);
    assert_eq!(queue.read(third.id()).await.unwrap(), None);
    let kept = queue.read(first.id()).await.unwrap().unwrap();
    assert_eq!(kept.settled.unwrap().0, refused);
}

pub(crate) async fn another_process_works_on_the_same_queue(depot: Depot) {
    let (here, there) = (depot.queue(100).await, depot.queue(100).await);
    let jobs = depot.jobs(2);
    here.push(&jobs).await.unwrap();
    assert_eq!(there.read(jobs[0].id()).await.unwrap().unwrap().job, jobs[0]);
    let claim = claim_one(&*there, "ada").await;
    assert_eq!(ids(&here.claim(0, "bob", 10).await.unwrap()), [jobs[1].id()]);
    settle(&*there, "ada", claim, Fate::Dead).await;
    let settled = here.read(jobs[0].id()).await.unwrap().unwrap().settled;
    assert_eq!(settled, Some((Fate::Dead, depot.clock.now())));
}
