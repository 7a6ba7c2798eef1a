//! The suite for leases: what every [`Leases`] must do. It runs in real time, since leases run out by the clocks
//! of their own servers.
//!
//! `lease_suite!(open = memory)` makes a named test of each case, as
//! [`conformance_suite!`](crate::conformance_suite) does.
//!
//! Left out: what is done under a lease, which must be right without one.

mod grants;
mod list;

use super::run as runs;
use crate::lease::{Lease, Leases};
use async_trait::async_trait;
use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc, time::Duration};

/// Where leases are granted, none at first.
#[async_trait]
pub trait LeaseHarness: Debug + Send + Sync + 'static {
    /// Leases as one process holds them; called again, as another process does.
    async fn open(&self) -> Arc<dyn Leases>;
}

/// What every case starts from.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    harness: Arc<dyn LeaseHarness>,
}

/// The work of a case.
type Play = fn(Registry) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// A lease that does not run out while a case runs.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// A lease that a case lets run out. (Redlock takes none under half a second.)
pub(crate) const SHORT: Duration = Duration::from_millis(600);

/// Runs one case by its name where nothing is leased.
///
/// # Panics
/// When the case fails or is stuck, and when there is none of that name.
pub fn run<H: LeaseHarness, F: Future<Output = H>>(name: &str, open: impl FnOnce() -> F) {
    let case = list::CASES.iter().find(|case| case.0 == name);
    let play = case.expect("a case of this name").1;
    let played = async {
        let harness = Arc::new(open().await);
        play(Registry { harness }).await;
    };
    runs::drive(name, played, runs::time_limit());
}

impl Registry {
    pub(crate) async fn open(&self) -> Arc<dyn Leases> {
        self.harness.open().await
    }
}

/// Asks for a lease until it is granted.
pub(crate) async fn granted(leases: &dyn Leases, name: &str, holder: &str, ttl: Duration) -> Lease {
    loop {
        if let Some(lease) = leases.acquire(name, holder, ttl).await.unwrap() {
            return lease;
        }
        // Nothing tells when a lease is free: asking again does.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
