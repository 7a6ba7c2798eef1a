//! Replies to desks. These cases wait in real time, and are stuck where a desk that listens is told nothing.

use super::Depot;
use crate::domain::BookingStatus;
use crate::ledger::Refusal;
use crate::queue::{DeskId, Fate, Job, Reply};
use futures::StreamExt;
use std::sync::Arc;
use uuid::Uuid;

pub(crate) async fn a_desk_is_told_in_another_process_what_became_of_its_requests(depot: Depot) {
    let (here, there) = (depot.queue(100).await, depot.queue(100).await);
    let mut told = here.replies(desk(1)).await.unwrap();
    let jobs = depot.jobs(4);
    let first: Vec<_> = jobs[..2].iter().map(booked).collect();
    let second = [
        reply(&jobs[2], Fate::Rejected(Refusal::NotFound)),
        reply(&jobs[3], Fate::Dead),
    ];
    there.reply(desk(1), &first).await.unwrap();
    there.reply(desk(1), &second).await.unwrap();
    assert_eq!(told.next().await, Some(first));
    assert_eq!(told.next().await, Some(second.to_vec()));
}

pub(crate) async fn a_desk_is_not_told_what_is_for_another(depot: Depot) {
    let queue = depot.queue(100).await;
    let mut told = queue.replies(desk(1)).await.unwrap();
    let _others = queue.replies(desk(2)).await.unwrap();
    let jobs = depot.jobs(2);
    queue.reply(desk(2), &[booked(&jobs[0])]).await.unwrap();
    queue.reply(desk(1), &[booked(&jobs[1])]).await.unwrap();
    assert_eq!(told.next().await, Some(vec![booked(&jobs[1])]));
}

pub(crate) async fn telling_a_desk_that_nobody_minds_is_no_error(depot: Depot) {
    let queue = depot.queue(100).await;
    let jobs = depot.jobs(1);
    queue.reply(desk(1), &[booked(&jobs[0])]).await.unwrap();
    drop(queue.replies(desk(1)).await.unwrap());
    for _ in 0..3 {
        queue.reply(desk(1), &[booked(&jobs[0])]).await.unwrap();
    }
}

fn desk(number: u128) -> DeskId {
    DeskId(Uuid::from_u128(number))
}

fn reply(job: &Arc<Job>, fate: Fate) -> Reply {
    Reply {
        id: job.id(),
        fate,
        booking: None,
    }
}

/// The reply to a request that made a booking.
fn booked(job: &Arc<Job>) -> Reply {
    let mut booking = (*job.pending).clone();
    booking.status = BookingStatus::Confirmed;
    Reply {
        booking: Some(Arc::new(booking)),
        ..reply(job, Fate::Booked)
    }
}
