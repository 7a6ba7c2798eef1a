//! The rules of the box office over plain lists. Every question is answered by going through all of them.

use super::hall::Hall;
use super::script::{Layout, Setup, Wish};
use crate::domain::{BookingStatus, Entry as StoredEntry, EntryStatus, WaitlistPolicy};

pub(super) const HOLD_SECONDS: u64 = 100;
pub(super) const HOLD_MOST: u64 = 250;
pub(super) const OFFER_SECONDS: u64 = 150;

/// A ticket type: the section that it draws from.
pub(super) type Kind = usize;

#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) capacity: u32,
    pub(super) seated: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Booking {
    pub(super) by: usize,
    pub(super) items: Vec<Item>,
    pub(super) status: BookingStatus,
    pub(super) made_at: u64,
    pub(super) expires_at: Option<u64>,
    pub(super) ended_at: Option<u64>,
    pub(super) confirmed: bool,
    pub(super) entry: Option<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) section: usize,
    pub(super) quantity: u32,
    /// The seats; empty in a general section, and until the engine has told which it gave.
    pub(super) seats: Vec<usize>,
    /// Whether the engine is still to tell.
    pub(super) to_be_told: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) by: usize,
    pub(super) kind: Kind,
    pub(super) section: usize,
    pub(super) quantity: u32,
    pub(super) status: EntryStatus,
    pub(super) passes: u32,
    pub(super) booking: Option<usize>,
    pub(super) offer_expires_at: Option<u64>,
}

/// What a request with a key was, and what it made.
#[derive(Debug, Clone)]
pub(super) struct Used {
    pub(super) by: usize,
    pub(super) key: String,
    pub(super) request: String,
    pub(super) made: Made,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Booking(usize),
    Entry(usize),
}

/// Why something is refused. Where several reasons hold, any of them may be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum No {
    NotFound,
    NotOnSale,
    Invalid,
    LimitExceeded { tickets: u32 },
    SeatTaken(Vec<usize>),
    SoldOut { available: Option<u32> },
    Mismatch,
    NotFull,
    AlreadyWaitlisted,
    WaitlistOff,
    HoldExpired,
    HoldLimit,
    NotHeld,
    NotOffered,
    OfferLapsed,
    NotWaiting,
    BelowSold(u32),
    EventCancelled,
}

pub(super) type Verdict<T> = Result<T, Vec<No>>;

/// One event and all that happened to it.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) now: u64,
    pub(super) closes_at: u64,
    pub(super) cancelled: bool,
    pub(super) limit: Option<u32>,
    pub(super) waitlist: WaitlistPolicy,
    pub(super) sections: Vec<Section>,
    pub(super) kinds: Vec<usize>,
    pub(super) hall: Hall,
    pub(super) bookings: Vec<Booking>,
    pub(super) entries: Vec<Entry>,
    used: Vec<Used>,
}

impl Model {
    pub(super) fn new(setup: &Setup) -> Self {
        let general = |capacity| Section {
            capacity,
            seated: false,
        };
        let (sections, kinds) = match setup.layout {
            Layout::Hall => (vec![general(setup.capacity)], vec![0]),
            Layout::Sections => (vec![general(setup.capacity), general(2)], vec![0, 0, 1]),
            Layout::Seats => (
                vec![
                    Section {
                        capacity: 7,
                        seated: true,
                    },
                    general(setup.capacity),
                ],
                vec![0, 1],
            ),
        };
        Self {
            now: 0,
            closes_at: setup.closes_in,
            cancelled: false,
            limit: setup.limit,
            waitlist: setup.waitlist,
            sections,
            kinds,
            hall: Hall::empty(),
            bookings: Vec::new(),
            entries: Vec::new(),
            used: Vec::new(),
        }
    }

    fn on_sale(&self) -> bool {
        !self.cancelled && self.now < self.closes_at
    }

    /// Tickets of bookings in a status in a section.
    pub(super) fn tickets(&self, section: usize, status: BookingStatus) -> u32 {
        let bookings = self.bookings.iter().filter(|booking| booking.status == status);
        let items = bookings.flat_map(|booking| &booking.items);
        items
            .filter(|item| item.section == section)
            .map(|item| item.quantity)
            .sum()
    }

    fn taken(&self, section: usize) -> u32 {
        self.tickets(section, BookingStatus::Confirmed) + self.tickets(section, BookingStatus::Held)
    }

    fn free(&self, section: usize) -> u32 {
        self.sections[section].capacity - self.taken(section)
    }

    fn tickets_of(&self, by: usize) -> u32 {
        let live = self
            .bookings
            .iter()
            .filter(|booking| booking.by == by && booking.status.takes_capacity());
        live.flat_map(|booking| &booking.items)
            .map(|item| item.quantity)
            .sum()
    }

    fn over_limit(&self, by: usize, more: u32) -> bool {
        self.limit.is_some_and(|limit| self.tickets_of(by) + more > limit)
    }

    /// The places of waiting entries of a section, in order of joining, but for who is kept out by the limit.
    fn queue(&self, section: usize) -> Vec<usize> {
        (0..self.entries.len())
            .filter(|index| {
                let entry = &self.entries[*index];
                entry.status == EntryStatus::Waiting
                    && entry.section == section
                    && !self.over_limit(entry.by, entry.quantity)
            })
            .collect()
    }

    /// What a newcomer may take of a section.
    fn room(&self, section: usize) -> u32 {
        let saved = |index: &usize| self.entries[*index].passes >= StoredEntry::MAX_PASSES;
        match self.queue(section).iter().any(saved) {
            true => 0,
            false => self.free(section),
        }
    }

    /// What time has brought: holds that ran out, then the waitlist served or closed.
    pub(super) fn settle(&mut self) {
        if self.cancelled {
            return;
        }
        for index in 0..self.bookings.len() {
            let booking = &self.bookings[index];
            if booking.status == BookingStatus::Held && booking.expires_at.is_some_and(|at| at <= self.now) {
                self.end(index, BookingStatus::Expired, EntryStatus::Lapsed);
            }
        }
        if self.now >= self.closes_at {
            for entry in self
                .entries
                .iter_mut()
                .filter(|entry| entry.status == EntryStatus::Waiting)
            {
                entry.status = EntryStatus::Closed;
            }
        }
        self.serve();
    }

    /// Gives what is free to who waits, section by section.
    fn serve(&mut self) {
        if !self.on_sale() || self.waitlist == WaitlistPolicy::Off {
            return;
        }
        for section in 0..self.sections.len() {
            let mut passed: Vec<usize> = Vec::new();
            for index in self.queue(section) {
                let starves = |index: &usize| self.entries[*index].passes >= StoredEntry::MAX_PASSES;
                if passed.iter().any(starves) || self.free(section) == 0 {
                    break;
                }
                if self.entries[index].quantity <= self.free(section) {
                    self.promote(index);
                    passed.iter().for_each(|index| self.entries[*index].passes += 1);
                } else {
                    passed.push(index);
                }
            }
        }
    }

    fn promote(&mut self, index: usize) {
        let offer = self.waitlist == WaitlistPolicy::Offer;
        let expires_at = offer.then_some(self.now + OFFER_SECONDS);
        let entry = &mut self.entries[index];
        (entry.booking, entry.offer_expires_at) = (Some(self.bookings.len()), expires_at);
        entry.status = if offer {
            EntryStatus::Offered
        } else {
            EntryStatus::Converted
        };
        let item = Item {
            kind: entry.kind,
            section: entry.section,
            quantity: entry.quantity,
            seats: Vec::new(),
            to_be_told: self.sections[entry.section].seated,
        };
        self.bookings.push(Booking {
            by: entry.by,
            items: vec![item],
            status: if offer {
                BookingStatus::Held
            } else {
                BookingStatus::Confirmed
            },
            made_at: self.now,
            expires_at,
            ended_at: None,
            confirmed: !offer,
            entry: Some(index),
        });
    }

    /// Ends a booking, and the offer that it may be. Serves nobody.
    fn end(&mut self, index: usize, status: BookingStatus, offer_ends: EntryStatus) {
        let was_held = self.bookings[index].status == BookingStatus::Held;
        let booking = &mut self.bookings[index];
        (booking.status, booking.expires_at, booking.ended_at) = (status, None, Some(self.now));
        for item in &booking.items {
            self.hall.give_back(&item.seats);
        }
        if let Some(entry) = booking.entry.filter(|_| was_held) {
            self.entries[entry].status = offer_ends;
            self.entries[entry].offer_expires_at = None;
        }
    }

    /// What a key was used for before.
    fn replay(&self, by: usize, key: &str, request: &str) -> Option<Verdict<(Made, bool)>> {
        let used = self.used.iter().find(|used| used.by == by && used.key == key)?;
        Some(match used.request == request {
            true => Ok((used.made, true)),
            false => Err(vec![No::Mismatch]),
        })
    }

    /// The items of a wish; nothing if it is not well-formed.
    fn items(&self, wish: &Wish) -> Option<Vec<Item>> {
        let item = |kind: usize, quantity: u32, seats: Vec<usize>| {
            let section = *self.kinds.get(kind)?;
            let to_be_told = self.sections[section].seated && seats.is_empty();
            (1..=100).contains(&quantity).then_some(Item {
                kind,
                section,
                quantity,
                seats,
                to_be_told,
            })
        };
        let distinct = |list: &[usize]| (1..list.len()).all(|place| !list[..place].contains(&list[place]));
        match wish {
            Wish::Quantity { kind, quantity } => Some(vec![item(*kind, *quantity, Vec::new())?]),
            Wish::Items(asked) => {
                let kinds: Vec<usize> = asked.iter().map(|(kind, _)| *kind).collect();
                if asked.is_empty() || !distinct(&kinds) {
                    return None;
                }
                asked
                    .iter()
                    .map(|(kind, quantity)| item(*kind, *quantity, Vec::new()))
                    .collect()
            }
            Wish::Seats(seats) => {
                let known = self.sections[0].seated && distinct(seats);
                let quantity = u32::try_from(seats.len()).ok()?;
                known
                    .then(|| item(0, quantity, seats.clone()))
                    .flatten()
                    .map(|item| vec![item])
            }
            Wish::Best { quantity, .. } => self.sections[0]
                .seated
                .then(|| item(0, *quantity, Vec::new()))
                .flatten()
                .map(|item| vec![item]),
        }
    }

    /// Books, holds, or joins the waitlist.
    pub(super) fn book(
        &mut self,
        by: usize,
        wish: &Wish,
        held: bool,
        or_waitlist: bool,
        key: &str,
    ) -> Verdict<(Made, bool)> {
        self.settle();
        let request = format!("book {wish:?} {held} {or_waitlist}");
        if let Some(replay) = self.replay(by, key, &request) {
            return replay;
        }
        let mut no = Vec::new();
        if !self.on_sale() {
            no.push(No::NotOnSale);
        }
        let Some(items) = self.items(wish) else {
            no.push(No::Invalid);
            return Err(no);
        };
        let named: Vec<usize> = items.iter().flat_map(|item| item.seats.clone()).collect();
        if or_waitlist && (items.len() > 1 || !named.is_empty()) {
            no.push(No::Invalid);
        }
        let tickets = items.iter().map(|item| item.quantity).sum();
        if self.over_limit(by, tickets) {
            no.push(No::LimitExceeded {
                tickets: self.tickets_of(by),
            });
        }
        let taken: Vec<usize> = named
            .iter()
            .copied()
            .filter(|seat| self.hall.is_taken(*seat))
            .collect();
        if !taken.is_empty() {
            no.push(No::SeatTaken(taken));
        }
        let short = self.shortages(&items);
        let waits = or_waitlist && self.waitlist != WaitlistPolicy::Off && !short.is_empty();
        match waits {
            true if self.has_place(by) => no.push(No::AlreadyWaitlisted),
            true => {}
            false => no.extend(short),
        }
        if let Wish::Best {
            quantity,
            together: true,
        } = wish
            && !waits
            && !self.hall.has_together(*quantity as usize)
        {
            no.push(No::SoldOut { available: None });
            if or_waitlist && self.has_place(by) {
                no.push(No::AlreadyWaitlisted);
            }
        }
        if !no.is_empty() {
            return Err(no);
        }
        let made = match waits {
            true => Made::Entry(self.wait(by, items[0].kind, items[0].quantity)),
            false => Made::Booking(self.take(by, items, held)),
        };
        self.used.push(Used {
            by,
            key: key.to_owned(),
            request,
            made,
        });
        Ok((made, false))
    }

    /// Why places for these items are not to be had.
    fn shortages(&self, items: &[Item]) -> Vec<No> {
        let mut short = Vec::new();
        for section in 0..self.sections.len() {
            let here = items.iter().filter(|item| item.section == section);
            let wanted: u32 = here.map(|item| item.quantity).sum();
            let room = self.room(section);
            if wanted > room {
                short.push(No::SoldOut {
                    available: Some(room),
                });
            }
        }
        short
    }

    fn has_place(&self, by: usize) -> bool {
        self.entries
            .iter()
            .any(|entry| entry.by == by && entry.status.is_active())
    }

    fn take(&mut self, by: usize, items: Vec<Item>, held: bool) -> usize {
        for section in 0..self.sections.len() {
            let overtakes = items.iter().any(|item| item.section == section);
            if overtakes && self.waitlist != WaitlistPolicy::Off {
                for index in self.queue(section) {
                    self.entries[index].passes += 1;
                }
            }
        }
        items.iter().for_each(|item| self.hall.take(&item.seats));
        self.bookings.push(Booking {
            by,
            items,
            status: if held {
                BookingStatus::Held
            } else {
                BookingStatus::Confirmed
            },
            made_at: self.now,
            expires_at: held.then_some(self.now + HOLD_SECONDS),
            ended_at: None,
            confirmed: !held,
            entry: None,
        });
        self.bookings.len() - 1
    }

    fn wait(&mut self, by: usize, kind: usize, quantity: u32) -> usize {
        self.entries.push(Entry {
            by,
            kind,
            section: self.kinds[kind],
            quantity,
            status: EntryStatus::Waiting,
            passes: 0,
            booking: None,
            offer_expires_at: None,
        });
        self.entries.len() - 1
    }

    pub(super) fn join(&mut self, by: usize, kind: usize, quantity: u32, key: &str) -> Verdict<(Made, bool)> {
        self.settle();
        let request = format!("join {kind} {quantity}");
        if let Some(replay) = self.replay(by, key, &request) {
            return replay;
        }
        let mut no = Vec::new();
        if !self.on_sale() {
            no.push(No::NotOnSale);
        }
        if self.waitlist == WaitlistPolicy::Off {
            no.push(No::WaitlistOff);
        }
        if kind >= self.kinds.len() || !(1..=100).contains(&quantity) {
            no.push(No::Invalid);
            return Err(no);
        }
        if self.has_place(by) {
            no.push(No::AlreadyWaitlisted);
        }
        if self.over_limit(by, quantity) {
            no.push(No::LimitExceeded {
                tickets: self.tickets_of(by),
            });
        }
        if quantity <= self.room(self.kinds[kind]) {
            no.push(No::NotFull);
        }
        if !no.is_empty() {
            return Err(no);
        }
        let made = Made::Entry(self.wait(by, kind, quantity));
        self.used.push(Used {
            by,
            key: key.to_owned(),
            request,
            made,
        });
        Ok((made, false))
    }

    pub(super) fn confirm(&mut self, index: usize) -> Verdict<usize> {
        self.settle();
        match self.bookings[index].status {
            BookingStatus::Confirmed => {}
            BookingStatus::Held => {
                let booking = &mut self.bookings[index];
                (booking.status, booking.expires_at) = (BookingStatus::Confirmed, None);
                booking.confirmed = true;
                if let Some(entry) = booking.entry {
                    self.entries[entry].status = EntryStatus::Converted;
                    self.entries[entry].offer_expires_at = None;
                }
            }
            BookingStatus::Expired => return Err(vec![No::HoldExpired]),
            _ => return Err(vec![No::NotHeld]),
        }
        Ok(index)
    }

    pub(super) fn extend(&mut self, index: usize) -> Verdict<usize> {
        self.settle();
        let (now, booking) = (self.now, &mut self.bookings[index]);
        match booking.status {
            BookingStatus::Held => {}
            BookingStatus::Expired => return Err(vec![No::HoldExpired]),
            _ => return Err(vec![No::NotHeld]),
        }
        let expires_at = Some((now + HOLD_SECONDS).min(booking.made_at + HOLD_MOST));
        if expires_at <= booking.expires_at {
            return Err(vec![No::HoldLimit]);
        }
        booking.expires_at = expires_at;
        if let Some(entry) = booking.entry {
            self.entries[entry].offer_expires_at = expires_at;
        }
        Ok(index)
    }

    /// Cancels a booking, as its owner or as an admin.
    pub(super) fn cancel(&mut self, index: usize) -> Verdict<usize> {
        self.settle();
        match self.bookings[index].status {
            BookingStatus::Cancelled => return Ok(index),
            BookingStatus::Expired => return Err(vec![No::HoldExpired]),
            _ => {}
        }
        self.end(index, BookingStatus::Cancelled, EntryStatus::Declined);
        self.serve();
        Ok(index)
    }

    pub(super) fn leave(&mut self, index: usize) -> Verdict<usize> {
        self.settle();
        match (self.entries[index].status, self.entries[index].booking) {
            (EntryStatus::Left, _) => {}
            (EntryStatus::Waiting, _) => self.entries[index].status = EntryStatus::Left,
            (EntryStatus::Offered, Some(booking)) => {
                self.end(booking, BookingStatus::Cancelled, EntryStatus::Left)
            }
            _ => return Err(vec![No::NotWaiting]),
        }
        self.serve();
        Ok(index)
    }

    pub(super) fn accept(&mut self, index: usize) -> Verdict<usize> {
        self.settle();
        match (self.entries[index].status, self.entries[index].booking) {
            (EntryStatus::Converted, Some(booking)) => Ok(booking),
            (EntryStatus::Offered, Some(booking)) => self.confirm(booking),
            (EntryStatus::Lapsed, _) => Err(vec![No::OfferLapsed]),
            _ => Err(vec![No::NotOffered]),
        }
    }

    pub(super) fn decline(&mut self, index: usize) -> Verdict<usize> {
        self.settle();
        match (self.entries[index].status, self.entries[index].booking) {
            (EntryStatus::Declined, _) => {}
            (EntryStatus::Offered, Some(booking)) => {
                self.end(booking, BookingStatus::Cancelled, EntryStatus::Declined);
            }
            (EntryStatus::Lapsed, _) => return Err(vec![No::OfferLapsed]),
            _ => return Err(vec![No::NotOffered]),
        }
        self.serve();
        Ok(index)
    }

    pub(super) fn resize(&mut self, section: usize, capacity: u32) -> Verdict<()> {
        self.settle();
        if self.cancelled {
            return Err(vec![No::EventCancelled]);
        }
        if capacity == 0 {
            return Err(vec![No::Invalid]);
        }
        if capacity < self.taken(section) {
            return Err(vec![No::BelowSold(self.taken(section))]);
        }
        self.sections[section].capacity = capacity;
        self.serve();
        Ok(())
    }

    pub(super) fn set_limit(&mut self, limit: Option<u32>) -> Verdict<()> {
        self.settle();
        if self.cancelled {
            return Err(vec![No::EventCancelled]);
        }
        self.limit = limit;
        self.serve();
        Ok(())
    }

    pub(super) fn cancel_event(&mut self) {
        self.settle();
        self.cancelled = true;
        for index in 0..self.bookings.len() {
            if self.bookings[index].status.takes_capacity() {
                self.end(index, BookingStatus::Cancelled, EntryStatus::Closed);
            }
        }
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| entry.status == EntryStatus::Waiting)
        {
            entry.status = EntryStatus::Closed;
        }
    }

    /// Notes the seats that the engine gave to a booking's item.
    pub(super) fn told(&mut self, booking: usize, item: usize, seats: Vec<usize>) -> Option<String> {
        let item = &mut self.bookings[booking].items[item];
        let fault = self.hall.fault(&seats, item.quantity as usize);
        self.hall.take(&seats);
        (item.seats, item.to_be_told) = (seats, false);
        fault
    }
}
