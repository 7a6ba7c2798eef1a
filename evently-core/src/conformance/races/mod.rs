//! The rules under concurrency. Callers start at a barrier, on two threads.
//!
//! These cases bear with a store that fails now and then: every request carries a key and is asked again until its
//! answer is definite ([`settled`](super::world::settled)).

pub(crate) mod churn;
pub(crate) mod expiry;
pub(crate) mod queue;
pub(crate) mod selling;

use super::world::{World, key, settled};
use crate::domain::{Booking, Caller, EventId};
use crate::requests::{BookRequest, Placed};
use crate::{Evently, Refusal};
use std::{future::Future, sync::Arc};
use tokio::sync::Barrier;

/// Lets callers start together and gathers their answers, in the callers' order.
pub(crate) async fn together<T, F>(callers: impl IntoIterator<Item = F>) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let callers: Vec<F> = callers.into_iter().collect();
    let barrier = Arc::new(Barrier::new(callers.len()));
    let start = |caller: F| {
        let barrier = Arc::clone(&barrier);
        tokio::spawn(async move {
            barrier.wait().await;
            caller.await
        })
    };
    let started: Vec<_> = callers.into_iter().map(start).collect();
    let mut answers = Vec::new();
    for caller in started {
        answers.push(caller.await.expect("a caller that does not panic"));
    }
    answers
}

/// Asks under a key until the answer is definite.
pub(crate) async fn ask(
    evently: Evently,
    by: Caller,
    id: EventId,
    request: BookRequest,
) -> Result<Placed, Refusal> {
    let request = match request.key {
        Some(_) => request,
        None => {
            let fresh = evently.new_id().to_string();
            request.with_key(key(&fresh))
        }
    };
    settled(|| evently.book(&by, id, request.clone())).await
}

/// Cancels until the answer is definite.
pub(crate) async fn cancel(evently: Evently, by: Caller, booking: Arc<Booking>) -> Arc<Booking> {
    let cancelled = settled(|| evently.cancel(&by, booking.id)).await;
    cancelled.expect("a booking that may be cancelled")
}

/// Books so many tickets until the answer is definite.
pub(crate) async fn sold(world: &World, by: &Caller, id: EventId, quantity: u32) -> Arc<Booking> {
    let placed = ask(world.evently.clone(), *by, id, BookRequest::quantity(quantity)).await;
    super::world::booking_of(placed.expect("tickets that are to be had"))
}
