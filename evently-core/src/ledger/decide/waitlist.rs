//! Joining and leaving the waitlist, and answering its offers (rule 7).

use super::super::command::{Join, Recall, Selection};
use super::super::inventory::{Context, Inventory, Stop};
use super::super::outcome::{Receipt, Refusal};
use super::invalid;
use super::resolve::Want;
use super::serve::Freed;
use crate::domain::{
    BookingStatus, Caller, Entry, EntryId, EntryStatus, EventStatus, Fingerprint, IdempotencyKey, SectionId,
    TicketTypeId, WaitlistPolicy,
};
use std::sync::Arc;

/// What somebody waits for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    ticket_type_id: TicketTypeId,
    section_id: SectionId,
    quantity: u32,
}

impl Place {
    /// The place in line for what a booking wants: one ticket type, and any ordinary seats, since those in line are
    /// served by best available.
    pub(super) fn of(wants: &[Want<'_>]) -> Result<Self, Refusal> {
        match wants {
            [want] if want.is_for_any_places() => Ok(Self {
                ticket_type_id: want.kind.id,
                section_id: want.kind.section_id,
                quantity: want.quantity,
            }),
            _ => Err(invalid(
                "on_full",
                "must be reject for seats that are named, or must be adjacent or accessible, and for several ticket types",
            )),
        }
    }
}

impl Inventory {
    pub(super) fn has_waitlist(&self) -> bool {
        self.event.policy.waitlist != WaitlistPolicy::Off
    }

    /// Joins the line.
    pub(super) fn join(&mut self, join: &Join, context: Context<'_>) -> Result<Receipt, Stop> {
        if join.recall != Recall::First
            && let Some(entry) = self.find_entry(join.entry_id)?
        {
            return Ok(Receipt::Entry {
                entry,
                replayed: false,
            });
        }
        let key = join.key.as_ref().map(|key| (key, join.fingerprint()));
        if let Some(replay) = self.replay(join.by.user_id, key)? {
            return Ok(replay);
        }
        // An entry's key must be known to be unused: a store need not guard bookings' and entries' keys as one.
        if let Some((key, _)) = key
            && self.key_use(join.by.user_id, key)?.is_none()
        {
            return Err(self.missing_key(join.by.user_id, key));
        }
        self.require_on_sale(&join.by, context.now)?;
        if !self.has_waitlist() {
            return Err(Refusal::WaitlistOff.into());
        }
        let event = Arc::clone(&self.event);
        let selection = Selection::Quantity {
            quantity: join.quantity,
            ticket_type_id: join.ticket_type_id,
        };
        let wants = self.resolve(&event, &selection, context)?;
        let place = Place::of(&wants)?;
        let entry = self.wait_for(place, &join.by, join.entry_id, key, context)?;
        Ok(Receipt::Entry {
            entry,
            replayed: false,
        })
    }

    /// Puts somebody at the end of the line, unless they are in it, may not have more, or need not wait.
    pub(super) fn wait_for(
        &mut self,
        place: Place,
        by: &Caller,
        entry_id: EntryId,
        key: Option<(&IdempotencyKey, Fingerprint)>,
        context: Context<'_>,
    ) -> Result<Arc<Entry>, Stop> {
        if self.standing(by.user_id)?.entry.is_some() {
            return Err(Refusal::AlreadyWaitlisted.into());
        }
        self.require_within_limit(by.user_id, place.quantity)?;
        let section = self.section_index(place.section_id).ok_or(Refusal::NotFound)?;
        if self.room(section, context)? >= place.quantity {
            return Err(Refusal::NotFull.into());
        }
        Ok(self.add_entry(Entry {
            id: entry_id,
            event_id: self.event.id,
            user_id: by.user_id,
            ticket_type_id: place.ticket_type_id,
            section_id: place.section_id,
            quantity: place.quantity,
            status: EntryStatus::Waiting,
            seq: 0,
            passes: 0,
            booking_id: None,
            offer_expires_at: None,
            key: key.map(|(key, fingerprint)| (key.clone(), fingerprint)),
            joined_at: context.now,
        }))
    }

    /// Leaves the line, giving an open offer back.
    pub(super) fn leave(&mut self, by: &Caller, id: EntryId, context: Context<'_>) -> Result<Receipt, Stop> {
        let entry = self.own_entry(by, id)?;
        let entry = match entry.status {
            EntryStatus::Left => entry,
            EntryStatus::Waiting => self.step_out(&entry, context)?,
            EntryStatus::Offered => self.give_back(&entry, EntryStatus::Left, context)?,
            _ => return Err(Refusal::NotWaiting.into()),
        };
        Ok(Receipt::Entry {
            entry,
            replayed: false,
        })
    }

    /// Accepts an offer.
    pub(super) fn accept(&mut self, by: &Caller, id: EntryId, context: Context<'_>) -> Result<Receipt, Stop> {
        let entry = self.own_entry(by, id)?;
        let booking = match entry.booking_id {
            Some(booking_id) => self.find_booking(booking_id)?,
            None => None,
        };
        match (entry.status, booking) {
            (EntryStatus::Converted, Some(booking)) => Ok(Receipt::Booking {
                booking,
                replayed: false,
            }),
            (EntryStatus::Offered, Some(booking)) if self.event.status != EventStatus::Cancelled => {
                let booking = self.confirm_hold(&booking, None, context)?;
                Ok(Receipt::Booking {
                    booking,
                    replayed: false,
                })
            }
            (EntryStatus::Lapsed, _) => Err(Refusal::OfferLapsed.into()),
            _ => Err(Refusal::NotOffered.into()),
        }
    }

    /// Declines an offer: what it held passes to the next.
    pub(super) fn decline(
        &mut self,
        by: &Caller,
        id: EntryId,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let entry = self.own_entry(by, id)?;
        let entry = match entry.status {
            EntryStatus::Declined => entry,
            EntryStatus::Offered => self.give_back(&entry, EntryStatus::Declined, context)?,
            EntryStatus::Lapsed => return Err(Refusal::OfferLapsed.into()),
            _ => return Err(Refusal::NotOffered.into()),
        };
        Ok(Receipt::Entry {
            entry,
            replayed: false,
        })
    }

    fn own_entry(&self, by: &Caller, id: EntryId) -> Result<Arc<Entry>, Stop> {
        let entry = self.find_entry(id)?;
        let own = entry.filter(|entry| entry.user_id == by.user_id || by.is_admin());
        Ok(own.ok_or(Refusal::NotFound)?)
    }

    /// Ends a waiting entry as left. What was saved for it goes to the next.
    fn step_out(&mut self, entry: &Arc<Entry>, context: Context<'_>) -> Result<Arc<Entry>, Stop> {
        let Some(index) = self.section_index(entry.section_id) else {
            return Err(Refusal::NotFound.into());
        };
        let without = Freed {
            without: Some(entry.id),
            ..Freed::default()
        };
        let service = self.plan_service(index, without, context.now)?;
        let left = Entry {
            status: EntryStatus::Left,
            ..(**entry).clone()
        };
        let left = self.change_entry(entry, left);
        self.apply_service(index, service, context);
        Ok(left)
    }

    /// Ends an offer's hold and its entry.
    fn give_back(
        &mut self,
        entry: &Arc<Entry>,
        status: EntryStatus,
        context: Context<'_>,
    ) -> Result<Arc<Entry>, Stop> {
        let booking = match entry.booking_id {
            Some(id) => self.find_booking(id)?,
            None => None,
        };
        let booking = booking.ok_or(Refusal::NotOffered)?;
        let ending = self.ending_of(&booking, BookingStatus::Cancelled, status)?;
        self.end_bookings(vec![ending], context)?;
        Ok(self.find_entry(entry.id)?.unwrap_or_else(|| Arc::clone(entry)))
    }
}
