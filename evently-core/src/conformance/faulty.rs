//! A store that fails by seed: calls end in errors, come late, or happen and are not answered.
//!
//! What it makes up is what real storages do: a connection breaks before or after a statement, a commit of several
//! events reaches some of them, an answer gets lost on the way.

use super::draw::Draw;
use super::wrap::{Meddle, Wrapped};
use crate::ledger::{Changes, Need, Snapshot};
use crate::store::{Committed, Store, StoreError};
use async_trait::async_trait;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How often what goes wrong, in calls of a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// Calls that fail before they do anything. One in four of them fails for good (a permanent error).
    pub fail_per_mille: u32,
    /// Loads and commits that happen, wholly or for some of their events, and end in a transient error.
    pub lose_per_mille: u32,
    /// Loads and commits that take longer, by up to `max_delay` before and after.
    pub delay_per_mille: u32,
    /// The longest delay.
    pub max_delay: Duration,
}

impl Faults {
    /// Nothing goes wrong.
    pub const fn none() -> Self {
        Self {
            fail_per_mille: 0,
            lose_per_mille: 0,
            delay_per_mille: 0,
            max_delay: Duration::ZERO,
        }
    }

    /// Now and then something goes wrong.
    pub const fn mild() -> Self {
        Self {
            fail_per_mille: 20,
            lose_per_mille: 20,
            delay_per_mille: 50,
            max_delay: Duration::from_millis(1),
        }
    }

    /// Something goes wrong all the time.
    pub const fn harsh() -> Self {
        Self {
            fail_per_mille: 150,
            lose_per_mille: 150,
            delay_per_mille: 200,
            max_delay: Duration::from_millis(2),
        }
    }
}

/// How much was made up so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Injected {
    /// Calls that failed and did nothing.
    pub failed: u64,
    /// Calls that happened and were not answered.
    pub lost: u64,
    /// Calls that took longer.
    pub delayed: u64,
}

/// Makes calls fail.
#[derive(Debug)]
pub struct Faulty {
    draw: Draw,
    faults: Faults,
    failed: AtomicU64,
    lost: AtomicU64,
    delayed: AtomicU64,
}

/// A store around another one, whose calls fail as the seed says.
pub fn faulty(store: Arc<dyn Store>, seed: u64, faults: Faults) -> Wrapped<Faulty> {
    Wrapped::new(store, Faulty::from_seed(seed, faults))
}

impl Faulty {
    /// Failures that follow from a seed, and from the order of the calls.
    pub fn from_seed(seed: u64, faults: Faults) -> Self {
        Self {
            draw: Draw::from_seed(seed),
            faults,
            failed: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
        }
    }

    /// How much was made up so far.
    pub fn injected(&self) -> Injected {
        Injected {
            failed: self.failed.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed),
            delayed: self.delayed.load(Ordering::Relaxed),
        }
    }

    fn fail(&self) -> Result<(), StoreError> {
        if !self.draw.per_mille(self.faults.fail_per_mille) {
            return Ok(());
        }
        self.failed.fetch_add(1, Ordering::Relaxed);
        match self.draw.below(4) {
            0 => Err(StoreError::permanent("faulty", "made up: refused for good")),
            _ => Err(StoreError::transient("faulty", "made up: no connection")),
        }
    }

    fn loses(&self) -> bool {
        let loses = self.draw.per_mille(self.faults.lose_per_mille);
        if loses {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        loses
    }

    async fn delay(&self) {
        if self.draw.per_mille(self.faults.delay_per_mille) {
            self.delayed.fetch_add(1, Ordering::Relaxed);
            let most = u64::try_from(self.faults.max_delay.as_micros()).unwrap_or(u64::MAX);
            tokio::time::sleep(Duration::from_micros(self.draw.below(most))).await;
        }
    }
}

#[async_trait]
impl Meddle for Faulty {
    async fn load(&self, store: &dyn Store, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        self.fail()?;
        self.delay().await;
        let loses = self.loses();
        let loaded = store.load(needs).await?;
        self.delay().await;
        match loses {
            true => Err(StoreError::transient("faulty", "made up: the answer was lost")),
            false => Ok(loaded),
        }
    }

    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        self.fail()?;
        self.delay().await;
        if self.loses() {
            for part in changes {
                if self.draw.below(3) > 0 {
                    store.commit(std::slice::from_ref(part)).await?;
                }
            }
            self.delay().await;
            return Err(StoreError::transient("faulty", "made up: the answer was lost"));
        }
        let committed = store.commit(changes).await?;
        self.delay().await;
        Ok(committed)
    }

    async fn before(&self) -> Result<(), StoreError> {
        self.fail()
    }
}
