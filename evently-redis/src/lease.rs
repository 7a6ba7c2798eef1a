//! Leases by Redlock, on one Redis server or several that know nothing of each other.
//!
//! `rslock` sets and prolongs a key on a majority of the servers; this module bounds how long that takes, tells "taken"
//! from "nobody answers", and gives out fencing tokens. A token is accepted by a majority, and by each server only if
//! it is higher than the last one that it accepted: so no two grants have one token, and later ones have higher. The
//! first proposal is the present microsecond, so that a server that lost everything still gives out higher ones.
//!
//! Left out: what is done under a lease, which must be right without one. Redlock grants a name twice when a server
//! forgets a key or a process stands still at the wrong time.

use crate::connection::Connection;
use crate::error::Fault;
use crate::{keys, scripts};
use async_trait::async_trait;
use evently_core::clock::{Clock, SystemClock};
use evently_core::domain::Timestamp;
use evently_core::lease::{Lease, Leases};
use evently_core::store::StoreError;
use futures::future::join_all;
use redis::{Client, Cmd, Value};
use rslock::{Lock, LockError, LockManager};
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long all servers together may take for one step.
const DEADLINE: Duration = Duration::from_secs(3);

/// How long one server may take.
const SERVER_DEADLINE: Duration = Duration::from_millis(500);

/// The shortest lease: under it, the time that granting takes would use it up.
const SHORTEST: Duration = Duration::from_millis(500);

/// How often a name is tried, and at most how long apart: once, so that asking for what is taken costs no waiting. Where
/// several ask several servers at once, all may get too few; then whoever asks next gets it. (The pause is never zero:
/// the library would draw a number below it.)
const TRIES: (u32, Duration) = (1, Duration::from_millis(50));

/// How often a higher token is proposed.
const PROPOSALS: usize = 8;

/// [`Leases`] on Redis.
///
/// Every call ends within some seconds, whatever the servers do. Of several servers a majority must answer.
pub struct RedlockLeases {
    locks: LockManager,
    servers: Vec<Connection>,
    /// What was last granted to this process, by name.
    held: Mutex<HashMap<String, Held>>,
}

/// To prolong a lease takes the secret that its key was set to.
#[derive(Debug)]
struct Held {
    token: u64,
    secret: Vec<u8>,
}

impl fmt::Debug for RedlockLeases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedlockLeases")
            .field("servers", &self.servers.len())
            .finish_non_exhaustive()
    }
}

impl RedlockLeases {
    /// Prepares leases on these servers (`redis://`, `rediss://`), which must be independent of each other. A cluster
    /// counts as one, by the URL of any of its nodes that keeps the keys.
    ///
    /// A server that is down is connected to when it is back.
    ///
    /// # Errors
    /// Transient: a majority does not answer. Permanent: there is no URL, or one is not one of Redis.
    pub async fn connect(urls: &[impl AsRef<str>]) -> Result<Self, StoreError> {
        let clients = urls.iter().map(|url| Client::open(url.as_ref()));
        let clients = clients.collect::<Result<Vec<_>, _>>().map_err(Fault::from)?;
        let mut locks = LockManager::from_clients(clients);
        locks.set_retry(TRIES.0, TRIES.1);
        let servers = urls
            .iter()
            .map(|url| Connection::lazy(url.as_ref(), SERVER_DEADLINE));
        let leases = Self {
            locks,
            servers: servers.collect::<Result<_, _>>()?,
            held: Mutex::default(),
        };
        leases.ask(|| redis::cmd("PING")).await?;
        Ok(leases)
    }

    /// Asks every server, and answers with what those said that answered: a majority at least.
    async fn ask(&self, command: impl Fn() -> Cmd) -> Result<Vec<Value>, Fault> {
        let answers = join_all(self.servers.iter().map(|server| server.ask(command()))).await;
        let (mut answered, mut failed) = (Vec::new(), Fault::TimedOut);
        for answer in answers {
            match answer {
                Ok(value) => answered.push(value),
                Err(fault) => failed = fault,
            }
        }
        match self.is_majority(answered.len()) {
            true => Ok(answered),
            false => Err(failed),
        }
    }

    fn is_majority(&self, servers: usize) -> bool {
        servers > self.servers.len() / 2
    }

    /// A token that a majority has accepted as the highest.
    async fn token(&self, name: &str) -> Result<u64, Fault> {
        let key = keys::lease_token(name);
        let mut token = u64::try_from(SystemClock.now().as_microsecond()).unwrap_or(1);
        for _ in 0..PROPOSALS {
            let propose = || {
                let mut call = scripts::FENCE.call(&[&key]);
                call.arg(token);
                call
            };
            let answers = self.ask(propose).await?;
            let higher: Vec<Option<u64>> = answers
                .into_iter()
                .map(redis::from_redis_value)
                .collect::<Result<_, _>>()
                .map_err(Fault::damaged)?;
            if self.is_majority(higher.iter().filter(|last| last.is_none()).count()) {
                return Ok(token);
            }
            token = higher.into_iter().flatten().fold(token, u64::max) + 1;
        }
        Err(Fault::TimedOut)
    }

    /// Why a lock was not to be had: `Ok` if it is somebody else's, an error if too few servers answered.
    async fn why_not(&self, error: LockError) -> Result<(), Fault> {
        match error {
            // The library says this also of servers that do not answer.
            LockError::Unavailable => self.ask(|| redis::cmd("PING")).await.map(|_| ()),
            LockError::Redis(error) => Err(error.into()),
            _ => Err(Fault::TimedOut),
        }
    }

    /// The lock behind a lease, if it was granted to this process and nothing newer was.
    fn lock_of(&self, lease: &Lease) -> Option<Lock> {
        let held = self.held();
        let held = held.get(&lease.name).filter(|held| held.token == lease.token)?;
        Some(Lock {
            resource: keys::lease(&lease.name).into_bytes(),
            val: held.secret.clone(),
            validity_time: 0,
            lock_manager: self.locks.clone(),
        })
    }

    fn forget(&self, lease: &Lease) {
        let mut held = self.held();
        if held
            .get(&lease.name)
            .is_some_and(|held| held.token == lease.token)
        {
            held.remove(&lease.name);
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends in time, whatever the library and the servers do.
async fn in_time<T>(step: impl Future<Output = T>) -> Result<T, Fault> {
    tokio::time::timeout(DEADLINE, step)
        .await
        .map_err(|_| Fault::TimedOut)
}

/// Until when a lock that was just set is good, by this process' clock.
fn until(lock: &Lock) -> Timestamp {
    let good_for = u64::try_from(lock.validity_time).unwrap_or(0);
    let until = SystemClock.now().checked_add(Duration::from_millis(good_for));
    until.unwrap_or(Timestamp::MAX)
}

#[async_trait]
impl Leases for RedlockLeases {
    async fn acquire(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let key = keys::lease(name);
        let lock = match in_time(self.locks.lock(key.as_str(), ttl.max(SHORTEST))).await? {
            Ok(lock) => lock,
            Err(error) => {
                self.why_not(error).await?;
                return Ok(None);
            }
        };
        // The library has taken off what it took to set the key.
        let until = until(&lock);
        let token = match self.token(name).await {
            Ok(token) => token,
            Err(fault) => {
                // Nobody will use it. Where this fails too, it runs out.
                let _ = in_time(self.locks.unlock(&lock)).await;
                return Err(fault.into());
            }
        };
        let secret = lock.val;
        self.held().insert(name.to_owned(), Held { token, secret });
        Ok(Some(Lease {
            name: name.to_owned(),
            holder: holder.to_owned(),
            token,
            until,
        }))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let Some(lock) = self.lock_of(lease) else {
            return Ok(None);
        };
        match in_time(self.locks.extend(&lock, ttl.max(SHORTEST))).await? {
            Ok(lock) => Ok(Some(Lease {
                until: until(&lock),
                ..lease.clone()
            })),
            Err(error) => {
                self.why_not(error).await?;
                self.forget(lease);
                Ok(None)
            }
        }
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        if let Some(lock) = self.lock_of(lease) {
            self.forget(lease);
            in_time(self.locks.unlock(&lock)).await?;
        }
        Ok(())
    }
}
