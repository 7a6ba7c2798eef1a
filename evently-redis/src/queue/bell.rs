//! The bell: how a consumer that waits hears of jobs, on a connection of its own.
//!
//! Whoever brings a job to a partition publishes the partition's number. A ring that is lost costs time alone: nobody
//! relies on it for longer than [`LONGEST_NAP`].

use crate::connection::Place;
use crate::error::Fault;
use crate::hearing::hear;
use crate::keys;
use futures::{Stream, StreamExt};
use std::sync::atomic::{AtomicBool, Ordering};
use std::{pin::pin, sync::Arc, time::Duration};
use tokio::sync::Notify;
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

/// Which partitions rang and were not looked at since.
#[derive(Debug)]
struct Rings {
    rung: Vec<AtomicBool>,
    any: Notify,
}

impl Bell {
    /// Begins to listen. What rang before is unknown, so that every partition counts as having rung.
    pub(super) async fn hang(place: Place, partitions: usize) -> Result<Self, Fault> {
        let rings = Arc::new(Rings {
            rung: (0..partitions).map(|_| AtomicBool::new(true)).collect(),
            any: Notify::new(),
        });
        let stop = CancellationToken::new();
        let messages = hear(&place, keys::QUEUE_BELL).await?;
        let listening = listen(messages, place, Arc::clone(&rings));
        tokio::spawn(stop.clone().run_until_cancelled_owned(listening));
        Ok(Self {
            rings,
            _listening: stop.drop_guard(),
        })
    }

    /// Waits until one of these partitions has rung, for so long; which have.
    pub(super) async fn heard(&self, partitions: &[u32], at_most: Duration) -> Vec<u32> {
        let heard = async {
            loop {
                let next = self.rings.any.notified();
                let rung = self.rings.take(partitions);
                if !rung.is_empty() {
                    return rung;
                }
                next.await;
            }
        };
        let heard = tokio::time::timeout(at_most, heard).await;
        heard.unwrap_or_default()
    }
}

impl Rings {
    /// Which of these partitions have rung; they have not any more.
    fn take(&self, partitions: &[u32]) -> Vec<u32> {
        let rang = |number: &u32| {
            let ring = self.rung.get(*number as usize);
            ring.is_some_and(|ring| ring.swap(false, Ordering::AcqRel))
        };
        partitions.iter().copied().filter(rang).collect()
    }

    fn ring(&self, number: usize) {
        if let Some(ring) = self.rung.get(number) {
            ring.store(true, Ordering::Release);
            self.any.notify_waiters();
        }
    }
}

async fn listen(first: impl Stream<Item = Vec<u8>>, place: Place, rings: Arc<Rings>) {
    pass_on(first, &rings).await;
    loop {
        tokio::time::sleep(RECONNECT_AFTER).await;
        match hear(&place, keys::QUEUE_BELL).await {
            Ok(messages) => {
                (0..rings.rung.len()).for_each(|number| rings.ring(number));
                pass_on(messages, &rings).await;
            }
            Err(error) => tracing::debug!(error = %error, "the queue's bell cannot be heard"),
        }
    }
}

/// Wakes sleepers until the connection is cut.
async fn pass_on(messages: impl Stream<Item = Vec<u8>>, rings: &Rings) {
    let mut messages = pin!(messages);
    while let Some(message) = messages.next().await {
        let number = str::from_utf8(&message).ok().and_then(|text| text.parse().ok());
        if let Some(number) = number {
            rings.ring(number);
        }
    }
}
