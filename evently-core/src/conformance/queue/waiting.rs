//! Waiting for jobs. These cases wait in real time, and are stuck where a wait does not end.

use super::{Depot, claim_one};
use crate::queue::JobQueue;
use std::time::Duration;

/// Longer than any case may take.
const AN_HOUR: Duration = Duration::from_secs(3_600);

pub(crate) async fn a_wait_ends_when_a_job_comes(depot: Depot) {
    let queue = depot.queue(100).await;
    let jobs = depot.jobs(1);
    let waiting = until_claimable(&*queue);
    let (pushed, ()) = tokio::join!(queue.push(&jobs), waiting);
    pushed.unwrap();
    // What was there before the wait began ends it at once.
    queue.push(&depot.jobs(1)).await.unwrap();
    queue.wait(&[0], AN_HOUR).await.unwrap();
}

pub(crate) async fn a_wait_ends_when_a_job_is_handed_back(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.push(&depot.jobs(1)).await.unwrap();
    let claim = claim_one(&*queue, "ada").await;
    let claims = [claim];
    let back = queue.hand_back("ada", &claims, Duration::ZERO);
    let (back, ()) = tokio::join!(back, until_claimable(&*queue));
    back.unwrap();
}

pub(crate) async fn a_wait_ends_when_its_time_is_up(depot: Depot) {
    let queue = depot.queue(100).await;
    queue.wait(&[0], Duration::from_millis(5)).await.unwrap();
    queue.wait(&[], Duration::from_millis(5)).await.unwrap();
}

pub(crate) async fn a_wait_in_another_process_ends_when_a_job_comes(depot: Depot) {
    let (here, there) = (depot.queue(100).await, depot.queue(100).await);
    let waiting = tokio::spawn(async move { until_claimable(&*there).await });
    here.push(&depot.jobs(1)).await.unwrap();
    waiting.await.unwrap();
}

/// Waits until a job was claimed: a wait is a hint and may end early.
async fn until_claimable(queue: &dyn JobQueue) {
    while queue.claim(0, "waiting", 1).await.unwrap().is_empty() {
        queue.wait(&[0], AN_HOUR).await.unwrap();
    }
}
