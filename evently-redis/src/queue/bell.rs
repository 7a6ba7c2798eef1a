//! The bell: how a consumer that waits hears of jobs, on a connection of its own.
//!
//! Whoever brings a job to a partition that somebody waits for publishes the partition's number. A ring that is
//! lost costs time alone: nobody relies on it for longer than [`LONGEST_NAP`].

use crate::connection::Place;
use crate::error::Fault;
use crate::hearing::hear;
use crate::keys;
use futures::{Stream, StreamExt, future::select_all};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The longest that a consumer waits without looking again.
pub(super) const LONGEST_NAP: Duration = Duration::from_secs(1);

/// How long until a lost connection is made again.
const RECONNECT_AFTER: Duration = Duration::from_millis(500);

/// Hears the bell of every partition until it is dropped.
#[derive(Debug)]
pub(super) struct Bell {
    rings: Arc<Rings>,
    _listening: DropGuard,
}

/// A partition's sleepers, by its number.
type Rings = Vec<Notify>;

impl Bell {
    /// Begins to listen.
    pub(super) async fn hang(place: Place, partitions: usize) -> Result<Self, Fault> {
        let rings: Arc<Rings> = Arc::new((0..partitions).map(|_| Notify::new()).collect());
        let stop = CancellationToken::new();
        let messages = hear(&place, keys::QUEUE_BELL).await?;
        let listening = listen(messages, place, Arc::clone(&rings));
        tokio::spawn(stop.clone().run_until_cancelled_owned(listening));
        Ok(Self {
            rings,
            _listening: stop.drop_guard(),
        })
    }

    /// Resolves when the bell of one of these partitions rings after this call; never if there is none of them.
    pub(super) fn heard(&self, partitions: &[u32]) -> impl Future<Output = ()> + Send {
        let rings = |number: &u32| self.rings.get(*number as usize).map(Notify::notified);
        let rings: Vec<_> = partitions.iter().filter_map(rings).collect();
        any(rings)
    }
}

async fn any(rings: Vec<Notified<'_>>) {
    if rings.is_empty() {
        std::future::pending().await
    }
    select_all(rings.into_iter().map(Box::pin)).await;
}

async fn listen(first: impl Stream<Item = Vec<u8>>, place: Place, rings: Arc<Rings>) {
    ring(first, &rings).await;
    loop {
        tokio::time::sleep(RECONNECT_AFTER).await;
        match hear(&place, keys::QUEUE_BELL).await {
            Ok(messages) => ring(messages, &rings).await,
            Err(error) => tracing::debug!(error = %error, "the queue's bell cannot be heard"),
        }
    }
}

/// Wakes sleepers until the connection is cut.
async fn ring(messages: impl Stream<Item = Vec<u8>>, rings: &Rings) {
    let mut messages = pin!(messages);
    while let Some(message) = messages.next().await {
        let number = str::from_utf8(&message)
            .ok()
            .and_then(|text| text.parse::<usize>().ok());
        if let Some(ring) = number.and_then(|number| rings.get(number)) {
            ring.notify_waiters();
        }
    }
}
