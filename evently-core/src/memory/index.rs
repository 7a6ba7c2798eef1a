//! What is found by id, by owner or by key, over all events, in shards.
//!
//! Shards keep the maps small (growing one is never a long pause) and apart (two lanes hardly ever meet). What
//! the index says of one event changes only under that event's lock: whoever holds it sees the index and the
//! event agree. The order of locks: an owner's shard, then a key's.

use super::keys::Keys;
use super::owner::Owner;
use super::shards::Shards;
use crate::domain::{Booking, BookingId, Entry, EntryId, EventId, IdempotencyKey, KeyUse, UserId};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry as Slot;
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

/// Why a booking or an entry cannot be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// Its id is in use.
    Id,
    /// Its user has used its key for the event before.
    Key,
}

/// What is found by id, by owner or by key.
#[derive(Default)]
pub(super) struct Index {
    bookings: Shards<Ids<BookingId>, 16>,
    entries: Shards<Ids<EntryId>, 16>,
    owners: Shards<HashMap<UserId, Owner>, 256>,
    keys: Keys,
}

/// Ordered, since new ids sort last: inserting them touches the same few nodes over and over, however many
/// there are.
type Ids<Id> = BTreeMap<Id, EventId>;

impl Index {
    /// The event of a booking, as far as is known: it is that event's state that has the booking or not.
    pub(super) fn event_of_booking(&self, id: BookingId) -> Option<EventId> {
        self.bookings.of(&id).get(&id).copied()
    }

    /// The event of an entry, as far as is known.
    pub(super) fn event_of_entry(&self, id: EntryId) -> Option<EventId> {
        self.entries.of(&id).get(&id).copied()
    }

    /// A user's bookings before this one, newest first, at most `limit`.
    pub(super) fn bookings_of(
        &self,
        user: UserId,
        before: Option<BookingId>,
        limit: usize,
    ) -> Vec<(BookingId, EventId)> {
        let owners = self.owners.of(&user);
        let owner = owners.get(&user);
        owner.map_or_else(Vec::new, |owner| owner.newest_bookings(before, limit))
    }

    /// A user's entries before this one, newest first, at most `limit`.
    pub(super) fn entries_of(
        &self,
        user: UserId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Vec<(EntryId, EventId)> {
        let owners = self.owners.of(&user);
        let owner = owners.get(&user);
        owner.map_or_else(Vec::new, |owner| owner.newest_entries(before, limit))
    }

    /// Tickets of the user's bookings of the event that take capacity.
    pub(super) fn tickets(&self, event: EventId, user: UserId) -> u32 {
        let mut owners = self.owners.of(&user);
        owners.get_mut(&user).map_or(0, |owner| owner.tickets(event))
    }

    /// What the user's key was used for at the event.
    pub(super) fn key(&self, event: EventId, user: UserId, key: &IdempotencyKey) -> Option<KeyUse> {
        let owners = self.owners.of(&user);
        owners.get(&user)?.key(event, user, key, &self.keys)
    }

    /// Adds a new booking, or nothing at all. To be called under its event's lock.
    ///
    /// The booking cannot be seen before that lock is let go: all who find it here look for it there.
    pub(super) fn add_booking(&self, booking: &Arc<Booking>) -> Result<(), Taken> {
        claim_id(&mut self.bookings.of(&booking.id), booking.id, booking.event_id)?;
        let mut owners = self.owners.of(&booking.user_id);
        let owner = owners.entry(booking.user_id).or_default();
        if owner.add_booking(booking, &self.keys) {
            return Ok(());
        }
        drop(owners);
        self.bookings.of(&booking.id).remove(&booking.id);
        Err(Taken::Key)
    }

    /// Takes back [`add_booking`](Self::add_booking), under the same lock.
    pub(super) fn remove_booking(&self, booking: &Booking) {
        self.bookings.of(&booking.id).remove(&booking.id);
        self.with_owner(booking.user_id, |owner| owner.remove_booking(booking, &self.keys));
    }

    /// Notes a booking's change. To be called under its event's lock.
    pub(super) fn change_booking(&self, booking: &Arc<Booking>) {
        self.with_owner(booking.user_id, |owner| owner.change_booking(booking));
    }

    /// Adds a new entry, or nothing at all. To be called under its event's lock.
    pub(super) fn add_entry(&self, entry: &Arc<Entry>) -> Result<(), Taken> {
        claim_id(&mut self.entries.of(&entry.id), entry.id, entry.event_id)?;
        let mut owners = self.owners.of(&entry.user_id);
        let owner = owners.entry(entry.user_id).or_default();
        if owner.add_entry(entry, &self.keys) {
            return Ok(());
        }
        drop(owners);
        self.entries.of(&entry.id).remove(&entry.id);
        Err(Taken::Key)
    }

    /// Takes back [`add_entry`](Self::add_entry), under the same lock.
    pub(super) fn remove_entry(&self, entry: &Entry) {
        self.entries.of(&entry.id).remove(&entry.id);
        self.with_owner(entry.user_id, |owner| owner.remove_entry(entry, &self.keys));
    }

    fn with_owner(&self, user: UserId, change: impl FnOnce(&mut Owner)) {
        if let Slot::Occupied(mut owner) = self.owners.of(&user).entry(user) {
            change(owner.get_mut());
            if owner.get().is_empty() {
                owner.remove();
            }
        }
    }
}

fn claim_id<Id: Ord>(ids: &mut Ids<Id>, id: Id, event: EventId) -> Result<(), Taken> {
    match ids.entry(id) {
        btree_map::Entry::Occupied(_) => Err(Taken::Id),
        btree_map::Entry::Vacant(slot) => {
            slot.insert(event);
            Ok(())
        }
    }
}
