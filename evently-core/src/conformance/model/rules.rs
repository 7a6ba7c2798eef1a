//! The rules of the box office over plain lists. Every question is answered by going through all of them.

use super::hall::Hall;
use super::script::{Layout, Setup};
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
    pub(super) used: Vec<Used>,
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

    pub(super) fn on_sale(&self) -> bool {
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

    pub(super) fn taken(&self, section: usize) -> u32 {
        self.tickets(section, BookingStatus::Confirmed) + self.tickets(section, BookingStatus::Held)
    }

    pub(super) fn free(&self, section: usize) -> u32 {
        self.sections[section].capacity - self.taken(section)
    }

    pub(super) fn tickets_of(&self, by: usize) -> u32 {
        let live = self
            .bookings
            .iter()
            .filter(|booking| booking.by == by && booking.status.takes_capacity());
        live.flat_map(|booking| &booking.items)
            .map(|item| item.quantity)
            .sum()
    }

    pub(super) fn over_limit(&self, by: usize, more: u32) -> bool {
        self.limit.is_some_and(|limit| self.tickets_of(by) + more > limit)
    }

    /// The places of waiting entries of a section, in order of joining, but for who is kept out by the limit.
    pub(super) fn queue(&self, section: usize) -> Vec<usize> {
        (0..self.entries.len())
            .filter(|index| {
                let entry = &self.entries[*index];
                entry.status == EntryStatus::Waiting
                    && entry.section == section
                    && !self.over_limit(entry.by, entry.quantity)
            })
            .collect()
    }

    /// Whether what frees is kept for this entry, as long as it does not fit.
    fn is_kept_for(&self, index: usize) -> bool {
        let entry = &self.entries[index];
        entry.passes >= StoredEntry::MAX_PASSES && entry.quantity <= self.sections[entry.section].capacity
    }

    /// What a newcomer may take of a section.
    pub(super) fn room(&self, section: usize) -> u32 {
        match self.queue(section).iter().any(|index| self.is_kept_for(*index)) {
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
    pub(super) fn serve(&mut self) {
        if !self.on_sale() || self.waitlist == WaitlistPolicy::Off {
            return;
        }
        for section in 0..self.sections.len() {
            let mut passed: Vec<usize> = Vec::new();
            for index in self.queue(section) {
                if passed.iter().any(|index| self.is_kept_for(*index)) || self.free(section) == 0 {
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
        let expires_at = offer.then_some((self.now + OFFER_SECONDS).min(self.closes_at));
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
    pub(super) fn end(&mut self, index: usize, status: BookingStatus, offer_ends: EntryStatus) {
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

    /// Notes the seats that the engine gave to a booking's item.
    pub(super) fn told(&mut self, booking: usize, item: usize, seats: Vec<usize>) -> Option<String> {
        let item = &mut self.bookings[booking].items[item];
        let fault = self.hall.fault(&seats, item.quantity as usize);
        self.hall.take(&seats);
        (item.seats, item.to_be_told) = (seats, false);
        fault
    }
}
