//! Booking and holding (rules 1 to 4, 7, 10, 11).

use super::super::command::{Book, BookingKind, OnFull, Recall};
use super::super::inventory::{Context, Inventory, Stop};
use super::super::outcome::{Receipt, Refusal};
use super::resolve::{Want, WantedSeats, count};
use super::waitlist::Place;
use super::{after, invalid};
use crate::domain::{
    Booking, BookingId, BookingItem, BookingStatus, EntryId, Fingerprint, IdempotencyKey, Items, KeyUse,
    SeatLabel, Source, UserId,
};
use smallvec::SmallVec;
use std::sync::Arc;

impl Inventory {
    /// Books tickets or holds them, all of them or none; or joins the waitlist for them.
    pub(super) fn book(&mut self, book: &Book, context: Context<'_>) -> Result<Receipt, Stop> {
        if book.recall != Recall::First
            && let Some(made) = self.made(book.booking_id, book.entry_id)?
        {
            return match made.user_id() {
                Some(user_id) if user_id == book.by.user_id => Ok(made),
                _ => Err(invalid("booking_id", "must be an id that nothing goes by").into()),
            };
        }
        let key = book.key.as_ref().map(|key| (key, book.fingerprint()));
        if let Some(replay) = self.replay(book.by.user_id, key)? {
            return Ok(replay);
        }
        let decided = self.book_anew(book, key, context);
        match decided {
            Err(Stop::Refused(_)) => self.refuse_unless_used(book.by.user_id, key, decided),
            decided => decided,
        }
    }

    /// What a request for tickets that goes by these ids made.
    fn made(&self, booking_id: BookingId, entry_id: EntryId) -> Result<Option<Receipt>, Stop> {
        if let Some(booking) = self.find_booking(booking_id)? {
            return Ok(Some(Receipt::Booking {
                booking,
                replayed: false,
            }));
        }
        let entry = self.find_entry(entry_id)?;
        Ok(entry.map(|entry| Receipt::Entry {
            entry,
            replayed: false,
        }))
    }

    /// Gives a request for tickets up that made nothing yet: its refusal moves the version.
    pub(super) fn abandon(&self, booking_id: BookingId, entry_id: EntryId) -> Result<Receipt, Stop> {
        self.made(booking_id, entry_id)?
            .ok_or_else(|| Refusal::NotFound.into())
    }

    /// What the key was used for, if it was; a request other than the first is refused (rule 10).
    ///
    /// A key that is not known to be used is taken for unused: should it be used, the store refuses the commit.
    /// Only entries' keys must be known beforehand, since a store guards bookings and entries apart.
    pub(super) fn replay(
        &self,
        user_id: UserId,
        key: Option<(&IdempotencyKey, Fingerprint)>,
    ) -> Result<Option<Receipt>, Stop> {
        let Some((key, fingerprint)) = key else {
            return Ok(None);
        };
        let (made_with, receipt) = match self.key_use(user_id, key)? {
            None if self.next_seq > Self::FIRST_SEQ => return Err(self.missing_key(user_id, key)),
            None | Some(None) => return Ok(None),
            Some(Some(KeyUse::Booking(id))) => {
                let booking = self.find_booking(id)?.ok_or(Refusal::NotFound)?;
                (
                    booking.key.clone(),
                    Receipt::Booking {
                        booking,
                        replayed: true,
                    },
                )
            }
            Some(Some(KeyUse::Entry(id))) => {
                let entry = self.find_entry(id)?.ok_or(Refusal::NotFound)?;
                (
                    entry.key.clone(),
                    Receipt::Entry {
                        entry,
                        replayed: true,
                    },
                )
            }
        };
        match made_with {
            Some((_, first)) if first == fingerprint => Ok(Some(receipt)),
            _ => Err(Refusal::IdempotencyMismatch.into()),
        }
    }

    /// Before a keyed request is refused, its key must be known to be unused: else it is a repeat of one that
    /// succeeded, and its answer is that one's.
    pub(super) fn refuse_unless_used(
        &self,
        user_id: UserId,
        key: Option<(&IdempotencyKey, Fingerprint)>,
        refused: Result<Receipt, Stop>,
    ) -> Result<Receipt, Stop> {
        let Some((key, _)) = key else { return refused };
        match self.key_use(user_id, key)? {
            Some(_) => refused,
            None => Err(self.missing_key(user_id, key)),
        }
    }

    fn book_anew(
        &mut self,
        book: &Book,
        key: Option<(&IdempotencyKey, Fingerprint)>,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let event = Arc::clone(&self.event);
        self.require_on_sale(&book.by, context.now)?;
        let wants = self.resolve(&event, &book.selection, context)?;
        let place = match book.on_full {
            OnFull::Reject => None,
            OnFull::Waitlist => Some(Place::of(&wants)?),
        };
        self.require_within_limit(book.by.user_id, wants.iter().map(|want| want.quantity).sum())?;
        let seats = match self.places_for(&wants, context) {
            Ok(seats) => seats,
            Err(Stop::Refused(Refusal::SoldOut { available })) => {
                let Some(place) = place.filter(|_| self.has_waitlist()) else {
                    return Err(Refusal::SoldOut { available }.into());
                };
                let entry = self.wait_for(place, &book.by, book.entry_id, key, context)?;
                return Ok(Receipt::Entry {
                    entry,
                    replayed: false,
                });
            }
            Err(stop) => return Err(stop),
        };
        let mut overtaken: SmallVec<[usize; 1]> = SmallVec::new();
        for want in &wants {
            let waited_for = want.ordinary(self) > 0 && self.sections[want.section].count.waiting > 0;
            // Two types of one section are one booking, and one pass.
            if waited_for && !overtaken.contains(&want.section) {
                overtaken.push(want.section);
                self.pass_by(want.section);
            }
        }
        let items = wants
            .iter()
            .zip(seats)
            .map(|(want, seats)| want.item(seats))
            .collect();
        let booking = self.add_booking(new_booking(&event, book, key, items, context));
        if event.policy.per_user_limit.is_some() && self.standing(book.by.user_id)?.entry.is_some() {
            // It may have brought its owner to the limit: what was kept for their entry is others' then.
            self.note_due(Some(context.now));
        }
        Ok(Receipt::Booking {
            booking,
            replayed: false,
        })
    }

    /// Refuses more tickets than the policy grants one user (rule 4).
    pub(super) fn require_within_limit(&self, user_id: UserId, quantity: u32) -> Result<(), Stop> {
        let Some(limit) = self.event.policy.per_user_limit else {
            return Ok(());
        };
        let tickets = self.standing(user_id)?.tickets;
        if tickets.saturating_add(quantity) > limit {
            return Err(Refusal::LimitExceeded { limit, tickets }.into());
        }
        Ok(())
    }

    /// The seats for each want (none in general sections), if all wants can be served now.
    fn places_for(
        &mut self,
        wants: &[Want<'_>],
        context: Context<'_>,
    ) -> Result<SmallVec<[Vec<SeatLabel>; 1]>, Stop> {
        let unavailable: Vec<SeatLabel> = wants.iter().flat_map(|want| self.not_free(want)).collect();
        if !unavailable.is_empty() {
            return Err(Refusal::SeatTaken { seats: unavailable }.into());
        }
        for (place, want) in wants.iter().enumerate() {
            let same = |other: &&Want<'_>| other.section == want.section;
            if wants[..place].iter().any(|other| same(&other)) {
                continue;
            }
            let demand: u32 = wants.iter().filter(same).map(|want| want.ordinary(self)).sum();
            if demand == 0 {
                continue;
            }
            let room = self.room(want.section, context)?;
            if demand > room {
                return Err(Refusal::SoldOut { available: room }.into());
            }
        }
        // Serving the line may just have taken a seat that was named.
        let unavailable: Vec<SeatLabel> = wants.iter().flat_map(|want| self.not_free(want)).collect();
        if !unavailable.is_empty() {
            return Err(Refusal::SeatTaken { seats: unavailable }.into());
        }
        self.choose_seats(wants)
    }

    fn not_free(&self, want: &Want<'_>) -> Vec<SeatLabel> {
        match (&want.seats, &self.sections[want.section].seats) {
            (WantedSeats::Named(labels), Some(seats)) => labels
                .iter()
                .filter(|label| !seats.is_free(label))
                .cloned()
                .collect(),
            _ => Vec::new(),
        }
    }

    fn choose_seats(&self, wants: &[Want<'_>]) -> Result<SmallVec<[Vec<SeatLabel>; 1]>, Stop> {
        let mut chosen: SmallVec<[Vec<SeatLabel>; 1]> = wants
            .iter()
            .map(|want| match &want.seats {
                WantedSeats::Named(labels) => labels.clone(),
                _ => Vec::new(),
            })
            .collect();
        for (place, want) in wants.iter().enumerate() {
            let (WantedSeats::Best(wanted), Some(seats)) = (&want.seats, &self.sections[want.section].seats)
            else {
                continue;
            };
            let earlier = wants
                .iter()
                .zip(&chosen)
                .filter(|(other, _)| other.section == want.section);
            let earlier: Vec<&SeatLabel> = earlier.flat_map(|(_, seats)| seats).collect();
            let best = if earlier.is_empty() {
                seats.best(*wanted)
            } else {
                let mut rest = seats.clone();
                earlier.into_iter().for_each(|label| rest.take(label));
                rest.best(*wanted)
            };
            let free = seats.free(wanted.access);
            chosen[place] = best.ok_or(Refusal::SoldOut { available: free })?;
        }
        Ok(chosen)
    }
}

impl Want<'_> {
    pub(super) fn item(&self, seats: Vec<SeatLabel>) -> BookingItem {
        debug_assert!(seats.is_empty() || count(&seats) == self.quantity);
        BookingItem {
            ticket_type_id: self.kind.id,
            section_id: self.kind.section_id,
            quantity: self.quantity,
            seats,
            price_minor: self.kind.price_minor,
        }
    }
}

fn new_booking(
    event: &crate::domain::Event,
    book: &Book,
    key: Option<(&IdempotencyKey, Fingerprint)>,
    items: Items,
    context: Context<'_>,
) -> Booking {
    let held = book.kind == BookingKind::Held;
    Booking {
        id: book.booking_id,
        event_id: event.id,
        user_id: book.by.user_id,
        status: if held {
            BookingStatus::Held
        } else {
            BookingStatus::Confirmed
        },
        items,
        currency: event.currency,
        hold_expires_at: held.then(|| after(context.now, event.policy.hold_seconds)),
        payment_reference: None,
        source: Source::Direct,
        entry_id: None,
        reason: None,
        key: key.map(|(key, fingerprint)| (key.clone(), fingerprint)),
        created_at: context.now,
        confirmed_at: (!held).then_some(context.now),
        ended_at: None,
    }
}
