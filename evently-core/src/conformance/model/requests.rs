//! What can be asked of the model's event: each request looks, and then does.

use super::rules::{Booking, Entry, HOLD_MOST, HOLD_SECONDS, Item, Made, Model, No, Used, Verdict};
use super::script::Wish;
use crate::domain::{BookingStatus, EntryStatus, WaitlistPolicy};

impl Model {
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
        let together = matches!(wish, Wish::Best { together: true, .. });
        if or_waitlist && (items.len() > 1 || !named.is_empty() || together) {
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
        if let Wish::Best { quantity, .. } = wish
            && together
            && !waits
            && !self.hall.has_together(*quantity as usize)
        {
            no.push(No::SoldOut { available: None });
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
}
