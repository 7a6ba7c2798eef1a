//! Ending bookings: whatever frees places, and hands them to who waits in the same decision.

use super::super::inventory::{Context, Inventory, Stop};
use super::super::outcome::{Receipt, Refusal};
use super::serve::Freed;
use crate::domain::{Booking, BookingId, BookingStatus, Caller, EndReason, Entry, EntryStatus, EventStatus};
use std::sync::Arc;

/// How a booking ends.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) booking: Arc<Booking>,
    pub(super) status: BookingStatus,
    pub(super) reason: Option<EndReason>,
    /// The waitlist entry whose offer it was, and what becomes of it.
    pub(super) offer: Option<(Arc<Entry>, EntryStatus)>,
}

impl Inventory {
    /// Cancels a booking or releases a hold (rule 6).
    pub(super) fn cancel(
        &mut self,
        by: &Caller,
        id: BookingId,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let booking = self.own_booking(by, id)?;
        match booking.status {
            BookingStatus::Held | BookingStatus::Confirmed => {}
            BookingStatus::Cancelled => {
                return Ok(Receipt::Booking {
                    booking,
                    replayed: false,
                });
            }
            BookingStatus::Expired => return Err(Refusal::HoldExpired.into()),
            BookingStatus::Pending | BookingStatus::Rejected => return Err(Refusal::NotHeld.into()),
        }
        let over = self.event.status == EventStatus::Cancelled;
        let confirmed = booking.status == BookingStatus::Confirmed;
        if confirmed && !over && !by.is_admin() && context.now >= self.event.cancel_until() {
            return Err(Refusal::CancelClosed.into());
        }
        let entry_status = if over {
            EntryStatus::Closed
        } else {
            EntryStatus::Declined
        };
        let mut ending = self.ending_of(&booking, BookingStatus::Cancelled, entry_status)?;
        if over {
            ending.reason = Some(EndReason::EventCancelled);
        } else if by.user_id != booking.user_id {
            ending.reason = Some(EndReason::CancelledByAdmin);
        }
        let ended = self.end_bookings(vec![ending], context)?;
        let booking = ended.into_iter().next().unwrap_or(booking);
        Ok(Receipt::Booking {
            booking,
            replayed: false,
        })
    }

    /// The caller's booking; an admin's is everybody's.
    pub(super) fn own_booking(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Stop> {
        let booking = self.find_booking(id)?;
        let own = booking.filter(|booking| booking.user_id == by.user_id || by.is_admin());
        Ok(own.ok_or(Refusal::NotFound)?)
    }

    /// Ends bookings and serves the waitlist with what they free, or does nothing and says what is missing.
    pub(super) fn end_bookings(
        &mut self,
        endings: Vec<Ending>,
        context: Context<'_>,
    ) -> Result<Vec<Arc<Booking>>, Stop> {
        if endings.is_empty() {
            return Ok(Vec::new());
        }
        let users: Vec<_> = endings
            .iter()
            .map(|end| (end.booking.user_id, end.booking.quantity()))
            .collect();
        let mut services = Vec::new();
        for (index, places) in self.places_of(&endings) {
            let freed = Freed {
                places,
                users: &users,
                without: None,
            };
            services.push((index, self.plan_service(index, freed, context.now)?));
        }
        let ended = endings
            .into_iter()
            .map(|ending| self.end(ending, context))
            .collect();
        for (index, service) in services {
            self.apply_service(index, service, context);
        }
        Ok(ended)
    }

    fn end(&mut self, ending: Ending, context: Context<'_>) -> Arc<Booking> {
        let Ending {
            booking,
            status,
            reason,
            offer,
        } = ending;
        if let Some((entry, entry_status)) = offer {
            let ended = Entry {
                status: entry_status,
                offer_expires_at: None,
                ..(*entry).clone()
            };
            self.change_entry(&entry, ended);
        }
        let ended = Booking {
            status,
            reason,
            hold_expires_at: None,
            ended_at: Some(context.now),
            ..(*booking).clone()
        };
        self.change_booking(&booking, ended)
    }

    /// The places that anybody may be given, by section, which these endings free.
    fn places_of(&self, endings: &[Ending]) -> Vec<(usize, u32)> {
        let mut places: Vec<(usize, u32)> = Vec::new();
        for item in endings.iter().flat_map(|ending| &ending.booking.items) {
            let Some(index) = self.section_index(item.section_id) else {
                continue;
            };
            let freed = match &self.sections[index].seats {
                None => item.quantity,
                Some(seats) => {
                    let special = item
                        .seats
                        .iter()
                        .filter(|label| seats.is_accessible(label))
                        .count();
                    item.quantity
                        .saturating_sub(u32::try_from(special).unwrap_or(u32::MAX))
                }
            };
            match places.iter_mut().find(|(known, _)| *known == index) {
                Some((_, sum)) => *sum += freed,
                None => places.push((index, freed)),
            }
        }
        if self.event.policy.per_user_limit.is_some() {
            // Whoever has fewer tickets now may be served elsewhere, where only the limit kept them out.
            let waited_for = (0..self.sections.len()).filter(|index| self.sections[*index].count.waiting > 0);
            for index in waited_for {
                if !places.iter().any(|(known, _)| *known == index) {
                    places.push((index, 0));
                }
            }
        }
        places
    }
}
