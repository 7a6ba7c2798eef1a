//! What is found by id, by owner or by key, over all events, in shards.
//!
//! Shards keep the maps of owners small (growing one is never a long pause) and apart (two lanes hardly ever meet).
//! Bookings' ids are in one map, which is locked once for all the new ones of a commit: each lock waits for the
//! processor's writes before it, and these are to memory that no cache has.
//!
//! What the index says of one event changes only under that event's lock: whoever holds it sees the index and the
//! event agree. What it must read of a booking it reads off the event's rows. The order of locks: an owner's shard,
//! then a key's.

use super::ascending::Ascending;
use super::keys::{AskedKey, Keys};
use super::owner::Owners;
use super::row::Rows;
use super::shards::Shards;
use crate::domain::{Booking, BookingId, Entry, EntryId, EventId, IdempotencyKey, KeyUse, UserId};
use parking_lot::Mutex;
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
    bookings: Mutex<Ascending<BookingId, EventId>>,
    entries: Shards<Ascending<EntryId, EventId>, 16>,
    owners: Shards<Owners, 256>,
    keys: Keys,
}

impl Index {
    /// The event of a booking, as far as is known: it is that event's state that has the booking or not.
    pub(super) fn event_of_booking(&self, id: BookingId) -> Option<EventId> {
        self.bookings.lock().get(&id).copied()
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
    ) -> Vec<BookingId> {
        self.owners.of(&user).newest_bookings(user, before, limit)
    }

    /// A user's entries before this one, newest first, at most `limit`.
    pub(super) fn entries_of(
        &self,
        user: UserId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Vec<(EntryId, EventId)> {
        self.owners.of(&user).newest_entries(user, before, limit)
    }

    /// Tickets of the user's bookings of the event that take capacity.
    pub(super) fn tickets(&self, event: EventId, user: UserId, rows: &Rows) -> u32 {
        self.owners.of(&user).tickets(event, user, rows)
    }

    /// What the user's key was used for at the event.
    pub(super) fn key(
        &self,
        event: EventId,
        user: UserId,
        key: &IdempotencyKey,
        rows: &Rows,
    ) -> Option<KeyUse> {
        let asked = AskedKey { event, user, key };
        self.owners.of(&user).key(user, asked, rows, &self.keys)
    }

    /// Adds new bookings, but for what their owners have; whether no id was in use. If one was, nothing is added.
    ///
    /// They cannot be seen before their events' locks are let go: all who find one here look for it there.
    pub(super) fn add_bookings<'a>(&self, new: impl Iterator<Item = &'a Arc<Booking>> + Clone) -> bool {
        let mut bookings = self.bookings.lock();
        let mut add = |booking: &Arc<Booking>| bookings.insert(booking.id, booking.event_id);
        let Some(used) = new.clone().position(|booking| !add(booking)) else {
            return true;
        };
        for booking in new.take(used) {
            bookings.remove(&booking.id);
        }
        false
    }

    /// Takes back [`add_bookings`](Self::add_bookings).
    pub(super) fn remove_bookings<'a>(&self, bookings: impl Iterator<Item = &'a Arc<Booking>>) {
        let mut all = self.bookings.lock();
        for booking in bookings {
            all.remove(&booking.id);
        }
    }

    /// Adds a new booking to what its owner has, unless its key was used for its event before; whether it did. The
    /// event's rows have it already.
    pub(super) fn add_to_owner(&self, booking: &Booking, rows: &Rows) -> bool {
        let mut owners = self.owners.of(&booking.user_id);
        owners.add_booking(booking, rows, &self.keys)
    }

    /// Takes back [`add_to_owner`](Self::add_to_owner), while the rows have it still.
    pub(super) fn remove_from_owner(&self, booking: &Booking, rows: &Rows) {
        let mut owners = self.owners.of(&booking.user_id);
        owners.remove_booking(booking, rows, &self.keys);
    }

    /// Notes that a booking of the user's takes other capacity of the event than before.
    pub(super) fn count(&self, event: EventId, user: UserId, before: u32, after: u32) {
        if before != after {
            self.owners.of(&user).count(event, user, before, after);
        }
    }

    /// Adds a new entry, or nothing at all.
    pub(super) fn add_entry(&self, entry: &Arc<Entry>, rows: &Rows) -> Result<(), Taken> {
        if !self.entries.of(&entry.id).insert(entry.id, entry.event_id) {
            return Err(Taken::Id);
        }
        let mut owners = self.owners.of(&entry.user_id);
        if owners.add_entry(entry, rows, &self.keys) {
            return Ok(());
        }
        drop(owners);
        self.entries.of(&entry.id).remove(&entry.id);
        Err(Taken::Key)
    }

    /// Takes back [`add_entry`](Self::add_entry).
    pub(super) fn remove_entry(&self, entry: &Entry) {
        self.entries.of(&entry.id).remove(&entry.id);
        let mut owners = self.owners.of(&entry.user_id);
        owners.remove_entry(entry, &self.keys);
    }
}
