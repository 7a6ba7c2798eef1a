//! The leases' port: who of several processes tends to something, so that they do not all fight over it.
//!
//! A lease thins contention and nothing else: no promise rests on one. A holder may be stopped beyond its time and
//! go on as if it still held it; a lease may be lost, or granted to everybody. Whatever is done under a lease must
//! be right without it: the store's version check and the queue's claims see to that. The token tells a later
//! holder from an earlier one, for logs and for whoever can compare it.
//!
//! The in-memory leases ([`MemoryLeases`](crate::memory::MemoryLeases)) are for one process and for tests.

use crate::domain::Timestamp;
use crate::store::StoreError;
use async_trait::async_trait;
use std::{fmt::Debug, time::Duration};

/// The right to tend to something for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What it is on.
    pub name: String,
    /// Whose it is.
    pub holder: String,
    /// Higher than any token given out for the name before.
    pub token: u64,
    /// Until when it is good by the holder's clock, to be renewed well before.
    pub until: Timestamp,
}

/// Grants leases. Every method ends within a time that the implementation bounds.
#[async_trait]
pub trait Leases: Debug + Send + Sync + 'static {
    /// Leases a name to a holder for `ttl`; `None` while a lease on it is good, be it the holder's own.
    ///
    /// - **Atomicity**: of several who ask at once one is granted it.
    /// - **Ordering**: each grant's token is higher than those before it.
    /// - **Idempotency**: none: a lost answer's lease runs out by itself.
    ///
    /// # Errors
    /// The storage failed. The lease may have been granted, and runs out by itself.
    async fn acquire(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Lease>, StoreError>;

    /// Makes a lease good for `ttl` from now, under the same token; `None` if it was lost: released, run out, or
    /// granted to somebody else.
    ///
    /// - **Atomicity**: a lease granted to somebody else is never prolonged.
    /// - **Idempotency**: again is the same, from then on.
    ///
    /// # Errors
    /// The storage failed. The lease may have been renewed; it is to be taken for not renewed.
    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Option<Lease>, StoreError>;

    /// Gives a lease up. One that was lost stays whosever it is.
    ///
    /// - **Atomicity**: a lease granted to somebody else is never ended.
    /// - **Idempotency**: again changes nothing.
    ///
    /// # Errors
    /// The storage failed. The lease runs out by itself.
    async fn release(&self, lease: &Lease) -> Result<(), StoreError>;
}
