//! The bell: how a consumer that waits hears of jobs, on a connection of its own.
//!
//! Whoever brings a job to a partition that somebody waits for publishes the partition's number. A ring that is
//! lost costs time alone: nobody relies on it for longer than [`LONGEST_NAP`].

use crate::error::Fault;
use crate::keys;
use futures::{StreamExt, future::select_all};
use redis::{Client, RedisResult, aio::PubSub};
use std::{sync::Arc, time::Duration};
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
    pub(super) async fn hang(url: &str, partitions: usize) -> Result<Self, Fault> {
        let client = Client::open(url)?;
        let rings: Arc<Rings> = Arc::new((0..partitions).map(|_| Notify::new()).collect());
        let stop = CancellationToken::new();
        let listening = listen(subscribe(&client).await?, client, Arc::clone(&rings));
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

async fn subscribe(client: &Client) -> RedisResult<PubSub> {
    let mut hearing = client.get_async_pubsub().await?;
    hearing.subscribe(keys::QUEUE_BELL).await?;
    Ok(hearing)
}

async fn listen(mut hearing: PubSub, client: Client, rings: Arc<Rings>) {
    loop {
        let mut messages = hearing.on_message();
        while let Some(message) = messages.next().await {
            let number = message.get_payload::<usize>().ok();
            if let Some(ring) = number.and_then(|number| rings.get(number)) {
                ring.notify_waiters();
            }
        }
        drop(messages);
        hearing = loop {
            tokio::time::sleep(RECONNECT_AFTER).await;
            match subscribe(&client).await {
                Ok(hearing) => break hearing,
                Err(error) => tracing::debug!(error = %error, "the queue's bell cannot be heard"),
            }
        };
    }
}
