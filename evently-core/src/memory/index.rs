//! What is found by id, by owner or by key, over all events, in shards.
//!
//! Shards keep the maps small (growing one is never a long pause) and apart (two lanes hardly ever meet). What
//! the index says of one event changes only under that event's lock: whoever holds it sees the index and the
//! event agree.

use crate::domain::{Booking, BookingId, Entry, EntryId, EventId, IdempotencyKey, KeyUse, UserId};
use hashbrown::hash_map::Entry as Slot;
use hashbrown::{DefaultHashBuilder, HashMap};
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use std::collections::{BTreeMap, btree_map};
use std::hash::{BuildHasher, Hash};

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
    users: Shards<Users, 256>,
}

/// Ordered, since new ids sort last: inserting them touches the same few nodes over and over, however many
/// there are.
type Ids<Id> = BTreeMap<Id, EventId>;

/// What belongs to some of the users.
#[derive(Default)]
struct Users {
    bookings: HashMap<UserId, Owned<BookingId>>,
    entries: HashMap<UserId, Owned<EntryId>>,
    tickets: HashMap<(EventId, UserId), u32>,
    keys: HashMap<(EventId, UserId, IdempotencyKey), KeyUse>,
}

/// A user's ids in ascending order. New ones nearly always belong at the end.
type Owned<Id> = SmallVec<[(Id, EventId); 1]>;

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
        newest(self.users.of(&user).bookings.get(&user), before, limit)
    }

    /// A user's entries before this one, newest first, at most `limit`.
    pub(super) fn entries_of(
        &self,
        user: UserId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Vec<(EntryId, EventId)> {
        newest(self.users.of(&user).entries.get(&user), before, limit)
    }

    /// Tickets of the user's bookings of the event that take capacity.
    pub(super) fn tickets(&self, event: EventId, user: UserId) -> u32 {
        let users = self.users.of(&user);
        users.tickets.get(&(event, user)).copied().unwrap_or(0)
    }

    /// What the user's key was used for at the event.
    pub(super) fn key(&self, event: EventId, user: UserId, key: &IdempotencyKey) -> Option<KeyUse> {
        let users = self.users.of(&user);
        users.keys.get(&(event, user, key.clone())).copied()
    }

    /// Adds a new booking, or nothing at all. To be called under its event's lock.
    ///
    /// The booking cannot be seen before that lock is let go: all who find it here look for it there.
    pub(super) fn add_booking(&self, booking: &Booking) -> Result<(), Taken> {
        let (id, event, user) = (booking.id, booking.event_id, booking.user_id);
        claim_id(&mut self.bookings.of(&id), id, event)?;
        let mut users = self.users.of(&user);
        if let Some((key, _)) = &booking.key
            && !users.claim_key(event, user, key, KeyUse::Booking(id))
        {
            drop(users);
            self.bookings.of(&id).remove(&id);
            return Err(Taken::Key);
        }
        insert(users.bookings.entry(user).or_default(), id, event);
        if booking.status.takes_capacity() {
            *users.tickets.entry((event, user)).or_default() += booking.quantity();
        }
        Ok(())
    }

    /// Takes back [`add_booking`](Self::add_booking), under the same lock.
    pub(super) fn remove_booking(&self, booking: &Booking) {
        let (id, event, user) = (booking.id, booking.event_id, booking.user_id);
        self.bookings.of(&id).remove(&id);
        let mut users = self.users.of(&user);
        if let Some((key, _)) = &booking.key {
            users.keys.remove(&(event, user, key.clone()));
        }
        remove(&mut users.bookings, user, id);
        if booking.status.takes_capacity() {
            users.take_tickets(event, user, booking.quantity());
        }
    }

    /// Counts what a change of a booking means for its user's tickets. To be called under its event's lock.
    pub(super) fn change_booking(&self, before: &Booking, after: &Booking) {
        let (event, user) = (after.event_id, after.user_id);
        match (before.status.takes_capacity(), after.status.takes_capacity()) {
            (true, false) => self.users.of(&user).take_tickets(event, user, before.quantity()),
            (false, true) => {
                *self.users.of(&user).tickets.entry((event, user)).or_default() += after.quantity();
            }
            _ => {}
        }
    }

    /// Adds a new entry, or nothing at all. To be called under its event's lock.
    pub(super) fn add_entry(&self, entry: &Entry) -> Result<(), Taken> {
        let (id, event, user) = (entry.id, entry.event_id, entry.user_id);
        claim_id(&mut self.entries.of(&id), id, event)?;
        let mut users = self.users.of(&user);
        if let Some((key, _)) = &entry.key
            && !users.claim_key(event, user, key, KeyUse::Entry(id))
        {
            drop(users);
            self.entries.of(&id).remove(&id);
            return Err(Taken::Key);
        }
        insert(users.entries.entry(user).or_default(), id, event);
        Ok(())
    }

    /// Takes back [`add_entry`](Self::add_entry), under the same lock.
    pub(super) fn remove_entry(&self, entry: &Entry) {
        let (id, event, user) = (entry.id, entry.event_id, entry.user_id);
        self.entries.of(&id).remove(&id);
        let mut users = self.users.of(&user);
        if let Some((key, _)) = &entry.key {
            users.keys.remove(&(event, user, key.clone()));
        }
        remove(&mut users.entries, user, id);
    }
}

impl Users {
    /// Notes what a key is used for, unless it has been used.
    fn claim_key(&mut self, event: EventId, user: UserId, key: &IdempotencyKey, used: KeyUse) -> bool {
        match self.keys.entry((event, user, key.clone())) {
            Slot::Occupied(_) => false,
            Slot::Vacant(slot) => {
                slot.insert(used);
                true
            }
        }
    }

    fn take_tickets(&mut self, event: EventId, user: UserId, quantity: u32) {
        if let Slot::Occupied(mut tickets) = self.tickets.entry((event, user)) {
            *tickets.get_mut() = tickets.get().saturating_sub(quantity);
            if *tickets.get() == 0 {
                tickets.remove();
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

fn insert<Id: Ord + Copy>(owned: &mut Owned<Id>, id: Id, event: EventId) {
    let at = match owned.last() {
        Some((last, _)) if *last > id => owned.partition_point(|(other, _)| *other < id),
        _ => owned.len(),
    };
    owned.insert(at, (id, event));
}

fn remove<Id: Ord + Copy>(owned: &mut HashMap<UserId, Owned<Id>>, user: UserId, id: Id) {
    if let Slot::Occupied(mut list) = owned.entry(user) {
        list.get_mut().retain(|(other, _)| *other != id);
        if list.get().is_empty() {
            list.remove();
        }
    }
}

fn newest<Id: Ord + Copy>(owned: Option<&Owned<Id>>, before: Option<Id>, limit: usize) -> Vec<(Id, EventId)> {
    let all = owned.map_or(&[][..], SmallVec::as_slice);
    let end = before.map_or(all.len(), |before| all.partition_point(|(id, _)| *id < before));
    all[..end].iter().rev().take(limit).copied().collect()
}

/// `N` parts, each behind its own lock; a key always belongs to the same one.
struct Shards<T, const N: usize> {
    parts: Box<[Part<T>]>,
    hasher: DefaultHashBuilder,
}

/// Alone on its cache lines, so that two threads in neighbouring parts do not slow each other down.
#[derive(Default)]
#[repr(align(128))]
struct Part<T>(Mutex<T>);

impl<T: Default, const N: usize> Default for Shards<T, N> {
    fn default() -> Self {
        Self {
            parts: (0..N).map(|_| Part::default()).collect(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<T, const N: usize> Shards<T, N> {
    fn of(&self, key: &impl Hash) -> MutexGuard<'_, T> {
        let hash = self.hasher.hash_one(key) % N as u64;
        #[expect(clippy::cast_possible_truncation, reason = "less than N, which is a usize")]
        self.parts[hash as usize].0.lock()
    }
}
