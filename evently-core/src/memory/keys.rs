//! What keys were used for, where that is not read off a few bookings.

use super::shards::Shards;
use crate::domain::{Booking, Entry, EventId, IdempotencyKey, KeyUse, UserId};
use hashbrown::hash_table::HashTable;

/// The keys of entries, and of the later bookings of owners who have many. In shards of their own, so that one owner's
/// million keys are no more in one table than a million owners'.
///
/// A table has only what a key made, beside the key's hash: the key itself is read off that booking or entry. Memory
/// is what bookings cost most, and keys would be the half of it.
#[derive(Default)]
pub(super) struct Keys(Shards<HashTable<(u64, KeyUse)>, 256>);

/// A user's key at an event.
#[derive(Debug, Clone, Copy, Hash)]
pub(super) struct AskedKey<'a> {
    pub(super) event: EventId,
    pub(super) user: UserId,
    pub(super) key: &'a IdempotencyKey,
}

impl<'a> AskedKey<'a> {
    pub(super) fn of_booking(booking: &'a Booking) -> Option<Self> {
        let (key, _) = booking.key.as_ref()?;
        Some(Self {
            event: booking.event_id,
            user: booking.user_id,
            key,
        })
    }

    pub(super) fn of_entry(entry: &'a Entry) -> Option<Self> {
        let (key, _) = entry.key.as_ref()?;
        Some(Self {
            event: entry.event_id,
            user: entry.user_id,
            key,
        })
    }
}

impl Keys {
    /// What a key was used for. `made` tells whether this was made with that very key.
    pub(super) fn get(&self, asked: AskedKey<'_>, made: impl Fn(KeyUse) -> bool) -> Option<KeyUse> {
        let hash = self.0.hash(&asked);
        let table = self.0.at(hash);
        let found = table.find(hash, |(other, used)| *other == hash && made(*used));
        found.map(|(_, used)| *used)
    }

    /// Notes what a key is used for, which has not been used before.
    pub(super) fn add(&self, asked: AskedKey<'_>, used: KeyUse) {
        let hash = self.0.hash(&asked);
        let mut table = self.0.at(hash);
        table.insert_unique(hash, (hash, used), |(hash, _)| *hash);
    }

    /// Forgets that a key was used for this.
    pub(super) fn remove(&self, asked: AskedKey<'_>, used: KeyUse) {
        let hash = self.0.hash(&asked);
        let mut table = self.0.at(hash);
        if let Ok(found) = table.find_entry(hash, |row| *row == (hash, used)) {
            found.remove();
        }
    }
}
