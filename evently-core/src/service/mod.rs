//! The facade's calls, by what they are about: authorise, then hand to a lane or read.

mod analytics;
mod bookings;
mod events;
pub(crate) mod intake;
pub(crate) mod verify;
mod waitlist;

use crate::domain::{Booking, Caller, Entry, EventId, EventStatus};
use crate::ledger::{Receipt, Refusal};
use crate::{error::Error, evently::Evently, store::Listing};
use std::sync::Arc;

/// Lets admins through.
fn require_admin(by: &Caller) -> Result<(), Refusal> {
    if by.is_admin() {
        Ok(())
    } else {
        Err(Refusal::Forbidden)
    }
}

/// Whether somebody may see an event: drafts are for admins only.
fn may_see(by: Option<&Caller>, listing: &Listing) -> bool {
    listing.event.status != EventStatus::Draft || by.is_some_and(Caller::is_admin)
}

impl Evently {
    /// The event, if there is one that the caller may see.
    pub(crate) async fn visible(&self, by: Option<&Caller>, id: EventId) -> Result<Listing, Error> {
        let listing = self
            .inner
            .store
            .event(id)
            .await?
            .filter(|listing| may_see(by, listing));
        Ok(listing.ok_or(Refusal::NotFound)?)
    }
}

/// The booking of a receipt for a command that answers with one.
fn booking_of(receipt: Receipt) -> Result<Arc<Booking>, Error> {
    match receipt {
        Receipt::Booking { booking, .. } => Ok(booking),
        _ => Err(Refusal::NotFound.into()),
    }
}

/// The entry of a receipt for a command that answers with one.
fn entry_of(receipt: Receipt) -> Result<Arc<Entry>, Error> {
    match receipt {
        Receipt::Entry { entry, .. } => Ok(entry),
        _ => Err(Refusal::NotFound.into()),
    }
}

/// The event of a receipt for a command that answers with one.
fn event_of(receipt: Receipt) -> Result<Listing, Error> {
    match receipt {
        Receipt::Event(listing) => Ok(listing),
        _ => Err(Refusal::NotFound.into()),
    }
}
