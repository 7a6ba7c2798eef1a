//! What users have, over all events.

use super::keys::{AskedKey, Keys};
use super::row::{Row, Rows};
use crate::domain::{Booking, BookingId, Entry, EntryId, EventId, KeyUse, UserId};
use hashbrown::HashMap;
use hashbrown::hash_map::Entry as Slot;
use std::slice;
use std::sync::Arc;

/// The users of one shard who have anything.
///
/// What a user has at an event is read off that event's rows: it is asked for under that event's lock.
#[derive(Default)]
pub(super) struct Owners {
    /// The booking of each user who has that and nothing else: nearly everybody, in half a cache line.
    one: HashMap<UserId, BookingId>,
    /// Everybody else.
    more: HashMap<UserId, Owner>,
}

/// What one user has.
///
/// What must be known of a few bookings (tickets, keys) is read off them. Only beyond [`FEW`](Self::FEW) is it kept
/// apart, so that a walk over many is not taken again and again.
#[derive(Default)]
struct Owner {
    /// In ascending order of their ids.
    bookings: Vec<BookingId>,
    /// In ascending order of their ids. Their keys are in [`Keys`].
    entries: Vec<(EntryId, Arc<Entry>)>,
    many: Option<Box<Many>>,
}

/// What is kept apart for a user who has or had many bookings.
struct Many {
    /// The bookings that there were before. The keys of later ones are in [`Keys`].
    early: Vec<BookingId>,
    /// The tickets of the bookings that take capacity, of the events that it was ever asked for: most events
    /// have no limit, and nobody asks.
    tickets: HashMap<EventId, u32>,
}

impl Owners {
    /// The user's bookings before this one, newest first, at most `limit`.
    pub(super) fn newest_bookings(
        &self,
        user: UserId,
        before: Option<BookingId>,
        limit: usize,
    ) -> Vec<BookingId> {
        let all = self.bookings(user);
        let end = before.map_or(all.len(), |before| place(all, before));
        all[..end].iter().rev().take(limit).copied().collect()
    }

    /// The user's entries before this one, newest first, at most `limit`.
    pub(super) fn newest_entries(
        &self,
        user: UserId,
        before: Option<EntryId>,
        limit: usize,
    ) -> Vec<(EntryId, EventId)> {
        let all = self.more.get(&user).map_or(&[][..], |owner| &owner.entries);
        let end = before.map_or(all.len(), |before| all.partition_point(|(id, _)| *id < before));
        let newest = all[..end].iter().rev().take(limit);
        newest.map(|(id, entry)| (*id, entry.event_id)).collect()
    }

    /// Tickets of the user's bookings of the event that take capacity.
    pub(super) fn tickets(&mut self, event: EventId, user: UserId, rows: &Rows) -> u32 {
        match self.more.get_mut(&user) {
            Some(owner) => owner.tickets(event, rows),
            None => tickets_of(self.bookings(user), rows),
        }
    }

    /// What the user's key was used for at the event.
    pub(super) fn key(&self, user: UserId, asked: AskedKey<'_>, rows: &Rows, keys: &Keys) -> Option<KeyUse> {
        match self.more.get(&user) {
            Some(owner) => owner.key(asked, rows, keys),
            None => made_with(self.bookings(user), asked, rows),
        }
    }

    /// Adds a booking, which `rows` has already, unless its key was used for its event before.
    pub(super) fn add_booking(&mut self, booking: &Booking, rows: &Rows, keys: &Keys) -> bool {
        let user = booking.user_id;
        let asked = AskedKey::of_booking(booking);
        if let Some(owner) = self.more.get_mut(&user) {
            return owner.add_booking(booking, asked, rows, keys);
        }
        match self.one.entry(user) {
            Slot::Vacant(slot) => {
                slot.insert(booking.id);
                true
            }
            Slot::Occupied(slot) => {
                let mut owner = Owner::default();
                owner.bookings.push(*slot.get());
                let is_new = owner.add_booking(booking, asked, rows, keys);
                if is_new {
                    slot.remove();
                    self.more.insert(user, owner);
                }
                is_new
            }
        }
    }

    /// Takes back [`add_booking`](Self::add_booking), while `rows` has it still.
    pub(super) fn remove_booking(&mut self, booking: &Booking, rows: &Rows, keys: &Keys) {
        if self
            .one
            .get(&booking.user_id)
            .is_some_and(|one| *one == booking.id)
        {
            self.one.remove(&booking.user_id);
        }
        self.change(booking.user_id, |owner| owner.remove_booking(booking, rows, keys));
    }

    /// Notes that a booking of the event takes other capacity than before.
    pub(super) fn count(&mut self, event: EventId, user: UserId, before: u32, after: u32) {
        if let Some(owner) = self.more.get_mut(&user) {
            owner.count(event, before, after);
        }
    }

    /// Adds an entry, unless its key was used for its event before.
    pub(super) fn add_entry(&mut self, entry: &Arc<Entry>, rows: &Rows, keys: &Keys) -> bool {
        let user = entry.user_id;
        let asked = AskedKey::of_entry(entry);
        if asked.is_some_and(|asked| self.key(user, asked, rows, keys).is_some()) {
            return false;
        }
        let owner = self.more.entry(user).or_default();
        owner.bookings.extend(self.one.remove(&user));
        let place = owner.entries.partition_point(|(id, _)| *id < entry.id);
        owner.entries.insert(place, (entry.id, Arc::clone(entry)));
        if let Some(asked) = asked {
            keys.add(asked, KeyUse::Entry(entry.id));
        }
        true
    }

    /// Takes back [`add_entry`](Self::add_entry).
    pub(super) fn remove_entry(&mut self, entry: &Entry, keys: &Keys) {
        if let Some(asked) = AskedKey::of_entry(entry) {
            keys.remove(asked, KeyUse::Entry(entry.id));
        }
        self.change(entry.user_id, |owner| {
            owner.entries.retain(|(id, _)| *id != entry.id)
        });
    }

    fn bookings(&self, user: UserId) -> &[BookingId] {
        match self.one.get(&user) {
            Some(one) => slice::from_ref(one),
            None => self.more.get(&user).map_or(&[], |owner| &owner.bookings),
        }
    }

    /// Takes something from a user who has more than one booking, or had.
    fn change(&mut self, user: UserId, change: impl FnOnce(&mut Owner)) {
        if let Slot::Occupied(mut slot) = self.more.entry(user) {
            change(slot.get_mut());
            if slot.get().bookings.is_empty() && slot.get().entries.is_empty() {
                slot.remove();
            }
        }
    }
}

impl Owner {
    const FEW: usize = 8;

    fn tickets(&mut self, event: EventId, rows: &Rows) -> u32 {
        let count = || tickets_of(&self.bookings, rows);
        match &mut self.many {
            Some(many) => *many.tickets.entry(event).or_insert_with(count),
            None => count(),
        }
    }

    fn key(&self, asked: AskedKey<'_>, rows: &Rows, keys: &Keys) -> Option<KeyUse> {
        let early = self.many.as_ref().map_or(&self.bookings, |many| &many.early);
        let made = made_with(early, asked, rows);
        made.or_else(|| keys.get(asked, |used| self.made(used, asked, rows)))
    }

    /// Whether this is the user's and was made with the key.
    fn made(&self, used: KeyUse, asked: AskedKey<'_>, rows: &Rows) -> bool {
        match used {
            KeyUse::Booking(id) => {
                let is_own = self.bookings.get(place(&self.bookings, id)) == Some(&id);
                is_own && is_made_with(id, asked, rows)
            }
            KeyUse::Entry(id) => {
                let found = self.entries.binary_search_by_key(&id, |(id, _)| *id);
                let entry = found.ok().and_then(|place| self.entries.get(place));
                entry.is_some_and(|(_, entry)| {
                    let same = entry.key.as_ref().is_some_and(|(used, _)| used == asked.key);
                    same && entry.event_id == asked.event
                })
            }
        }
    }

    fn add_booking(
        &mut self,
        booking: &Booking,
        asked: Option<AskedKey<'_>>,
        rows: &Rows,
        keys: &Keys,
    ) -> bool {
        if self.many.is_none() && self.bookings.len() >= Self::FEW {
            self.many = Some(Box::new(Many {
                early: self.bookings.clone(),
                tickets: HashMap::new(),
            }));
        }
        if let Some(asked) = asked {
            if self.key(asked, rows, keys).is_some() {
                return false;
            }
            if self.many.is_some() {
                keys.add(asked, KeyUse::Booking(booking.id));
            }
        }
        self.count(booking.event_id, 0, tickets(booking.id, rows));
        let place = place(&self.bookings, booking.id);
        self.bookings.insert(place, booking.id);
        true
    }

    fn remove_booking(&mut self, booking: &Booking, rows: &Rows, keys: &Keys) {
        let place = place(&self.bookings, booking.id);
        if self.bookings.get(place) != Some(&booking.id) {
            return;
        }
        self.bookings.remove(place);
        self.count(booking.event_id, tickets(booking.id, rows), 0);
        if let Some(many) = &mut self.many {
            many.early.retain(|id| *id != booking.id);
            if let Some(asked) = AskedKey::of_booking(booking) {
                keys.remove(asked, KeyUse::Booking(booking.id));
            }
        }
    }

    /// Replaces so many tickets by so many others, where they are kept apart.
    fn count(&mut self, event: EventId, before: u32, after: u32) {
        let total = self.many.as_mut().and_then(|many| many.tickets.get_mut(&event));
        if let Some(total) = total {
            *total = total.saturating_sub(before) + after;
        }
    }
}

/// Which of the bookings was made with the key.
fn made_with(bookings: &[BookingId], asked: AskedKey<'_>, rows: &Rows) -> Option<KeyUse> {
    let made = bookings.iter().find(|id| is_made_with(**id, asked, rows))?;
    Some(KeyUse::Booking(*made))
}

fn is_made_with(id: BookingId, asked: AskedKey<'_>, rows: &Rows) -> bool {
    rows.get(&id).is_some_and(|row| row.has_key(asked.key))
}

/// Tickets of those bookings that are the event's and take capacity.
fn tickets_of(bookings: &[BookingId], rows: &Rows) -> u32 {
    bookings.iter().map(|id| tickets(*id, rows)).sum()
}

fn tickets(id: BookingId, rows: &Rows) -> u32 {
    rows.get(&id).map_or(0, Row::tickets)
}

/// Where a booking is, or belongs: nearly always among the last few.
fn place(bookings: &[BookingId], id: BookingId) -> usize {
    const LAST: usize = 16;
    let from_end = bookings.iter().rev().take(LAST);
    match from_end.take_while(|other| **other >= id).count() {
        LAST => bookings.partition_point(|other| *other < id),
        behind => bookings.len() - behind,
    }
}
