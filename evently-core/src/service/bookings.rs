//! Bookings and holds.

use super::booking_of;
use crate::domain::{Booking, BookingFilter, BookingId, Caller, EntryId, EventId, Page, PageRequest};
use crate::ledger::{Book, Command, Recall, Receipt, Refusal};
use crate::requests::{BookRequest, Outcome, Placed};
use crate::{error::Error, evently::Evently};
use std::sync::Arc;

impl Evently {
    /// Books tickets, or holds them.
    ///
    /// What it answers is durable as the store promises, all of it or nothing (rule 2), and never more than there
    /// is (rule 1). With a key, asking again has the one effect and the one answer (rule 10).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`], [`Refusal::NotOnSale`], [`Refusal::SoldOut`],
    /// [`Refusal::SeatTaken`], [`Refusal::LimitExceeded`], [`Refusal::IdempotencyMismatch`], and with
    /// [`OnFull::Waitlist`](crate::ledger::OnFull) what [`join`](Self::join) refuses; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn book(&self, by: &Caller, event_id: EventId, request: BookRequest) -> Result<Placed, Error> {
        let now = self.now();
        let booking_id = request
            .booking_id
            .unwrap_or_else(|| BookingId::from_uuid(self.inner.ids.next(now)));
        let command = Command::Book(Book {
            by: *by,
            booking_id,
            // An entry never meets a booking, so both may go by one UUID.
            entry_id: EntryId::from_uuid(booking_id.uuid()),
            kind: request.kind,
            selection: request.selection,
            on_full: request.on_full,
            key: request.key,
            recall: Recall::First,
        });
        match self.submit(event_id, command).await? {
            Receipt::Booking { booking, replayed } => Ok(Placed {
                outcome: Outcome::Booking(booking),
                replayed,
            }),
            Receipt::Entry { entry, replayed } => Ok(Placed {
                outcome: Outcome::Entry(self.placed(entry).await?),
                replayed,
            }),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Turns a hold into a confirmed booking; a confirmed one answers the same. Confirming the hold of a
    /// waitlist's offer accepts the offer.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::HoldExpired`], [`Refusal::NotHeld`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn confirm(
        &self,
        by: &Caller,
        id: BookingId,
        payment_reference: Option<String>,
    ) -> Result<Arc<Booking>, Error> {
        let event_id = self.booking(by, id).await?.event_id;
        let command = Command::Confirm {
            by: *by,
            booking_id: id,
            payment_reference,
        };
        booking_of(self.submit(event_id, command).await?)
    }

    /// Gives a hold more time: to now + `hold_seconds`, at most its creation + `hold_max_seconds` (rule 5).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::HoldExpired`], [`Refusal::HoldLimit`], [`Refusal::NotHeld`];
    /// [`Error::Overloaded`], [`Error::Store`], [`Error::Closed`].
    pub async fn extend(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Error> {
        let event_id = self.booking(by, id).await?.event_id;
        booking_of(
            self.submit(
                event_id,
                Command::Extend {
                    by: *by,
                    booking_id: id,
                },
            )
            .await?,
        )
    }

    /// Cancels a booking or releases a hold; what frees goes to the waitlist in the same commit. A cancelled one
    /// answers the same and frees nothing (rule 6).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::CancelClosed`], [`Refusal::HoldExpired`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn cancel(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Error> {
        let event_id = self.booking(by, id).await?.event_id;
        booking_of(
            self.submit(
                event_id,
                Command::Cancel {
                    by: *by,
                    booking_id: id,
                },
            )
            .await?,
        )
    }

    /// A booking of the caller's; an admin sees everybody's.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn booking(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Error> {
        let booking = self.inner.store.booking(id).await?;
        let own = booking.filter(|booking| booking.user_id == by.user_id || by.is_admin());
        Ok(own.ok_or(Refusal::NotFound)?)
    }

    /// The caller's bookings, newest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn bookings(
        &self,
        by: &Caller,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, Error> {
        Ok(self
            .inner
            .store
            .bookings_of_user(by.user_id, filter, page)
            .await?)
    }

    /// An event's bookings, newest first; for admins.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn bookings_of_event(
        &self,
        by: &Caller,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, Error> {
        self.require_event(by, event_id).await?;
        Ok(self.inner.store.bookings_of_event(event_id, filter, page).await?)
    }
}
