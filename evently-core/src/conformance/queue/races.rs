//! Many at once.

use super::{Depot, claim_for, claim_one, ids, one_partition, settle};
use crate::conformance::races::together;
use crate::queue::{Fate, Pushed, Settled};
use std::sync::Arc;

/// How many race.
const RACERS: usize = 4;

pub(crate) async fn racing_consumers_never_share_a_job_and_leave_none(depot: Depot) {
    let jobs = depot.jobs(1_600);
    let mut racers = Vec::new();
    for racer in 0..RACERS {
        let queue = depot.queue(10_000).await;
        let mine: Vec<Vec<_>> = jobs
            .chunks(40)
            .skip(racer)
            .step_by(RACERS)
            .map(<[_]>::to_vec)
            .collect();
        racers.push(async move {
            let name = racer.to_string();
            let mut done = Vec::new();
            for chunk in mine {
                queue.push(&chunk).await.unwrap();
                let deliveries = queue.claim(0, &name, 40).await.unwrap();
                let fates: Vec<_> = deliveries.iter().map(|it| (it.claim, Fate::Booked)).collect();
                let settled = queue.settle(&name, &fates).await.unwrap();
                assert!(settled.iter().all(|settled| *settled == Settled::Done));
                done.extend(ids(&deliveries));
            }
            done
        });
    }
    let mut done = together(racers).await.concat();
    let queue = depot.queue(10_000).await;
    loop {
        let left = queue.claim(0, "last", 512).await.unwrap();
        if left.is_empty() {
            break;
        }
        done.extend(ids(&left));
    }
    done.sort_unstable();
    let mut pushed: Vec<_> = jobs.iter().map(|job| job.id()).collect();
    pushed.sort_unstable();
    assert_eq!(done, pushed, "each job came to one consumer");
}

pub(crate) async fn of_racing_settlements_of_one_claim_one_is_done(depot: Depot) {
    let queue = depot.queue(1).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    let claim = claim_one(&*queue, "ada").await;
    let racer = |_| {
        let queue = Arc::clone(&queue);
        async move { settle(&*queue, "ada", claim, Fate::Booked).await }
    };
    let settled = together((0..RACERS).map(racer)).await;
    assert_eq!(settled.iter().filter(|it| **it == Settled::Done).count(), 1);
}

pub(crate) async fn twins_pushed_at_once_are_queued_once(depot: Depot) {
    let jobs = depot.jobs(50);
    let mut racers = Vec::new();
    for _ in 0..RACERS {
        let (queue, jobs) = (depot.queue(1_000).await, jobs.clone());
        racers.push(async move {
            for job in jobs {
                assert_eq!(queue.push(&[job]).await.unwrap(), [Pushed::Accepted]);
            }
        });
    }
    together(racers).await;
    let queue = depot.queue(1_000).await;
    let claimed = ids(&queue.claim(0, "ada", 512).await.unwrap());
    let pushed: Vec<_> = jobs.iter().map(|job| job.id()).collect();
    assert_eq!(claimed, pushed);
}

pub(crate) async fn a_rush_never_overfills_a_partition(depot: Depot) {
    let settings = one_partition(100);
    let mut racers = Vec::new();
    for _ in 0..RACERS {
        let (queue, jobs) = (depot.open(&settings).await, depot.jobs(50));
        racers.push(async move { queue.push(&jobs).await.unwrap() });
    }
    let pushed = together(racers).await.concat();
    assert_eq!(pushed.iter().filter(|it| **it == Pushed::Accepted).count(), 100);
    let view = depot.open(&settings).await.view().await.unwrap();
    assert_eq!(view.partitions[0].depth, 100);
}

pub(crate) async fn racing_takeovers_of_one_job_have_one_winner(depot: Depot) {
    let queue = depot.queue(1).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    claim_one(&*queue, "ada").await;
    depot.clock.advance(claim_for());
    let racer = |racer: usize| {
        let queue = Arc::clone(&queue);
        async move { queue.claim(0, &racer.to_string(), 1).await.unwrap().len() }
    };
    let taken = together((0..RACERS).map(racer)).await;
    assert_eq!(taken.iter().sum::<usize>(), 1);
}
