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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::tests::{HandClock, now, race};

    const TTL: Duration = Duration::from_secs(10);

    fn leases() -> (Arc<HandClock>, MemoryLeases) {
        let clock = Arc::new(HandClock::default());
        (Arc::clone(&clock), MemoryLeases::new(clock))
    }

    #[test]
    fn of_all_who_ask_at_once_one_is_granted_the_lease() {
        let (_, leases) = leases();
        let granted = race(4, |racer| {
            now(leases.acquire("partition", &racer.to_string(), TTL)).unwrap()
        });
        assert_eq!(granted.iter().flatten().count(), 1);
    }

    #[tokio::test]
    async fn a_good_lease_is_granted_to_nobody_else_nor_again() {
        let (clock, leases) = leases();
        let lease = leases.acquire("partition", "ada", TTL).await.unwrap().unwrap();
        clock.advance(TTL - Duration::from_micros(1));
        assert_eq!(leases.acquire("partition", "bob", TTL).await.unwrap(), None);
        assert_eq!(leases.acquire("partition", "ada", TTL).await.unwrap(), None);
        let renewed = leases.renew(&lease, TTL).await.unwrap().unwrap();
        assert_eq!((renewed.token, renewed.until), (lease.token, clock.now() + TTL));
        assert!(leases.acquire("sweeper", "bob", TTL).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_lease_that_ran_out_is_granted_anew_under_a_higher_token_and_stays_lost() {
        let (clock, leases) = leases();
        let lost = leases.acquire("partition", "ada", TTL).await.unwrap().unwrap();
        clock.advance(TTL);
        assert_eq!(leases.renew(&lost, TTL).await.unwrap(), None);
        let lease = leases.acquire("partition", "bob", TTL).await.unwrap().unwrap();
        assert!(lease.token > lost.token);
        leases.release(&lost).await.unwrap();
        assert_eq!(leases.renew(&lost, TTL).await.unwrap(), None);
        assert!(leases.renew(&lease, TTL).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn a_released_lease_is_free_at_once() {
        let (_, leases) = leases();
        let lease = leases.acquire("partition", "ada", TTL).await.unwrap().unwrap();
        leases.release(&lease).await.unwrap();
        leases.release(&lease).await.unwrap();
        assert_eq!(leases.renew(&lease, TTL).await.unwrap(), None);
        assert!(leases.acquire("partition", "bob", TTL).await.unwrap().is_some());
    }
}
