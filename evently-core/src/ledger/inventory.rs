//! What is known of one event, and the bookkeeping under every decision: each place taken or freed moves the
//! counts, the figures, the users' totals and the seats together, here and nowhere else.

use super::changes::{Changes, EventWrite, Revision};
use super::keys::{Keys, KnownKey};
use super::line::Line;
use super::need::{DueHolds, Need, Snapshot, Standing};
use super::outcome::{Receipt, Refusal};
use super::recent::Recent;
use super::seats::SeatMap;
use crate::clock::IdSource;
use crate::domain::{
    Booking, BookingId, BookingStatus, Entry, EntryId, EntryStatus, Event, EventStats, IdempotencyKey,
    KeyUse, Limits, SalesRow, SeatLabel, Section, SectionCount, SectionId, Timestamp, UserId, WriterId,
};
use crate::store::Listing;
use std::sync::Arc;

/// What a decision may use besides the inventory and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The present instant.
    pub now: Timestamp,
    /// Where new ids come from.
    pub ids: &'a dyn IdSource,
    /// Bounds on what may be asked.
    pub limits: &'a Limits,
}

/// The ledger's answer to a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// It is done, once the changes are committed.
    Done(Receipt),
    /// The rules refuse it.
    Refused(Refusal),
    /// More must be known: load this, [`learn`](Inventory::learn) it and ask again. Nothing was done of it.
    Missing(Box<Need>),
}

/// Why a decision stops short of a receipt.
#[derive(Debug)]
pub(super) enum Stop {
    Refused(Refusal),
    Missing(Box<Need>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// One section: its counts, its seats, its part of the waitlist.
#[derive(Debug)]
pub(super) struct SectionState {
    pub(super) count: SectionCount,
    /// `None` in a general section, or while unknown.
    pub(super) seats: Option<SeatMap>,
    pub(super) line: Line,
}

/// What is known of one event at one version, with what was decided on top of it.
#[derive(Debug)]
pub struct Inventory {
    pub(super) event: Arc<Event>,
    revision: Revision,
    pub(super) sections: Vec<SectionState>,
    pub(super) stats: EventStats,
    pub(super) due_at: Option<Timestamp>,
    pub(super) next_seq: u64,
    pub(super) users: Recent<UserId, Standing>,
    keys: Keys,
    bookings: Recent<BookingId, Option<Arc<Booking>>>,
    entries: Recent<EntryId, Option<Arc<Entry>>>,
    pub(super) due: Option<DueHolds>,
    pub(super) live: Option<Vec<Arc<Booking>>>,
    writes: Writes,
}

/// What was decided and is not committed.
#[derive(Debug, Default)]
struct Writes {
    touched: bool,
    event: Option<EventWrite>,
    new_bookings: Vec<Arc<Booking>>,
    changed_bookings: Vec<Arc<Booking>>,
    new_entries: Vec<Arc<Entry>>,
    changed_entries: Vec<Arc<Entry>>,
    freed: Vec<(SeatLabel, BookingId)>,
    taken: Vec<(SeatLabel, BookingId)>,
    sales: Vec<SalesRow>,
}

impl Inventory {
    /// The inventory that a snapshot tells of. `need` is what was asked for: what was asked and is not there is
    /// known not to exist.
    pub fn new(need: &Need, snapshot: Snapshot) -> Self {
        let sections = snapshot.event.sections.iter().zip(&snapshot.counts);
        let mut inventory = Self {
            sections: sections.map(|(_, count)| SectionState::unknown(*count)).collect(),
            event: Arc::clone(&snapshot.event),
            revision: snapshot.revision,
            stats: snapshot.stats,
            due_at: snapshot.due_at,
            next_seq: snapshot.next_seq,
            users: Recent::default(),
            keys: Keys::default(),
            bookings: Recent::default(),
            entries: Recent::default(),
            due: None,
            live: None,
            writes: Writes::default(),
        };
        inventory.learn(need, snapshot);
        inventory
    }

    /// Takes in more facts of the same version. To be called only while nothing is decided and uncommitted.
    pub fn learn(&mut self, need: &Need, snapshot: Snapshot) {
        for (user_id, standing) in snapshot.users {
            self.users.insert(user_id, standing);
        }
        for ((user_id, key), used) in snapshot.keys {
            self.keys.tell(user_id, key, used);
        }
        for booking in snapshot.bookings {
            self.bookings.insert(booking.id, Some(booking));
        }
        let due = snapshot.due.iter().flat_map(|due| &due.bookings);
        for booking in due.chain(snapshot.live.iter().flatten()) {
            self.bookings.insert(booking.id, Some(Arc::clone(booking)));
        }
        for entry in snapshot.entries {
            self.entries.insert(entry.id, Some(entry));
        }
        for id in &need.bookings {
            if self.bookings.get(id).is_none() {
                self.bookings.insert(*id, None);
            }
        }
        for id in &need.entries {
            if self.entries.get(id).is_none() {
                self.entries.insert(*id, None);
            }
        }
        if let Some(taken) = snapshot.taken_seats {
            for (section, state) in self.event.sections.iter().zip(&mut self.sections) {
                state.seats = section.is_reserved().then(|| SeatMap::new(section.rows()));
                for label in taken.iter() {
                    if let Some(seats) = &mut state.seats {
                        seats.take(label);
                    }
                }
            }
        }
        self.due = snapshot.due.or(self.due.take());
        self.live = snapshot.live.or(self.live.take());
        for window in snapshot.waitlist {
            if let Some(index) = self.section_index(window.need.section_id) {
                self.sections[index].line.learn(window);
            }
        }
    }

    /// The commit that it stands at.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether anything was decided that must be committed.
    pub fn has_changes(&self) -> bool {
        self.writes.touched
    }

    /// A measure of how much is remembered, in facts.
    pub fn weight(&self) -> usize {
        let seats: usize = if self.event.has_seats() {
            self.event.capacity() as usize / 16
        } else {
            0
        };
        let lines: usize = self.sections.iter().map(|section| section.line.len()).sum();
        16 + self.users.len() + self.keys.len() + self.bookings.len() + self.entries.len() + seats + lines
    }

    /// What was decided, to be committed by whoever says so in it; `None` if nothing was.
    pub fn take_changes(&mut self) -> Option<Changes> {
        if !self.writes.touched {
            return None;
        }
        let writes = std::mem::take(&mut self.writes);
        Some(Changes {
            event_id: self.event.id,
            expected: self.revision,
            writer: WriterId::NOBODY,
            event: writes.event,
            counts: self.counts(),
            stats: self.stats,
            due_at: self.due_at,
            next_seq: self.next_seq,
            new_bookings: writes.new_bookings,
            changed_bookings: writes.changed_bookings,
            new_entries: writes.new_entries,
            changed_entries: writes.changed_entries,
            freed: writes.freed,
            taken: writes.taken,
            sales: writes.sales,
        })
    }

    /// Notes that the changes taken last were committed: the inventory now stands there.
    pub fn committed(&mut self, revision: Revision) {
        self.revision = revision;
    }

    /// Forgets older facts: of each kind the `generation` last ones stay for sure, and up to twice as many may. To
    /// be called only while nothing is decided and uncommitted.
    pub fn forget_beyond(&mut self, generation: usize) {
        self.users.age(generation);
        self.keys.age(generation);
        self.bookings.age(generation);
        self.entries.age(generation);
    }

    /// The event as a listing.
    pub(super) fn listing(&self) -> Listing {
        Listing {
            event: Arc::clone(&self.event),
            version: self.revision.version + u64::from(self.writes.touched),
            counts: self.counts(),
        }
    }

    pub(super) fn counts(&self) -> Vec<SectionCount> {
        self.sections.iter().map(|section| section.count).collect()
    }

    pub(super) fn waiting(&self) -> u32 {
        self.sections.iter().map(|section| section.count.waiting).sum()
    }

    pub(super) fn section_index(&self, id: SectionId) -> Option<usize> {
        self.sections
            .iter()
            .position(|section| section.count.section_id == id)
    }

    pub(super) fn definition(&self, index: usize) -> &Section {
        &self.event.sections[index]
    }

    /// A need for more about this event.
    pub(super) fn missing(&self, ask: impl FnOnce(&mut Need)) -> Stop {
        let mut need = Need::event(self.event.id);
        ask(&mut need);
        Stop::Missing(Box::new(need))
    }

    /// The booking; `None` if there is none.
    pub(super) fn find_booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, Stop> {
        let mut fresh = self.writes.new_bookings.iter().rev();
        if let Some(booking) = fresh.find(|booking| booking.id == id) {
            return Ok(Some(Arc::clone(booking)));
        }
        match self.bookings.get(&id) {
            Some(known) => Ok(known.clone()),
            None => Err(self.missing(|need| need.bookings.push(id))),
        }
    }

    /// What a user's key was used for, and `Some(None)` if it is known to be unused.
    pub(super) fn key_use(
        &self,
        user_id: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<Option<KeyUse>>, Stop> {
        let booking_id = match self.keys.get(user_id, key) {
            KnownKey::Told(used) => return Ok(Some(used)),
            KnownKey::Unknown => return Ok(None),
            KnownKey::Perhaps(booking_id) => booking_id,
        };
        let made_with = |booking: &Booking| {
            booking.user_id == user_id && booking.key.as_ref().is_some_and(|(used, _)| used == key)
        };
        let booking = self.find_booking(booking_id)?;
        let is_same = booking.is_some_and(|booking| made_with(&booking));
        Ok(is_same.then_some(Some(KeyUse::Booking(booking_id))))
    }

    /// A need for what a user's key was used for.
    pub(super) fn missing_key(&self, user_id: UserId, key: &IdempotencyKey) -> Stop {
        self.missing(|need| need.keys.push((user_id, key.clone())))
    }

    /// The entry; `None` if there is none.
    pub(super) fn find_entry(&self, id: EntryId) -> Result<Option<Arc<Entry>>, Stop> {
        match self.entries.get(&id) {
            Some(known) => Ok(known.clone()),
            None => Err(self.missing(|need| need.entries.push(id))),
        }
    }

    /// How the user stands with the event.
    pub(super) fn standing(&self, user_id: UserId) -> Result<&Standing, Stop> {
        self.users
            .get(&user_id)
            .ok_or_else(|| self.missing(|need| need.users.push(user_id)))
    }

    /// Writes a new booking, which takes its places now.
    pub(super) fn add_booking(&mut self, booking: Booking) -> Arc<Booking> {
        let booking = Arc::new(booking);
        self.take_places(&booking);
        if booking.status == BookingStatus::Confirmed {
            self.count_sale(&booking);
        }
        self.note_due(booking.hold_expires_at);
        self.keys.note(&booking);
        // A hold is soon confirmed or expires. A sale is hardly ever asked for again, and what is let go of is quickly
        // used again: memory that is still in the processor's caches. It must not stay known as missing, though.
        if booking.status == BookingStatus::Held || self.bookings.get(&booking.id).is_some() {
            self.bookings.insert(booking.id, Some(Arc::clone(&booking)));
        }
        self.writes.new_bookings.push(Arc::clone(&booking));
        self.touch();
        booking
    }

    /// Writes a booking in another state. Leaving `held` or `confirmed` for an ended state frees its places.
    pub(super) fn change_booking(&mut self, before: &Booking, after: Booking) -> Arc<Booking> {
        let after = Arc::new(after);
        if before.status != after.status {
            self.free_places(before);
            if after.status.takes_capacity() {
                self.take_places(&after);
            }
            match (before.status, after.status) {
                (BookingStatus::Held, BookingStatus::Confirmed) => self.count_sale(&after),
                (BookingStatus::Confirmed, _) => self.count_cancellation(&after),
                _ => {}
            }
        }
        self.bookings.insert(after.id, Some(Arc::clone(&after)));
        let writes = &mut self.writes;
        let fresh = writes
            .new_bookings
            .iter_mut()
            .rev()
            .find(|booking| booking.id == after.id);
        let written = fresh.or(writes
            .changed_bookings
            .iter_mut()
            .rev()
            .find(|booking| booking.id == after.id));
        match written {
            Some(written) => *written = Arc::clone(&after),
            None => writes.changed_bookings.push(Arc::clone(&after)),
        }
        self.touch();
        after
    }

    /// Writes a new waitlist entry at the end of the line.
    pub(super) fn add_entry(&mut self, mut entry: Entry) -> Arc<Entry> {
        entry.seq = self.next_seq;
        self.next_seq += 1;
        let entry = Arc::new(entry);
        self.count_entry(&entry, 1);
        if let Some(index) = self.section_index(entry.section_id) {
            self.sections[index].line.join(Arc::clone(&entry));
        }
        if let Some((key, _)) = &entry.key {
            let used = Some(KeyUse::Entry(entry.id));
            self.keys.tell(entry.user_id, key.clone(), used);
        }
        self.note_due(Some(self.event.closes_at()));
        self.remember_entry(&entry);
        self.writes.new_entries.push(Arc::clone(&entry));
        self.touch();
        entry
    }

    /// Writes an entry in another state.
    pub(super) fn change_entry(&mut self, before: &Entry, after: Entry) -> Arc<Entry> {
        let after = Arc::new(after);
        self.count_entry(before, -1);
        self.count_entry(&after, 1);
        if let Some(index) = self.section_index(after.section_id) {
            self.sections[index].line.replace(&after);
        }
        self.remember_entry(&after);
        let writes = &mut self.writes;
        let fresh = writes
            .new_entries
            .iter_mut()
            .rev()
            .find(|entry| entry.id == after.id);
        let written = fresh.or(writes
            .changed_entries
            .iter_mut()
            .rev()
            .find(|entry| entry.id == after.id));
        match written {
            Some(written) => *written = Arc::clone(&after),
            None => writes.changed_entries.push(Arc::clone(&after)),
        }
        self.touch();
        after
    }

    /// Writes the event's definition, with the sections as they are under it.
    pub(super) fn put_event(&mut self, event: Event, sections: Vec<SectionState>, now: Timestamp) {
        if event.closes_at() < self.event.closes_at() {
            // Offers may last longer, and end with the sales.
            self.note_due(Some(event.closes_at()));
        }
        self.event = Arc::new(event);
        self.sections = sections;
        self.writes.event = Some(EventWrite::Put(Arc::clone(&self.event)));
        self.note_sales_due(now);
        self.touch();
    }

    /// Whether it was decided that the event is no more.
    pub(super) fn is_deleted(&self) -> bool {
        matches!(self.writes.event, Some(EventWrite::Delete))
    }

    /// Writes that the event is no more.
    pub(super) fn delete_event(&mut self) {
        self.writes.event = Some(EventWrite::Delete);
        self.touch();
    }

    /// Writes when the next thing is due.
    pub(super) fn set_due_at(&mut self, due_at: Option<Timestamp>) {
        if self.due_at != due_at {
            self.due_at = due_at;
            self.touch();
        }
    }

    /// Notes that the instant at which something is due may have moved from where it was.
    pub(super) fn note_due_moved(&mut self, before: Option<Timestamp>) {
        if self.due_at != before {
            self.touch();
        }
    }

    /// Brings the instant forward at which something is due.
    pub(super) fn note_due(&mut self, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.due_at = Some(self.due_at.map_or(at, |due| due.min(at)));
        }
    }

    /// While somebody waits, the waitlist is due when sales open (it is served then) and when they close.
    pub(super) fn note_sales_due(&mut self, now: Timestamp) {
        if self.waiting() > 0 {
            self.note_due(self.event.sales_open_at.filter(|opens| *opens > now));
            self.note_due(Some(self.event.closes_at()));
        }
    }

    /// Keeps `sold_out_at` true at `now`: since when nothing is available.
    pub(super) fn note_sold_out(&mut self, now: Timestamp) {
        let available = self.sections.iter().any(|section| section.count.available() > 0);
        self.stats.sold_out_at = match available {
            true => None,
            false => self.stats.sold_out_at.or(Some(now)),
        };
    }

    /// Makes the version move though nothing changes: what was decided on it elsewhere cannot be stored then.
    pub(super) fn fence(&mut self) {
        self.touch();
    }

    fn touch(&mut self) {
        self.writes.touched = true;
    }

    fn remember_entry(&mut self, entry: &Arc<Entry>) {
        self.entries.insert(entry.id, Some(Arc::clone(entry)));
        if let Some(standing) = self.users.get_mut(&entry.user_id) {
            match entry.status.is_active() {
                true => standing.entry = Some(Arc::clone(entry)),
                false if standing.entry.as_ref().is_some_and(|own| own.id == entry.id) => {
                    standing.entry = None
                }
                false => {}
            }
        }
    }

    fn take_places(&mut self, booking: &Booking) {
        for item in &booking.items {
            let Some(index) = self.section_index(item.section_id) else {
                continue;
            };
            let section = &mut self.sections[index];
            match booking.status {
                BookingStatus::Confirmed => section.count.sold += item.quantity,
                _ => section.count.held += item.quantity,
            }
            for label in &item.seats {
                if let Some(seats) = &mut section.seats {
                    seats.take(label);
                }
                let same = (label.clone(), booking.id);
                match self.writes.freed.iter().position(|freed| *freed == same) {
                    Some(place) => drop(self.writes.freed.swap_remove(place)),
                    None => self.writes.taken.push(same),
                }
            }
        }
        if let Some(standing) = self.users.get_mut(&booking.user_id) {
            standing.tickets += booking.quantity();
        }
    }

    fn free_places(&mut self, booking: &Booking) {
        for item in &booking.items {
            let Some(index) = self.section_index(item.section_id) else {
                continue;
            };
            let section = &mut self.sections[index];
            let taken = match booking.status {
                BookingStatus::Confirmed => &mut section.count.sold,
                _ => &mut section.count.held,
            };
            *taken = taken.saturating_sub(item.quantity);
            for label in &item.seats {
                if let Some(seats) = &mut section.seats {
                    seats.give_back(label);
                }
                let same = (label.clone(), booking.id);
                match self.writes.taken.iter().position(|taken| *taken == same) {
                    Some(place) => drop(self.writes.taken.swap_remove(place)),
                    None => self.writes.freed.push(same),
                }
            }
        }
        if let Some(standing) = self.users.get_mut(&booking.user_id) {
            standing.tickets = standing.tickets.saturating_sub(booking.quantity());
        }
    }

    fn count_sale(&mut self, booking: &Booking) {
        let total_minor = booking.total_minor();
        self.stats.bookings += 1;
        self.stats.revenue_minor += total_minor;
        let tickets = u64::from(booking.quantity());
        if let Some(row) = self.sales_row(booking.confirmed_at) {
            row.bookings += 1;
            row.tickets += tickets;
            row.revenue_minor += total_minor;
        }
    }

    fn count_cancellation(&mut self, booking: &Booking) {
        let tickets = u64::from(booking.quantity());
        self.stats.bookings = self.stats.bookings.saturating_sub(1);
        self.stats.revenue_minor -= booking.total_minor();
        self.stats.cancellations += 1;
        self.stats.tickets_cancelled += tickets;
        if let Some(row) = self.sales_row(booking.ended_at) {
            row.cancelled_tickets += tickets;
        }
    }

    fn sales_row(&mut self, at: Option<Timestamp>) -> Option<&mut SalesRow> {
        let hour = SalesRow::hour_of(at?);
        let rows = &mut self.writes.sales;
        let place = rows.iter().position(|row| row.start == hour).unwrap_or_else(|| {
            rows.push(SalesRow::empty(hour));
            rows.len() - 1
        });
        rows.get_mut(place)
    }

    fn count_entry(&mut self, entry: &Entry, by: i32) {
        let add = |count: &mut u64| *count = count.saturating_add_signed(i64::from(by));
        match entry.status {
            EntryStatus::Waiting => {
                if let Some(index) = self.section_index(entry.section_id) {
                    let count = &mut self.sections[index].count;
                    count.waiting = count.waiting.saturating_add_signed(by);
                    if entry.is_starved() {
                        count.starved = count.starved.saturating_add_signed(by);
                    }
                }
            }
            EntryStatus::Offered => add(&mut self.stats.offered),
            EntryStatus::Converted => add(&mut self.stats.converted),
            EntryStatus::Lapsed => add(&mut self.stats.lapsed),
            EntryStatus::Declined => add(&mut self.stats.declined),
            EntryStatus::Left => add(&mut self.stats.left),
            EntryStatus::Closed => add(&mut self.stats.closed),
        }
    }
}

impl SectionState {
    pub(super) fn unknown(count: SectionCount) -> Self {
        Self {
            count,
            seats: None,
            line: Line::default(),
        }
    }

    /// Places that anybody may be given without asking for a special seat.
    pub(super) fn free_ordinary(&self) -> u32 {
        match &self.seats {
            Some(seats) => seats.free(super::command::Access::Ordinary),
            None => self.count.available(),
        }
    }

    /// The most places that could ever be free so.
    pub(super) fn all_ordinary(&self) -> u32 {
        match &self.seats {
            Some(seats) => seats.ordinary(),
            None => self.count.capacity,
        }
    }
}
