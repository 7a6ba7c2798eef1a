//! What keys were used for, where that is not read off a few bookings.

use super::shards::Shards;
use crate::domain::{EventId, IdempotencyKey, KeyUse, UserId};
use hashbrown::hash_table::{Entry as Slot, HashTable};

/// The keys of entries, and of the bookings of owners who have many. In shards of their own, so that one owner's
/// million keys are no more in one table than a million owners'.
///
/// A table has only what a key made, beside the key's hash: the key itself is read off that booking or entry,
/// which its owner knows. Memory is what bookings cost most, and keys would be the half of it.
#[derive(Default)]
pub(super) struct Keys(Shards<HashTable<(KeyHash, KeyUse)>, 256>);

/// The hash of a key with its user and event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KeyHash(u64);

impl Keys {
    /// The hash under which a key is found.
    pub(super) fn hash(&self, event: EventId, user: UserId, key: &IdempotencyKey) -> KeyHash {
        KeyHash(self.0.hash(&(event, user, key)))
    }

    /// What a key was used for. `made` tells whether this was made with that very key.
    pub(super) fn get(&self, hash: KeyHash, made: impl Fn(KeyUse) -> bool) -> Option<KeyUse> {
        let table = self.0.at(hash.0);
        let found = table.find(hash.0, |(other, used)| *other == hash && made(*used));
        found.map(|(_, used)| *used)
    }

    /// Notes what a key is used for, unless it has been used.
    pub(super) fn claim(&self, hash: KeyHash, used: KeyUse, made: impl Fn(KeyUse) -> bool) -> bool {
        let mut table = self.0.at(hash.0);
        let is_same = |(other, used): &(KeyHash, KeyUse)| *other == hash && made(*used);
        match table.entry(hash.0, is_same, |(hash, _)| hash.0) {
            Slot::Occupied(_) => false,
            Slot::Vacant(slot) => {
                slot.insert((hash, used));
                true
            }
        }
    }

    /// Forgets that a key was used for this.
    pub(super) fn remove(&self, hash: KeyHash, used: KeyUse) {
        let mut table = self.0.at(hash.0);
        if let Ok(found) = table.find_entry(hash.0, |row| *row == (hash, used)) {
            found.remove();
        }
    }
}
