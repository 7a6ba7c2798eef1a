//! What a commit does to one event: first everything is checked, then everything is written.

use super::index::{Index, Taken};
use super::row::Row;
use super::state::EventState;
use crate::domain::{Booking, BookingId, BookingStatus, SalesRow};
use crate::ledger::{Changes, EventWrite};
use hashbrown::HashSet;
use std::sync::Arc;

impl EventState {
    /// Whether the changes keep to what no ledger may break, whatever it decided: the second wall.
    ///
    /// # Errors
    /// What they would break, for the log.
    pub(super) fn check(&self, changes: &Changes) -> Result<(), String> {
        for count in &changes.counts {
            if u64::from(count.sold) + u64::from(count.held) > u64::from(count.capacity) {
                return Err(format!("section {} would be oversold", count.section_id));
            }
        }
        let unknown = |booking: &&Arc<Booking>| !self.rows.contains(&booking.id);
        if let Some(booking) = changes.changed_bookings.iter().find(unknown) {
            return Err(format!("there is no booking {} to change", booking.id));
        }
        if let Some(entry) = changes
            .changed_entries
            .iter()
            .find(|entry| !self.line.contains(entry.id))
        {
            return Err(format!("there is no entry {} to change", entry.id));
        }
        let in_use = !self.rows.is_empty() || !self.line.is_empty();
        if in_use && matches!(changes.event, Some(EventWrite::Delete)) {
            return Err("an event with bookings or entries cannot be deleted".to_owned());
        }
        self.check_seats(changes)
    }

    /// A seat that is taken must be free, or freed by the same changes.
    fn check_seats(&self, changes: &Changes) -> Result<(), String> {
        if changes.taken.is_empty() {
            return Ok(());
        }
        let freed: HashSet<_> = changes.freed.iter().collect();
        let mut taken = HashSet::with_capacity(changes.taken.len());
        for (seat, _) in &changes.taken {
            let owner = self.seats.get(seat).map(|owner| (seat.clone(), *owner));
            let is_free = owner.is_none_or(|owned| freed.contains(&owned));
            if !is_free || !taken.insert(seat) {
                return Err(format!("seat {seat} is taken"));
            }
        }
        Ok(())
    }

    /// Writes the changes, which were checked and whose new bookings and entries were [added](Self::add).
    pub(super) fn apply(&mut self, changes: &Changes, index: &Index) {
        if let Some(EventWrite::Put(event)) = &changes.event {
            self.event = Arc::clone(event);
        }
        self.revision = changes.revision();
        self.counts.clone_from(&changes.counts);
        self.stats = changes.stats;
        self.due_at = changes.due_at;
        self.next_seq = changes.next_seq;
        for booking in &changes.new_bookings {
            self.note_hold(booking);
            self.note_live(booking);
        }
        for booking in &changes.changed_bookings {
            self.change_booking(booking, index);
        }
        for entry in changes.new_entries.iter().chain(&changes.changed_entries) {
            self.line.put(entry);
        }
        for (seat, booking_id) in &changes.freed {
            if self.seats.get(seat) == Some(booking_id) {
                self.seats.remove(seat);
            }
        }
        self.seats.extend(changes.taken.iter().cloned());
        for row in &changes.sales {
            self.add_sales(row);
        }
    }

    fn add_sales(&mut self, row: &SalesRow) {
        // The hour is nearly always the last.
        let later = self.sales.iter().rev().take_while(|hour| hour.start > row.start);
        let place = self.sales.len() - later.count();
        match place.checked_sub(1).and_then(|before| self.sales.get_mut(before)) {
            Some(hour) if hour.start == row.start => hour.add(row),
            _ => self.sales.insert(place, *row),
        }
    }

    fn change_booking(&mut self, booking: &Booking, index: &Index) {
        let Some(row) = self.rows.get_mut(&booking.id) else {
            return;
        };
        let before = std::mem::replace(row, Row::of(booking));
        index.count(booking.event_id, booking.user_id, before.tickets(), row.tickets());
        if let Some(expires) = before.hold_expires_at() {
            self.holds.remove(&(expires, booking.id));
        }
        self.note_hold(booking);
        self.note_live(booking);
    }

    fn note_hold(&mut self, booking: &Booking) {
        if booking.status == BookingStatus::Held
            && let Some(expires) = booking.hold_expires_at
        {
            self.holds.insert((expires, booking.id));
        }
    }

    /// Keeps [`first_live`](Self::first_live). A booking that ended never takes capacity again, so the search
    /// for the next one passes each only once.
    fn note_live(&mut self, booking: &Booking) {
        if booking.status.takes_capacity() {
            if self.first_live.is_none_or(|first| booking.id < first) {
                self.first_live = Some(booking.id);
            }
        } else if self.first_live == Some(booking.id) {
            self.first_live = self.next_live(booking.id);
        }
    }

    fn next_live(&self, from: BookingId) -> Option<BookingId> {
        let mut later = self.rows.from(&from);
        later
            .find(|(_, row)| row.status().takes_capacity())
            .map(|(id, _)| *id)
    }

    /// Adds new bookings, whose ids the index has, and new entries, all or none: this is where a key that was used
    /// before shows.
    pub(super) fn add(&mut self, changes: &Changes, index: &Index) -> Result<(), Taken> {
        for (added, booking) in changes.new_bookings.iter().enumerate() {
            self.rows.insert(booking.id, Row::of(booking));
            if !index.add_to_owner(booking, &self.rows) {
                self.rows.remove(&booking.id);
                self.remove_bookings(changes, added, index);
                return Err(Taken::Key);
            }
        }
        for (added, entry) in changes.new_entries.iter().enumerate() {
            if let Err(taken) = index.add_entry(entry, &self.rows) {
                remove_entries(index, changes, added);
                self.remove_bookings(changes, changes.new_bookings.len(), index);
                return Err(taken);
            }
        }
        Ok(())
    }

    /// Takes back [`add`](Self::add).
    pub(super) fn remove(&mut self, changes: &Changes, index: &Index) {
        remove_entries(index, changes, changes.new_entries.len());
        self.remove_bookings(changes, changes.new_bookings.len(), index);
    }

    fn remove_bookings(&mut self, changes: &Changes, first: usize, index: &Index) {
        for booking in changes.new_bookings.iter().take(first) {
            index.remove_from_owner(booking, &self.rows);
            self.rows.remove(&booking.id);
        }
    }
}

fn remove_entries(index: &Index, changes: &Changes, first: usize) {
    for entry in changes.new_entries.iter().take(first) {
        index.remove_entry(entry);
    }
}
