//! A look at a request before it is decided: whether it is about what the event has, and how its booking reads until
//! then. Nothing is taken, and whether it is to be had is not asked.

use super::super::command::{Book, OnFull};
use super::super::inventory::{Context, Inventory, Stop};
use super::super::need::{Need, Snapshot};
use super::super::outcome::{Receipt, Refusal};
use super::resolve::{WantedSeats, Wants};
use super::waitlist::Place;
use crate::domain::{Booking, BookingStatus, Event, SectionCount, Source};
use crate::store::Listing;

/// What an event has to offer, all of it free.
#[derive(Debug)]
pub struct Offer(Inventory);

impl Offer {
    /// What a listed event offers.
    pub fn of(listing: Listing) -> Self {
        let mut need = Need::event(listing.event.id);
        need.seats = true;
        let snapshot = Snapshot {
            counts: listing.event.sections.iter().map(SectionCount::empty).collect(),
            taken_seats: Some(Vec::new()),
            ..Snapshot::of(listing)
        };
        Self(Inventory::new(&need, snapshot))
    }

    /// The event.
    pub fn event(&self) -> &Event {
        &self.0.event
    }

    /// How the request's booking reads until it is decided: `pending`, with the seats that were named and none that
    /// are to be chosen.
    ///
    /// # Errors
    /// [`Refusal::Invalid`]: the event has not got what it asks for, or not in that way; [`Refusal::NotOnSale`] where
    /// that is so, too, since it would be refused for that.
    pub fn pending(&self, book: &Book, context: Context<'_>) -> Result<Booking, Refusal> {
        let event = &self.0.event;
        let wants = self.wants(book, context).map_err(|invalid| {
            let off_sale = self.0.require_on_sale(&book.by, context.now);
            off_sale.err().unwrap_or(invalid)
        })?;
        let items = wants.iter().map(|want| match &want.seats {
            WantedSeats::Named(labels) => want.item(labels.clone()),
            _ => want.item(Vec::new()),
        });
        Ok(Booking {
            id: book.booking_id,
            event_id: event.id,
            user_id: book.by.user_id,
            status: BookingStatus::Pending,
            items: items.collect(),
            currency: event.currency,
            hold_expires_at: None,
            payment_reference: None,
            source: Source::Direct,
            entry_id: None,
            reason: None,
            key: book.key.clone().map(|key| (key, book.fingerprint())),
            created_at: context.now,
            confirmed_at: None,
            ended_at: None,
        })
    }

    fn wants(&self, book: &Book, context: Context<'_>) -> Result<Wants<'_>, Refusal> {
        let wants = self.0.resolve(&self.0.event, &book.selection, context);
        let wants = wants.map_err(|stop| match stop {
            Stop::Refused(refusal) => refusal,
            // Nobody waits, so that nothing about a line can be missing.
            Stop::Missing(_) => Refusal::NotFound,
        })?;
        if book.on_full == OnFull::Waitlist {
            Place::of(&wants)?;
        }
        Ok(wants)
    }
}

impl Inventory {
    /// What an earlier request with this one's key made, if that is known (rule 10).
    ///
    /// # Errors
    /// [`Refusal::IdempotencyMismatch`]: that was another request.
    pub fn made_before(&self, book: &Book) -> Result<Option<Receipt>, Refusal> {
        let key = book.key.as_ref().map(|key| (key, book.fingerprint()));
        match self.replay(book.by.user_id, key) {
            Ok(made) => Ok(made),
            Err(Stop::Refused(refusal)) => Err(refusal),
            Err(Stop::Missing(_)) => Ok(None),
        }
    }
}
