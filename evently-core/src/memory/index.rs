//! What is found by id, by owner or by key, over all events, in shards.
//!
//! Shards keep the maps small (growing one is never a long pause) and apart (two lanes hardly ever meet). What
//! the index says of one event changes only under that event's lock: whoever holds it sees the index and the
//! event agree. What it must read of a booking it reads off the event's rows. The order of locks: an owner's shard,
//! then a key's.

use super::ascending::Ascending;
use super::keys::Keys;
use super::owner::Owners;
use super::row::Rows;
use super::shards::Shards;
use crate::domain::{Booking, BookingId, Entry, EntryId, EventId, IdempotencyKey, KeyUse, UserId};
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
    bookings: Shards<Ascending<BookingId, EventId>, 16>,
    entries: Shards<Ascending<EntryId, EventId>, 16>,
    owners: Shards<Owners, 256>,
    keys: Keys,
}

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
        let asked = self.keys.ask(event, user, key);
        self.owners.of(&user).key(user, asked, rows, &self.keys)
    }

    /// Adds a new booking, which the event's rows have already, or nothing at all.
    ///
    /// It cannot be seen before the event's lock is let go: all who find it here look for it there.
    pub(super) fn add_booking(&self, booking: &Booking, rows: &Rows) -> Result<(), Taken> {
        if !self.bookings.of(&booking.id).insert(booking.id, booking.event_id) {
            return Err(Taken::Id);
        }
        let mut owners = self.owners.of(&booking.user_id);
        if owners.add_booking(booking, rows, &self.keys) {
            return Ok(());
        }
        drop(owners);
        self.bookings.of(&booking.id).remove(&booking.id);
        Err(Taken::Key)
    }

    /// Takes back [`add_booking`](Self::add_booking), while the rows have it still.
    pub(super) fn remove_booking(&self, booking: &Booking, rows: &Rows) {
        self.bookings.of(&booking.id).remove(&booking.id);
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
