//! How long a claim is good, and what follows when it is not.

use super::{Depot, claim_for, claim_one, claims_nothing, ids, settle};
use crate::ledger::Refusal;
use crate::queue::{Fate, MAX_CLAIM, MAX_DELIVERIES, Settled};
use std::time::Duration;

pub(crate) async fn what_a_consumer_left_is_taken_over_before_new_jobs_and_its_claim_is_stale(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(2)).await.unwrap();
    let left = claim_one(&*queue, "ada").await;
    depot.clock.advance(claim_for());
    let taken = queue.claim(0, "bob", 1).await.unwrap();
    assert_eq!(ids(&taken), [left.id]);
    assert_eq!(taken[0].claim.deliveries, 2);
    let refused = Fate::Rejected(Refusal::NotFound);
    assert_eq!(settle(&*queue, "ada", left, refused).await, Settled::Stale);
    let back = queue.hand_back("ada", &[left], Duration::ZERO).await.unwrap();
    assert_eq!(back, [Settled::Stale]);
    assert_eq!(queue.read(left.id).await.unwrap().unwrap().settled, None);
    let good = taken[0].claim;
    assert_eq!(settle(&*queue, "bob", good, Fate::Booked).await, Settled::Done);
    assert_eq!(settle(&*queue, "bob", good, Fate::Booked).await, Settled::Stale);
}

pub(crate) async fn a_claim_that_ran_out_is_good_until_somebody_takes_the_job_over(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    let claim = claim_one(&*queue, "ada").await;
    depot.clock.advance(claim_for() * 2);
    assert_eq!(settle(&*queue, "ada", claim, Fate::Booked).await, Settled::Done);
    assert!(claims_nothing(&*queue, "bob").await);
}

pub(crate) async fn nobody_settles_on_anothers_claim(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    let claim = claim_one(&*queue, "ada").await;
    assert_eq!(settle(&*queue, "bob", claim, Fate::Dead).await, Settled::Stale);
    let back = queue.hand_back("bob", &[claim], Duration::ZERO).await.unwrap();
    assert_eq!(back, [Settled::Stale]);
    let back = queue.hand_back("ada", &[claim], Duration::ZERO).await.unwrap();
    assert_eq!(back, [Settled::Done]);
    assert_eq!(settle(&*queue, "ada", claim, Fate::Dead).await, Settled::Stale);
    let back = queue.hand_back("ada", &[claim], Duration::ZERO).await.unwrap();
    assert_eq!(back, [Settled::Stale], "it was handed back already");
}

pub(crate) async fn each_silent_end_counts_as_a_delivery_and_handing_back_does_not(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    for deliveries in 1..=MAX_DELIVERIES {
        let claim = claim_one(&*queue, "ada").await;
        assert_eq!(claim.deliveries, deliveries);
        queue.hand_back("ada", &[claim], Duration::ZERO).await.unwrap();
        assert_eq!(claim_one(&*queue, "ada").await.deliveries, deliveries);
        depot.clock.advance(claim_for());
    }
    let claim = claim_one(&*queue, "bob").await;
    assert!(claim.deliveries > MAX_DELIVERIES);
    settle(&*queue, "bob", claim, Fate::Dead).await;
    assert_eq!(queue.view().await.unwrap().dead, 1);
    depot.clock.advance(claim_for());
    assert!(claims_nothing(&*queue, "ada").await);
}

pub(crate) async fn a_job_handed_back_is_claimable_once_its_delay_has_passed(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    let claim = claim_one(&*queue, "ada").await;
    let delay = Duration::from_secs(2);
    queue.hand_back("ada", &[claim], delay).await.unwrap();
    depot.clock.advance(delay / 2);
    assert!(claims_nothing(&*queue, "bob").await);
    depot.clock.advance(delay / 2);
    let claim = claim_one(&*queue, "bob").await;
    queue.hand_back("bob", &[claim], Duration::MAX).await.unwrap();
    depot.clock.advance(claim_for());
    claim_one(&*queue, "ada").await;
}

pub(crate) async fn a_crowd_that_was_left_is_taken_over_whole(depot: Depot) {
    let queue = depot.queue(10_000).await;
    let jobs = depot.jobs(MAX_CLAIM * 3);
    queue.push(&jobs).await.unwrap();
    for _ in 0..3 {
        assert_eq!(queue.claim(0, "ada", MAX_CLAIM).await.unwrap().len(), MAX_CLAIM);
    }
    depot.clock.advance(claim_for());
    let mut taken = Vec::new();
    for _ in 0..3 {
        let deliveries = queue.claim(0, "bob", MAX_CLAIM).await.unwrap();
        assert!(deliveries.iter().all(|delivery| delivery.claim.deliveries == 2));
        taken.extend(ids(&deliveries));
    }
    taken.sort_unstable();
    let mut pushed: Vec<_> = jobs.iter().map(|job| job.id()).collect();
    pushed.sort_unstable();
    assert_eq!(taken, pushed);
    assert!(claims_nothing(&*queue, "eve").await);
}
