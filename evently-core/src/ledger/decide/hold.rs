//! Holds: confirmed or extended while they last (rule 5).

use super::super::inventory::{Context, Inventory, Stop};
use super::super::outcome::{Receipt, Refusal};
use super::after;
use crate::domain::{Booking, BookingId, BookingStatus, Caller, Entry, EntryStatus, EventStatus};
use std::sync::Arc;

impl Inventory {
    /// Turns a hold into a confirmed booking.
    pub(super) fn confirm(
        &mut self,
        by: &Caller,
        id: BookingId,
        payment_reference: Option<&str>,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let booking = self.own_booking(by, id)?;
        if booking.status == BookingStatus::Confirmed {
            return Ok(Receipt::Booking {
                booking,
                replayed: false,
            });
        }
        self.require_hold(&booking)?;
        let booking = self.confirm_hold(&booking, payment_reference, context)?;
        Ok(Receipt::Booking {
            booking,
            replayed: false,
        })
    }

    /// Gives a hold more time: now + `hold_seconds`, at most its creation + `hold_max_seconds`; that of an offer not
    /// beyond the sales.
    pub(super) fn extend(
        &mut self,
        by: &Caller,
        id: BookingId,
        context: Context<'_>,
    ) -> Result<Receipt, Stop> {
        let booking = self.own_booking(by, id)?;
        self.require_hold(&booking)?;
        let policy = &self.event.policy;
        let most = after(booking.created_at, policy.hold_max_seconds());
        let most = match booking.entry_id {
            Some(_) => most.min(self.event.closes_at()),
            None => most,
        };
        let expires = after(context.now, policy.hold_seconds).min(most);
        if booking.hold_expires_at.is_none_or(|now| expires <= now) {
            return Err(Refusal::HoldLimit.into());
        }
        if let Some(offer) = self.offer_of(&booking)? {
            let extended = Entry {
                offer_expires_at: Some(expires),
                ..(*offer).clone()
            };
            self.change_entry(&offer, extended);
        }
        let extended = Booking {
            hold_expires_at: Some(expires),
            ..(*booking).clone()
        };
        Ok(Receipt::Booking {
            booking: self.change_booking(&booking, extended),
            replayed: false,
        })
    }

    /// Confirms a hold, and with it the offer that it may be.
    pub(super) fn confirm_hold(
        &mut self,
        booking: &Arc<Booking>,
        payment_reference: Option<&str>,
        context: Context<'_>,
    ) -> Result<Arc<Booking>, Stop> {
        if let Some(offer) = self.offer_of(booking)? {
            let converted = Entry {
                status: EntryStatus::Converted,
                offer_expires_at: None,
                ..(*offer).clone()
            };
            self.change_entry(&offer, converted);
        }
        let confirmed = Booking {
            status: BookingStatus::Confirmed,
            hold_expires_at: None,
            payment_reference: payment_reference.map(str::to_owned),
            confirmed_at: Some(context.now),
            ..(**booking).clone()
        };
        Ok(self.change_booking(booking, confirmed))
    }

    /// Refuses what is no hold (any more). Holds that are over were ended before ([`catch_up`](Self::catch_up)).
    fn require_hold(&self, booking: &Booking) -> Result<(), Refusal> {
        match booking.status {
            BookingStatus::Held if self.event.status != EventStatus::Cancelled => Ok(()),
            BookingStatus::Expired => Err(Refusal::HoldExpired),
            _ => Err(Refusal::NotHeld),
        }
    }

    fn offer_of(&self, booking: &Booking) -> Result<Option<Arc<Entry>>, Stop> {
        match booking.entry_id {
            Some(id) => Ok(self
                .find_entry(id)?
                .filter(|entry| entry.status == EntryStatus::Offered)),
            None => Ok(None),
        }
    }
}
