//! Leases within one process.

use super::later;
use crate::clock::Clock;
use crate::lease::{Lease, Leases};
use crate::store::StoreError;
use async_trait::async_trait;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::{sync::Arc, time::Duration};

/// [`Leases`] in this process' memory, by an injected clock.
#[derive(Debug)]
pub struct MemoryLeases {
    clock: Arc<dyn Clock>,
    granted: Mutex<Granted>,
}

#[derive(Debug, Default)]
struct Granted {
    leases: HashMap<String, Lease>,
    last_token: u64,
}

impl MemoryLeases {
    /// Leases of which none is granted.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            granted: Mutex::default(),
        }
    }
}

#[async_trait]
impl Leases for MemoryLeases {
    async fn acquire(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let now = self.clock.now();
        let mut granted = self.granted.lock();
        granted.leases.retain(|_, lease| lease.until > now);
        if granted.leases.contains_key(name) {
            return Ok(None);
        }
        granted.last_token += 1;
        let lease = Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            token: granted.last_token,
            until: later(now, ttl),
        };
        granted.leases.insert(name.to_owned(), lease.clone());
        Ok(Some(lease))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let now = self.clock.now();
        let mut granted = self.granted.lock();
        let kept = granted.leases.get_mut(&lease.name);
        Ok(kept
            .filter(|kept| kept.token == lease.token && kept.until > now)
            .map(|kept| {
                kept.until = later(now, ttl);
                kept.clone()
            }))
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut granted = self.granted.lock();
        if granted
            .leases
            .get(&lease.name)
            .is_some_and(|kept| kept.token == lease.token)
        {
            granted.leases.remove(&lease.name);
        }
        Ok(())
    }
}
