//! What one user has, over all events.

use super::keys::Keys;
use crate::domain::{Booking, BookingId, Entry, EntryId, EventId, IdempotencyKey, KeyUse, UserId};
use hashbrown::HashMap;
use smallvec::SmallVec;
use std::sync::Arc;

/// A user's bookings and entries.
///
/// Nearly every user has a few bookings: what must be known of them (tickets, keys) is then read off the
/// bookings themselves. Only beyond [`FEW`](Self::FEW) is it kept apart, so that a walk over many is not taken
/// again and again.
#[derive(Default)]
pub(super) struct Owner {
    /// In ascending order of their ids, which stand beside them to be compared without a walk to each.
    bookings: SmallVec<[(BookingId, Arc<Booking>); 1]>,
    more: Option<Box<More>>,
}

/// What only some users have.
#[derive(Default)]
struct More {
    /// In ascending order of their ids. Their keys are in [`Keys`].
    entries: Vec<(EntryId, Arc<Entry>)>,
    /// Of a user who has or had many bookings.
    many: Option<Many>,
}

/// What is kept apart for a user with many bookings, whose keys are in [`Keys`] too.
#[derive(Default)]
struct Many {
    /// The tickets of the bookings that take capacity, of the events that it was ever asked for: most events
    /// have no limit, and nobody asks.
    tickets: HashMap<EventId, u32>,
}

impl Owner {
    const FEW: usize = 8;

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.bookings.is_empty() && self.more.as_ref().is_none_or(|more| more.entries.is_empty())
    }

    /// The bookings before this one, newest first, at most `limit`.
    pub(super) fn newest_bookings(
        &self,
        before: Option<BookingId>,
        limit: usize,
    ) -> Vec<(BookingId, EventId)> {
        let end = before.map_or(self.bookings.len(), |before| self.place(before));
        let newest = self.bookings[..end].iter().rev().take(limit);
        newest.map(|(id, booking)| (*id, booking.event_id)).collect()
    }

    /// The entries before this one, newest first, at most `limit`.
    pub(super) fn newest_entries(&self, before: Option<EntryId>, limit: usize) -> Vec<(EntryId, EventId)> {
        let all = self.more.as_ref().map_or(&[][..], |more| &more.entries);
        let end = before.map_or(all.len(), |before| all.partition_point(|(id, _)| *id < before));
        let newest = all[..end].iter().rev().take(limit);
        newest.map(|(id, entry)| (*id, entry.event_id)).collect()
    }

    /// Tickets of the bookings of the event that take capacity.
    pub(super) fn tickets(&mut self, event: EventId) -> u32 {
        let bookings = &self.bookings;
        let count = || {
            let all = bookings.iter().map(|(_, booking)| booking);
            let theirs = all.filter(|booking| booking.event_id == event);
            theirs.map(|booking| tickets_of(booking)).sum()
        };
        match self.more.as_mut().and_then(|more| more.many.as_mut()) {
            Some(many) => *many.tickets.entry(event).or_insert_with(count),
            None => count(),
        }
    }

    /// What a key was used for at the event.
    pub(super) fn key(
        &self,
        event: EventId,
        user: UserId,
        key: &IdempotencyKey,
        keys: &Keys,
    ) -> Option<KeyUse> {
        if !self.has_many()
            && let Some((id, _)) = self
                .bookings
                .iter()
                .find(|(_, booking)| has_key(booking, event, key))
        {
            return Some(KeyUse::Booking(*id));
        }
        self.more.as_ref()?;
        keys.get(keys.hash(event, user, key), |used| self.made(used, event, key))
    }

    /// Whether this was made with the key.
    fn made(&self, used: KeyUse, event: EventId, key: &IdempotencyKey) -> bool {
        match used {
            KeyUse::Booking(id) => {
                let found = self.bookings.get(self.place(id));
                found.is_some_and(|(_, booking)| booking.id == id && has_key(booking, event, key))
            }
            KeyUse::Entry(id) => {
                let entries = self.more.as_ref().map_or(&[][..], |more| &more.entries);
                let found = entries.binary_search_by_key(&id, |(id, _)| *id);
                let entry = found.ok().and_then(|place| entries.get(place));
                entry.is_some_and(|(_, entry)| {
                    entry.event_id == event && entry.key.as_ref().is_some_and(|(used, _)| used == key)
                })
            }
        }
    }

    /// Adds a booking, unless its key was used for its event before.
    pub(super) fn add_booking(&mut self, booking: &Arc<Booking>, keys: &Keys) -> bool {
        if !self.has_many() && self.bookings.len() == Self::FEW {
            self.keep_apart(keys);
        }
        let (event, user) = (booking.event_id, booking.user_id);
        if let Some((key, _)) = &booking.key {
            let is_new = if self.has_many() {
                let hash = keys.hash(event, user, key);
                keys.claim(hash, KeyUse::Booking(booking.id), |used| {
                    self.made(used, event, key)
                })
            } else {
                self.key(event, user, key, keys).is_none()
            };
            if !is_new {
                return false;
            }
        }
        self.count(event, 0, tickets_of(booking));
        let place = self.place(booking.id);
        self.bookings.insert(place, (booking.id, Arc::clone(booking)));
        true
    }

    /// Takes back [`add_booking`](Self::add_booking).
    pub(super) fn remove_booking(&mut self, booking: &Booking, keys: &Keys) {
        let (event, user) = (booking.event_id, booking.user_id);
        self.count(event, tickets_of(booking), 0);
        if self.has_many()
            && let Some((key, _)) = &booking.key
        {
            keys.remove(keys.hash(event, user, key), KeyUse::Booking(booking.id));
        }
        let place = self.place(booking.id);
        self.bookings.remove(place);
    }

    /// Takes note of how a booking now stands.
    pub(super) fn change_booking(&mut self, booking: &Arc<Booking>) {
        let place = self.place(booking.id);
        let Some((_, stored)) = self.bookings.get_mut(place) else {
            return;
        };
        let before = std::mem::replace(stored, Arc::clone(booking));
        self.count(booking.event_id, tickets_of(&before), tickets_of(booking));
    }

    /// Adds an entry, unless its key was used for its event before.
    pub(super) fn add_entry(&mut self, entry: &Arc<Entry>, keys: &Keys) -> bool {
        let (event, user) = (entry.event_id, entry.user_id);
        if let Some((key, _)) = &entry.key {
            if self.key(event, user, key, keys).is_some() {
                return false;
            }
            let hash = keys.hash(event, user, key);
            keys.claim(hash, KeyUse::Entry(entry.id), |used| self.made(used, event, key));
        }
        let entries = &mut self.more.get_or_insert_default().entries;
        let place = entries.partition_point(|(id, _)| *id < entry.id);
        entries.insert(place, (entry.id, Arc::clone(entry)));
        true
    }

    /// Takes back [`add_entry`](Self::add_entry).
    pub(super) fn remove_entry(&mut self, entry: &Entry, keys: &Keys) {
        if let Some((key, _)) = &entry.key {
            let hash = keys.hash(entry.event_id, entry.user_id, key);
            keys.remove(hash, KeyUse::Entry(entry.id));
        }
        if let Some(more) = &mut self.more {
            more.entries.retain(|(id, _)| *id != entry.id);
        }
    }

    /// Begins to keep apart what is asked of many bookings.
    fn keep_apart(&mut self, keys: &Keys) {
        for (_, booking) in &self.bookings {
            if let Some((key, _)) = &booking.key {
                let hash = keys.hash(booking.event_id, booking.user_id, key);
                keys.claim(hash, KeyUse::Booking(booking.id), |_| false);
            }
        }
        self.more.get_or_insert_default().many = Some(Many::default());
    }

    fn has_many(&self) -> bool {
        self.more.as_ref().is_some_and(|more| more.many.is_some())
    }

    /// Replaces so many tickets by so many others, where they are kept apart.
    fn count(&mut self, event: EventId, before: u32, after: u32) {
        let many = self.more.as_mut().and_then(|more| more.many.as_mut());
        if let Some(total) = many.and_then(|many| many.tickets.get_mut(&event)) {
            *total = total.saturating_sub(before) + after;
        }
    }

    /// Where a booking is, or belongs: nearly always among the last few.
    fn place(&self, id: BookingId) -> usize {
        const LAST: usize = 16;
        let from_end = self.bookings.iter().rev().take(LAST);
        match from_end.take_while(|(other, _)| *other >= id).count() {
            LAST => self.bookings.partition_point(|(other, _)| *other < id),
            behind => self.bookings.len() - behind,
        }
    }
}

fn tickets_of(booking: &Booking) -> u32 {
    if booking.status.takes_capacity() {
        booking.quantity()
    } else {
        0
    }
}

fn has_key(booking: &Booking, event: EventId, key: &IdempotencyKey) -> bool {
    booking.event_id == event && booking.key.as_ref().is_some_and(|(used, _)| used == key)
}
