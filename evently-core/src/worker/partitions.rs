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

#[derive(Debug)]
pub(super) struct Partitions {
    count: u32,
    leases: Option<Arc<dyn Leases>>,
    holder: String,
    held: BTreeMap<u32, Lease>,
    /// Whether leases could not be asked for lately.
    failing: bool,
    next_look: Option<Timestamp>,
}

impl Partitions {
    /// How long a lease is good without being renewed: how long a dead consumer's partitions lie idle.
    const LEASE_FOR: Duration = Duration::from_secs(2);
    /// How often leases are renewed and new ones asked for.
    pub(super) const LOOK_EVERY: Duration = Duration::from_millis(250);
    /// The most new leases of one look, so that consumers that start together share what there is.
    const NEW_AT_ONCE: usize = 4;

    pub(super) fn new(count: u32, leases: Option<Arc<dyn Leases>>, holder: String) -> Self {
        Self {
            count: count.max(1),
            leases,
            holder,
            held: BTreeMap::new(),
            failing: false,
            next_look: None,
        }
    }

    /// The partitions to claim from at this instant.
    pub(super) fn at(&self, now: Timestamp) -> Vec<u32> {
        if self.leases.is_none() || self.failing {
            return (0..self.count).collect();
        }
        let good = self.held.iter().filter(|(_, lease)| lease.until > now);
        good.map(|(number, _)| *number).collect()
    }

    /// Renews what is held and asks for more, if it is time to.
    pub(super) async fn tend(&mut self, now: Timestamp) {
        let Some(leases) = self.leases.clone() else { return };
        if self.next_look.is_some_and(|next| now < next) {
            return;
        }
        self.next_look = now.checked_add(Self::LOOK_EVERY).ok();
        let outcome = match self.renew(&*leases).await {
            Ok(()) => self.acquire(&*leases).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome
            && !self.failing
        {
            tracing::warn!(error = %error, "leases cannot be asked for; working without them");
        }
        self.failing = outcome.is_err();
    }

    async fn renew(&mut self, leases: &dyn Leases) -> Result<(), StoreError> {
        let held = std::mem::take(&mut self.held);
        let renewing = held.into_iter().map(|(number, lease)| async move {
            let renewed = leases.renew(&lease, Self::LEASE_FOR).await;
            (number, lease, renewed)
        });
        let mut outcome = Ok(());
        for (number, lease, renewed) in join_all(renewing).await {
            match renewed {
                Ok(renewed) => self.held.extend(renewed.map(|lease| (number, lease))),
                Err(error) => {
                    // It may still be this one's: the next look finds out.
                    self.held.insert(number, lease);
                    outcome = Err(error);
                }
            }
        }
        outcome
    }

    async fn acquire(&mut self, leases: &dyn Leases) -> Result<(), StoreError> {
        let free: Vec<u32> = (0..self.count)
            .filter(|number| !self.held.contains_key(number))
            .collect();
        let mut new = 0;
        for number in free {
            let name = format!("partition/{number}");
            let Some(lease) = leases.acquire(&name, &self.holder, Self::LEASE_FOR).await? else {
                continue;
            };
            tracing::debug!(partition = number, token = lease.token, "leased");
            self.held.insert(number, lease);
            new += 1;
            if new == Self::NEW_AT_ONCE {
                break;
            }
        }
        Ok(())
    }

    /// Gives every lease up.
    pub(super) async fn release(&mut self) {
        let (Some(leases), held) = (self.leases.clone(), std::mem::take(&mut self.held)) else {
            return;
        };
        let releasing = held.values().map(|lease| leases.release(lease));
        for released in join_all(releasing).await {
            if let Err(error) = released {
                tracing::debug!(error = %error, "a lease could not be given up; it runs out by itself");
            }
        }
    }
}
