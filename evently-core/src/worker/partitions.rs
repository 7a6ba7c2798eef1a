//! Which partitions a consumer claims from: all of them, or those that it holds a lease on.
//!
//! Leases keep two consumers from deciding for one event at the same time, where each would spoil the other's commit.
//! Nothing is wrong without them, so whoever cannot ask for leases works as if there were none.

use crate::domain::Timestamp;
use crate::lease::{Lease, Leases};
use crate::store::StoreError;
use futures::future::join_all;
use std::collections::BTreeMap;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A consumer's partitions, as they stand.
#[derive(Debug)]
pub(super) struct Partitions {
    count: u32,
    held: watch::Receiver<Held>,
}

#[derive(Debug, Clone, Default)]
struct Held {
    leases: BTreeMap<u32, Lease>,
    /// Whether there are no leases, or they could not be asked for lately: all partitions then are everybody's.
    without: bool,
}

/// Holds leases for a consumer.
#[derive(Debug)]
pub(super) struct Tender {
    count: u32,
    leases: Option<Arc<dyn Leases>>,
    holder: Arc<str>,
    /// Where the next look for free partitions begins.
    next: u32,
    held: watch::Sender<Held>,
}

impl Partitions {
    /// The partitions of a queue with so many, for the consumer of this name; `seed` tells consumers apart.
    pub(super) fn new(
        count: u32,
        leases: Option<Arc<dyn Leases>>,
        holder: Arc<str>,
        seed: u32,
    ) -> (Self, Tender) {
        let count = count.max(1);
        let (sender, held) = watch::channel(Held {
            leases: BTreeMap::new(),
            without: leases.is_none(),
        });
        let tender = Tender {
            count,
            leases,
            holder,
            next: seed % count,
            held: sender,
        };
        (Self { count, held }, tender)
    }

    /// The partitions to claim from at this instant.
    pub(super) fn at(&mut self, now: Timestamp) -> Vec<u32> {
        let held = self.held.borrow_and_update();
        if held.without {
            return (0..self.count).collect();
        }
        let good = held.leases.iter().filter(|(_, lease)| lease.until > now);
        good.map(|(number, _)| *number).collect()
    }

    /// Waits until they are others than [`at`](Self::at) has told: for ever, if they never will be.
    pub(super) async fn changed(&mut self) {
        if self.held.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl Tender {
    /// How long a lease is good without being renewed: how long a dead consumer's partitions lie idle.
    const LEASE_FOR: Duration = Duration::from_secs(2);
    /// How often leases are renewed and new ones asked for.
    const LOOK_EVERY: Duration = Duration::from_millis(250);
    /// How soon the next look is where all that was asked for was granted.
    const LOOK_AGAIN: Duration = Duration::from_millis(10);
    /// How many leases are asked for at once, so that consumers that start together share what there is.
    const ASK_FOR: usize = 4;

    /// Holds what it can until it is told to stop; then gives all of it up.
    pub(super) async fn run(mut self, stopping: CancellationToken) {
        let Some(leases) = self.leases.clone() else { return };
        loop {
            let looked = self.look(&*leases).await;
            let without = looked.is_err();
            let was_without = self.held.borrow().without;
            if let Err(error) = &looked
                && !was_without
            {
                tracing::warn!(error = %error, "leases cannot be asked for; working without them");
            }
            if without != was_without {
                self.held.send_modify(|held| held.without = without);
            }
            let pause = match looked {
                Ok(true) => Self::LOOK_AGAIN,
                _ => Self::LOOK_EVERY,
            };
            if stopping
                .run_until_cancelled(tokio::time::sleep(pause))
                .await
                .is_none()
            {
                break;
            }
        }
        let held = self.held.send_replace(Held::default());
        let releasing = held.leases.values().map(|lease| leases.release(lease));
        for released in join_all(releasing).await {
            if let Err(error) = released {
                tracing::debug!(error = %error, "a lease could not be given up; it runs out by itself");
            }
        }
    }

    /// Renews what is held and asks for more; whether it got all that it asked for.
    async fn look(&mut self, leases: &dyn Leases) -> Result<bool, StoreError> {
        self.renew(leases).await?;
        let held = self.held.borrow().leases.clone();
        let all = (0..self.count).map(|step| (self.next + step) % self.count);
        let asked: Vec<u32> = all
            .filter(|number| !held.contains_key(number))
            .take(Self::ASK_FOR)
            .collect();
        let Some(last) = asked.last() else {
            return Ok(false);
        };
        self.next = last + 1;
        let asking = asked.iter().map(|number| {
            let name = format!("partition/{number}");
            let holder = Arc::clone(&self.holder);
            async move { leases.acquire(&name, &holder, Self::LEASE_FOR).await }
        });
        let mut outcome = Ok(true);
        for (number, answer) in asked.iter().zip(join_all(asking).await) {
            match answer {
                Ok(Some(lease)) => {
                    tracing::debug!(partition = number, token = lease.token, "leased");
                    self.held.send_modify(|held| {
                        held.leases.insert(*number, lease);
                    });
                }
                Ok(None) => outcome = outcome.map(|_| false),
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }

    async fn renew(&self, leases: &dyn Leases) -> Result<(), StoreError> {
        let held = self.held.borrow().leases.clone();
        let renewing = held.into_iter().map(|(number, lease)| async move {
            let renewed = leases.renew(&lease, Self::LEASE_FOR).await;
            (number, renewed)
        });
        let mut outcome = Ok(());
        for (number, renewed) in join_all(renewing).await {
            match renewed {
                Ok(Some(lease)) => self.held.send_modify(|held| {
                    held.leases.insert(number, lease);
                }),
                Ok(None) => self.held.send_modify(|held| {
                    held.leases.remove(&number);
                }),
                // It may still be this one's: the next look finds out.
                Err(error) => outcome = Err(error),
            }
        }
        outcome
    }
}
