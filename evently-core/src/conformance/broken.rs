//! Stores with one bug each. The suite is worth its name only if it finds every one of them.

use super::wrap::{Meddle, Wrapped};
use crate::domain::{Booking, BookingStatus, Entry};
use crate::ledger::{Changes, Need, Revision, Snapshot, Standing};
use crate::store::{Committed, Conflict, Store, StoreError};
use async_trait::async_trait;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// A bug, and how a store gets it.
#[derive(Debug, Clone, Copy)]
pub struct Mutant {
    /// What is wrong with the store.
    pub name: &'static str,
    /// Puts the bug around a store.
    pub infect: fn(Arc<dyn Store>) -> Arc<dyn Store>,
}

/// Every bug.
pub const MUTANTS: [Mutant; 11] = [
    mutant("commits whatever the version", |store| {
        wrap(store, NoVersionCheck)
    }),
    mutant("takes one writer's commit for another's", |store| {
        wrap(store, NoWriterCheck)
    }),
    mutant("checks the version, then writes", |store| {
        wrap(store, CheckThenWrite)
    }),
    mutant("counts what frees twice", |store| wrap(store, DoubleFree)),
    mutant("forgets idempotency keys", |store| wrap(store, LostKeys)),
    mutant("acknowledges before it commits", |store| {
        wrap(store, EarlyAcknowledgement::default())
    }),
    mutant("stores bookings without the waitlist", |store| {
        wrap(store, HalfCommit)
    }),
    mutant("forgets which seats are taken", |store| wrap(store, LostSeats)),
    mutant("forgets what users have", |store| wrap(store, BlindStandings)),
    mutant("forgets what is due", |store| wrap(store, NothingDue)),
    mutant("takes one event's conflict for all", |store| {
        wrap(store, SharedConflict)
    }),
];

const fn mutant(name: &'static str, infect: fn(Arc<dyn Store>) -> Arc<dyn Store>) -> Mutant {
    Mutant { name, infect }
}

fn wrap(store: Arc<dyn Store>, bug: impl Meddle) -> Arc<dyn Store> {
    Arc::new(Wrapped::new(store, bug))
}

/// Where an event stands.
async fn revision(store: &dyn Store, changes: &Changes) -> Result<Revision, StoreError> {
    let loaded = store.load(&[Need::event(changes.event_id)]).await?;
    Ok(loaded
        .into_iter()
        .flatten()
        .next()
        .map_or(Revision::NONE, |snapshot| snapshot.revision))
}

/// Writes changes on whatever version the event is at.
async fn force(store: &dyn Store, changes: &Changes) -> Result<Committed, StoreError> {
    let mut forced = changes.clone();
    loop {
        forced.expected = revision(store, changes).await?;
        match store.commit(std::slice::from_ref(&forced)).await?[0] {
            Committed::Conflict(Conflict::Version) if forced.expected != Revision::NONE => {}
            answer => return Ok(answer),
        }
    }
}

#[derive(Debug)]
struct NoVersionCheck;

#[async_trait]
impl Meddle for NoVersionCheck {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut answers = Vec::new();
        for part in changes {
            answers.push(force(store, part).await?);
        }
        Ok(answers)
    }
}

#[derive(Debug)]
struct NoWriterCheck;

#[async_trait]
impl Meddle for NoWriterCheck {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut changes = changes.to_vec();
        for part in &mut changes {
            let stored = revision(store, part).await?;
            if stored.version == part.expected.version {
                part.expected.writer = stored.writer;
            }
        }
        store.commit(&changes).await
    }
}

#[derive(Debug)]
struct CheckThenWrite;

#[async_trait]
impl Meddle for CheckThenWrite {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut answers = Vec::new();
        for part in changes {
            if revision(store, part).await? != part.expected {
                answers.push(Committed::Conflict(Conflict::Version));
                continue;
            }
            // The gap: whoever commits now is overwritten.
            tokio::time::sleep(Duration::from_micros(300)).await;
            answers.push(force(store, part).await?);
        }
        Ok(answers)
    }
}

#[derive(Debug)]
struct DoubleFree;

#[async_trait]
impl Meddle for DoubleFree {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut changes = changes.to_vec();
        for part in &mut changes {
            let ended = part
                .changed_bookings
                .iter()
                .filter(|booking| booking.status == BookingStatus::Cancelled);
            for item in ended.flat_map(|booking| &booking.items) {
                let counts = part.counts.iter_mut();
                for count in counts.filter(|count| count.section_id == item.section_id) {
                    count.sold = count.sold.saturating_sub(item.quantity);
                }
            }
        }
        store.commit(&changes).await
    }
}

#[derive(Debug)]
struct LostKeys;

#[async_trait]
impl Meddle for LostKeys {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut changes = changes.to_vec();
        for part in &mut changes {
            for booking in &mut part.new_bookings {
                *booking = Arc::new(Booking {
                    key: None,
                    ..(**booking).clone()
                });
            }
            for entry in &mut part.new_entries {
                *entry = Arc::new(Entry {
                    key: None,
                    ..(**entry).clone()
                });
            }
        }
        store.commit(&changes).await
    }
}

/// Each fifth commit is acknowledged and never happens.
#[derive(Debug, Default)]
struct EarlyAcknowledgement(AtomicU64);

#[async_trait]
impl Meddle for EarlyAcknowledgement {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        if self.0.fetch_add(1, Ordering::SeqCst) % 5 == 4 {
            return Ok(vec![Committed::Done; changes.len()]);
        }
        store.commit(changes).await
    }
}

#[derive(Debug)]
struct HalfCommit;

#[async_trait]
impl Meddle for HalfCommit {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut changes = changes.to_vec();
        for part in &mut changes {
            if !part.new_bookings.is_empty() {
                part.changed_entries.clear();
            }
        }
        store.commit(&changes).await
    }
}

#[derive(Debug)]
struct LostSeats;

#[async_trait]
impl Meddle for LostSeats {
    async fn load(&self, store: &dyn Store, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        let mut loaded = store.load(needs).await?;
        for snapshot in loaded.iter_mut().flatten() {
            if let Some(taken) = &mut snapshot.taken_seats {
                taken.clear();
            }
        }
        Ok(loaded)
    }
}

#[derive(Debug)]
struct BlindStandings;

#[async_trait]
impl Meddle for BlindStandings {
    async fn load(&self, store: &dyn Store, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        let mut loaded = store.load(needs).await?;
        for snapshot in loaded.iter_mut().flatten() {
            for (_, standing) in &mut snapshot.users {
                *standing = Standing::default();
            }
        }
        Ok(loaded)
    }
}

#[derive(Debug)]
struct NothingDue;

#[async_trait]
impl Meddle for NothingDue {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut changes = changes.to_vec();
        for part in &mut changes {
            part.due_at = None;
        }
        store.commit(&changes).await
    }
}

#[derive(Debug)]
struct SharedConflict;

#[async_trait]
impl Meddle for SharedConflict {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut answers = store.commit(changes).await?;
        if let Some(conflict) = answers.iter().copied().find(|answer| *answer != Committed::Done) {
            answers.fill(conflict);
        }
        Ok(answers)
    }
}
