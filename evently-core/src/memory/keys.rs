//! What keys were used for, where that is not read off a few bookings.

use super::shards::Shards;
use crate::domain::{EventId, IdempotencyKey, KeyUse, UserId};
use hashbrown::hash_table::HashTable;
use std::num::NonZero;

/// The keys of entries, and of the bookings of owners who have many. In shards of their own, so that one owner's
/// million keys are no more in one table than a million owners'.
///
/// A table has only what a key made, beside the key's hash: the key itself is read off that booking or entry. Memory
/// is what bookings cost most, and keys would be the half of it.
#[derive(Default)]
pub(super) struct Keys(Shards<HashTable<(KeyHash, KeyUse)>, 256>);

/// The hash of a key with its user and event. Not zero, so that where there may be none costs no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyHash(NonZero<u64>);

/// A key of a user's that is asked for at an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct AskedKey<'a> {
    pub(super) event: EventId,
    pub(super) key: &'a IdempotencyKey,
    pub(super) hash: KeyHash,
}

impl Keys {
    /// The question for a key.
    pub(super) fn ask<'a>(&self, event: EventId, user: UserId, key: &'a IdempotencyKey) -> AskedKey<'a> {
        let hash = self.0.hash(&(event, user, key));
        AskedKey {
            event,
            key,
            hash: KeyHash(NonZero::new(hash).unwrap_or(NonZero::<u64>::MIN)),
        }
    }

    /// What a key was used for. `made` tells whether this was made with that very key.
    pub(super) fn get(&self, hash: KeyHash, made: impl Fn(KeyUse) -> bool) -> Option<KeyUse> {
        let table = self.0.at(hash.0.get());
        let found = table.find(hash.0.get(), |(other, used)| *other == hash && made(*used));
        found.map(|(_, used)| *used)
    }

    /// Notes what a key is used for, which has not been used before.
    pub(super) fn add(&self, hash: KeyHash, used: KeyUse) {
        let mut table = self.0.at(hash.0.get());
        table.insert_unique(hash.0.get(), (hash, used), |(hash, _)| hash.0.get());
    }

    /// Forgets that a key was used for this.
    pub(super) fn remove(&self, hash: KeyHash, used: KeyUse) {
        let mut table = self.0.at(hash.0.get());
        if let Ok(found) = table.find_entry(hash.0.get(), |row| *row == (hash, used)) {
            found.remove();
        }
    }
}
