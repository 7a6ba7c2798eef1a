//! Whether engine and model agree: on an answer, and on everything that is stored.

use super::hall::Hall;
use super::play::{Disagreement, Play};
use super::rules::{Entry, No, Verdict};
use crate::Refusal;
use crate::domain::{Booking, BookingStatus, Entry as StoredEntry, EntryStatus, Timestamp};
use crate::store::PlacedEntry;
use std::{fmt::Debug, sync::Arc};

pub(super) fn ensure<T: PartialEq + Debug>(what: &str, engine: &T, model: &T) -> Result<(), Disagreement> {
    match engine == model {
        true => Ok(()),
        false => Err(format!("{what}: the engine says {engine:?}, the model {model:?}")),
    }
}

impl Play<'_> {
    /// Compares every count, booking and entry.
    pub(super) async fn compare(&mut self) -> Result<(), Disagreement> {
        let stored = self.world.entries(self.id).await;
        self.learn_promotions(&stored).await?;
        ensure("how many entries", &stored.len(), &self.model.entries.len())?;
        let mut ahead = 0;
        for (index, placed) in stored.iter().enumerate() {
            self.compare_entry(index, placed, &mut ahead)?;
        }
        let bookings = self.world.bookings(self.id).await;
        ensure("how many bookings", &bookings.len(), &self.model.bookings.len())?;
        for (index, id) in self.bookings.iter().enumerate() {
            let booking = bookings.iter().find(|booking| Some(booking.id) == *id);
            let booking = booking.ok_or_else(|| format!("booking {index} is not stored"))?;
            self.compare_booking(index, booking)?;
        }
        self.compare_counts().await
    }

    /// The engine tells which bookings it made for entries, and which seats it gave.
    async fn learn_promotions(&mut self, stored: &[PlacedEntry]) -> Result<(), Disagreement> {
        self.bookings.resize(self.model.bookings.len(), None);
        for index in 0..self.bookings.len() {
            if self.bookings[index].is_none() {
                let entry = self.model.bookings[index]
                    .entry
                    .ok_or("a booking of unknown origin")?;
                let placed = stored.get(entry).ok_or("an entry that is not stored")?;
                let id = placed.entry.booking_id;
                let id = id.ok_or_else(|| format!("entry {entry} was not served: {placed:?}"))?;
                self.bookings[index] = Some(id);
            }
            for item in 0..self.model.bookings[index].items.len() {
                let known = &self.model.bookings[index];
                if !known.items[item].to_be_told || !known.status.takes_capacity() {
                    continue;
                }
                let Some(id) = self.bookings[index] else { continue };
                let booking = self.world.booking(id).await;
                let seats = booking.items[item]
                    .seats
                    .iter()
                    .filter_map(|label| Hall::seat(label.as_str()));
                if let Some(fault) = self.model.told(index, item, seats.collect()) {
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    fn compare_entry(&self, index: usize, placed: &PlacedEntry, ahead: &mut u64) -> Result<(), Disagreement> {
        let (model, entry) = (&self.model.entries[index], &placed.entry);
        ensure("the entry's id", &entry.id, &self.entries[index])?;
        ensure("the entry's status", &entry.status, &model.status)?;
        ensure("the entry's quantity", &entry.quantity, &model.quantity)?;
        ensure("the entry's passes", &entry.passes, &model.passes)?;
        ensure(
            "the offer's end",
            &self.seconds(entry.offer_expires_at),
            &model.offer_expires_at,
        )?;
        let booking = model.booking.and_then(|booking| self.bookings[booking]);
        ensure("the entry's booking", &entry.booking_id, &booking)?;
        let waits = entry.status == EntryStatus::Waiting;
        *ahead += u64::from(waits);
        ensure("the entry's position", &placed.position, &waits.then_some(*ahead))
    }

    fn compare_booking(&self, index: usize, booking: &Booking) -> Result<(), Disagreement> {
        let model = &self.model.bookings[index];
        ensure("the owner", &booking.user_id, &self.people[model.by].user_id)?;
        ensure("the status", &booking.status, &model.status)?;
        ensure(
            "the hold's end",
            &self.seconds(booking.hold_expires_at),
            &model.expires_at,
        )?;
        ensure(
            "made at",
            &self.seconds(Some(booking.created_at)),
            &Some(model.made_at),
        )?;
        ensure("ended at", &self.seconds(booking.ended_at), &model.ended_at)?;
        ensure("once confirmed", &booking.was_confirmed(), &model.confirmed)?;
        ensure("how many items", &booking.items.len(), &model.items.len())?;
        for (item, wanted) in booking.items.iter().zip(&model.items) {
            ensure("the item's type", &item.ticket_type_id, &self.kind(wanted.kind))?;
            ensure("the item's quantity", &item.quantity, &wanted.quantity)?;
            if !wanted.to_be_told {
                let mut seats: Vec<_> = item
                    .seats
                    .iter()
                    .filter_map(|label| Hall::seat(label.as_str()))
                    .collect();
                let mut expected = wanted.seats.clone();
                seats.sort_unstable();
                expected.sort_unstable();
                ensure("the item's seats", &seats, &expected)?;
            }
        }
        Ok(())
    }

    async fn compare_counts(&self) -> Result<(), Disagreement> {
        let listing = self.world.listing(self.id).await;
        for (section, count) in listing.counts.iter().enumerate() {
            let waits = |entry: &&Entry| entry.section == section && entry.status == EntryStatus::Waiting;
            let waiting = self.model.entries.iter().filter(waits);
            let starved = waiting
                .clone()
                .filter(|entry| entry.passes >= StoredEntry::MAX_PASSES)
                .count();
            let model = [
                self.model.sections[section].capacity,
                self.model.tickets(section, BookingStatus::Confirmed),
                self.model.tickets(section, BookingStatus::Held),
                u32::try_from(waiting.count()).unwrap_or(u32::MAX),
                u32::try_from(starved).unwrap_or(u32::MAX),
            ];
            let engine = [
                count.capacity,
                count.sold,
                count.held,
                count.waiting,
                count.starved,
            ];
            ensure("capacity, sold, held, waiting, starved", &engine, &model)?;
        }
        match self.seated {
            true => ensure(
                "free seats",
                &(listing.counts[0].available() as usize),
                &self.model.hall.free(),
            ),
            false => Ok(()),
        }
    }

    fn seconds(&self, at: Option<Timestamp>) -> Option<u64> {
        let since = at?.duration_since(self.start);
        u64::try_from(since.as_secs()).ok()
    }
}

/// Both did it, or both refused for a reason that holds; else they disagree.
pub(super) fn both<E: Debug, M: Debug>(
    answer: Result<E, Refusal>,
    verdict: Verdict<M>,
) -> Result<Option<(E, M)>, Disagreement> {
    match (answer, verdict) {
        (Ok(engine), Ok(model)) => Ok(Some((engine, model))),
        (Err(refusal), Err(reasons)) if reasons.iter().any(|no| no.is(&refusal)) => Ok(None),
        (engine, model) => Err(format!("the engine answers {engine:?}, the model {model:?}")),
    }
}

/// A refusal that says that it is done already, where the answer that did it may have been lost: whether it really
/// is done, the comparison of everything stored will tell.
pub(super) fn unless_done<M>(
    answer: Result<Arc<Booking>, Refusal>,
    verdict: &Verdict<M>,
    done: &Refusal,
) -> Result<Option<Arc<Booking>>, Refusal> {
    match answer {
        Err(refusal) if refusal == *done && verdict.is_ok() => Ok(None),
        answer => answer.map(Some),
    }
}

impl No {
    /// Whether a refusal says this.
    fn is(&self, refusal: &Refusal) -> bool {
        match (self, refusal) {
            (Self::NotFound, Refusal::NotFound)
            | (Self::NotOnSale, Refusal::NotOnSale { .. })
            | (Self::Invalid, Refusal::Invalid(_))
            | (Self::SoldOut { available: None }, Refusal::SoldOut { .. })
            | (Self::Mismatch, Refusal::IdempotencyMismatch)
            | (Self::NotFull, Refusal::NotFull)
            | (Self::AlreadyWaitlisted, Refusal::AlreadyWaitlisted)
            | (Self::WaitlistOff, Refusal::WaitlistOff)
            | (Self::HoldExpired, Refusal::HoldExpired)
            | (Self::HoldLimit, Refusal::HoldLimit)
            | (Self::NotHeld, Refusal::NotHeld)
            | (Self::NotOffered, Refusal::NotOffered)
            | (Self::OfferLapsed, Refusal::OfferLapsed)
            | (Self::NotWaiting, Refusal::NotWaiting)
            | (Self::EventCancelled, Refusal::EventCancelled) => true,
            (Self::LimitExceeded { tickets }, Refusal::LimitExceeded { tickets: told, .. }) => {
                tickets == told
            }
            (
                Self::SoldOut {
                    available: Some(available),
                },
                Refusal::SoldOut { available: told },
            ) => available == told,
            (Self::BelowSold(sold), Refusal::BelowSold { sold: told }) => sold == told,
            (Self::SeatTaken(seats), Refusal::SeatTaken { seats: told }) => {
                let mut told: Vec<_> = told
                    .iter()
                    .filter_map(|label| Hall::seat(label.as_str()))
                    .collect();
                told.sort_unstable();
                let mut seats = seats.clone();
                seats.sort_unstable();
                told == seats
            }
            _ => false,
        }
    }
}
