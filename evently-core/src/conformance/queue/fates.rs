//! What can be read of jobs.

use super::{Depot, claim_one, job_for, jobs::event_id, settle};
use crate::clock::Clock;
use crate::domain::{BookingId, EntryId, Phase, SeatLabel};
use crate::ledger::Refusal;
use crate::queue::{Fate, PartitionView, QueueSettings, Settled};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

pub(crate) async fn what_became_of_a_job_is_read_until_it_is_forgotten(depot: Depot) {
    let queue = depot.queue(100).await;
    let jobs = depot.jobs(3);
    queue.push(&jobs).await.unwrap();
    let pending = queue.read(jobs[0].id()).await.unwrap().unwrap();
    assert_eq!((pending.job, pending.settled), (Arc::clone(&jobs[0]), None));
    let refused = Fate::Rejected(Refusal::SoldOut { available: 0 });
    for fate in [Fate::Booked, refused.clone(), Fate::Dead] {
        let claim = claim_one(&*queue, "ada").await;
        settle(&*queue, "ada", claim, fate).await;
    }
    assert_eq!(queue.read(jobs[0].id()).await.unwrap(), None);
    let kept = queue.read(jobs[1].id()).await.unwrap().unwrap();
    let of_its_event = queue.read_of(jobs[1].event_id(), jobs[1].id()).await.unwrap();
    assert_eq!(of_its_event.as_ref(), Some(&kept));
    assert_eq!(kept.job, jobs[1]);
    assert_eq!(kept.settled, Some((refused, depot.clock.now())));
    assert_eq!(queue.view().await.unwrap().dead, 1);
    depot.clock.advance(QueueSettings::default().keep_for);
    // What is over is forgotten as work goes on.
    queue.push(&depot.jobs(1)).await.unwrap();
    let claim = claim_one(&*queue, "ada").await;
    settle(&*queue, "ada", claim, Fate::Booked).await;
    assert_eq!(queue.read(jobs[1].id()).await.unwrap(), None);
    assert_eq!(queue.view().await.unwrap().dead, 0);
}

pub(crate) async fn every_fate_reads_back(depot: Depot) {
    let queue = depot.queue(100).await;
    let fates = [
        Fate::Replayed(BookingId::from_uuid(Uuid::from_u128(7))),
        Fate::Waitlisted(EntryId::from_uuid(Uuid::from_u128(8))),
        Fate::Rejected(Refusal::NotOnSale { phase: Phase::Closed }),
        Fate::Rejected(Refusal::SeatTaken {
            seats: vec![SeatLabel::new("A", "1"), SeatLabel::new("Ü", "\"2\"")],
        }),
        Fate::Rejected(Refusal::LimitExceeded { limit: 4, tickets: 3 }),
        Fate::Rejected(Refusal::Invalid(Vec::new())),
        Fate::Dead,
    ];
    let jobs = depot.jobs(fates.len());
    queue.push(&jobs).await.unwrap();
    for fate in &fates {
        let claim = claim_one(&*queue, "ada").await;
        assert_eq!(settle(&*queue, "ada", claim, fate.clone()).await, Settled::Done);
        depot.clock.advance(Duration::from_micros(1));
    }
    let mut at = None;
    for (job, fate) in jobs.iter().zip(fates) {
        let read = queue.read(job.id()).await.unwrap().unwrap();
        let (settled, when) = read.settled.expect("it is settled");
        assert_eq!((read.job, settled), (Arc::clone(job), fate));
        assert!(at < Some(when), "each has its own microsecond");
        at = Some(when);
    }
}

pub(crate) async fn a_batch_is_settled_job_by_job(depot: Depot) {
    let queue = depot.queue(100).await;
    let jobs = depot.jobs(4);
    queue.push(&jobs).await.unwrap();
    let deliveries = queue.claim(0, "ada", 4).await.unwrap();
    let claims: Vec<_> = deliveries.iter().map(|delivery| delivery.claim).collect();
    settle(&*queue, "ada", claims[1], Fate::Booked).await;
    queue
        .hand_back("ada", &claims[3..], Duration::ZERO)
        .await
        .unwrap();
    let fates: Vec<_> = claims.iter().map(|claim| (*claim, Fate::Dead)).collect();
    let settled = queue.settle("ada", &fates).await.unwrap();
    let (done, stale) = (Settled::Done, Settled::Stale);
    assert_eq!(settled, [done, stale, done, stale]);
    assert_eq!(queue.read(jobs[1].id()).await.unwrap(), None);
    assert_eq!(queue.read(jobs[3].id()).await.unwrap().unwrap().settled, None);
}

pub(crate) async fn the_view_counts_what_waits_and_what_is_claimed(depot: Depot) {
    let queue = depot.queue(100).await;
    assert_eq!(queue.view().await.unwrap().partitions, [PartitionView::default()]);
    let job = || Arc::new(job_for(event_id(1), depot.clock.now()));
    let old = job();
    depot.clock.advance(Duration::from_secs(1));
    queue.push(&[Arc::clone(&old), job()]).await.unwrap();
    let back = claim_one(&*queue, "ada").await;
    claim_one(&*queue, "bob").await;
    queue.hand_back("ada", &[back], Duration::ZERO).await.unwrap();
    let expected = PartitionView {
        depth: 2,
        in_flight: 1,
        oldest: Some(old.accepted_at),
        owner: Some("bob".to_owned()),
    };
    assert_eq!(queue.view().await.unwrap().partitions, [expected]);
}

pub(crate) async fn nothing_is_known_of_a_job_never_pushed(depot: Depot) {
    let queue = depot.queue(100).await;
    let id = depot.jobs(1)[0].id();
    assert_eq!(queue.read(id).await.unwrap(), None);
}
