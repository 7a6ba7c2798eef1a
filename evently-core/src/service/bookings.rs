//! Bookings and holds.

use super::booking_of;
use crate::domain::{
    Booking, BookingFilter, BookingId, Caller, EntryId, EventId, FieldError, Page, PageRequest,
};
use crate::ledger::{Book, Command, Recall, Receipt, Refusal};
use crate::requests::{BookRequest, Outcome, Placed, Progress};
use crate::{error::Error, evently::Evently};
use std::sync::Arc;

impl Evently {
    /// Books tickets, or holds them.
    ///
    /// What it answers is durable as the store promises, all of it or nothing (rule 2), and never more than there
    /// is (rule 1). With a key, or with an id that the caller chose, asking again has the one effect and the one
    /// answer (rule 10).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`], [`Refusal::NotOnSale`], [`Refusal::SoldOut`],
    /// [`Refusal::SeatTaken`], [`Refusal::LimitExceeded`], [`Refusal::IdempotencyMismatch`], and with
    /// [`OnFull::Waitlist`](crate::ledger::OnFull) what [`join`](Self::join) refuses; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn book(&self, by: &Caller, event_id: EventId, request: BookRequest) -> Result<Placed, Error> {
        let book = self.book_of(by, event_id, request).await?;
        let receipt = self.submit(event_id, Command::Book(book)).await?;
        self.placed_of(receipt).await
    }

    /// The request as the ledger knows it. An id that the caller chose may have been named before.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for the id of another event's booking; [`Error::Store`].
    pub(super) async fn book_of(
        &self,
        by: &Caller,
        event_id: EventId,
        request: BookRequest,
    ) -> Result<Book, Error> {
        let (booking_id, recall) = match request.booking_id {
            None => (BookingId::from_uuid(self.new_id()), Recall::First),
            Some(id) => {
                let known = self.inner.store.booking(id).await?;
                if known.is_some_and(|booking| booking.event_id != event_id) {
                    let error = FieldError::new("booking_id", "must be an id that nothing goes by");
                    return Err(Refusal::Invalid(vec![error]).into());
                }
                (id, Recall::MayHaveHappened)
            }
        };
        Ok(Book {
            by: *by,
            booking_id,
            // An entry never meets a booking, so both may go by one UUID.
            entry_id: EntryId::from_uuid(booking_id.uuid()),
            kind: request.kind,
            selection: request.selection,
            on_full: request.on_full,
            key: request.key,
            recall,
        })
    }

    /// What a request for tickets made, of its receipt.
    pub(super) async fn placed_of(&self, receipt: Receipt) -> Result<Placed, Error> {
        match receipt {
            Receipt::Booking { booking, replayed } => Ok(Placed {
                outcome: Outcome::Booking(booking),
                replayed,
            }),
            Receipt::Entry { entry, replayed } => Ok(Placed {
                outcome: Outcome::Entry(self.placed(entry).await?),
                replayed,
            }),
            Receipt::Event(_) | Receipt::Preview(_) | Receipt::Done => Err(Refusal::NotFound.into()),
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
        let booking = self.decided(by, id).await?;
        let command = Command::Confirm {
            by: *by,
            booking_id: booking.id,
            payment_reference,
        };
        booking_of(self.submit(booking.event_id, command).await?)
    }

    /// Gives a hold more time: to now + `hold_seconds`, at most its creation + `hold_max_seconds` (rule 5).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::HoldExpired`], [`Refusal::HoldLimit`], [`Refusal::NotHeld`];
    /// [`Error::Overloaded`], [`Error::Store`], [`Error::Closed`].
    pub async fn extend(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Error> {
        let booking = self.decided(by, id).await?;
        let command = Command::Extend {
            by: *by,
            booking_id: booking.id,
        };
        booking_of(self.submit(booking.event_id, command).await?)
    }

    /// Cancels a booking or releases a hold; what frees goes to the waitlist in the same commit. A cancelled one
    /// answers the same and frees nothing (rule 6).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::CancelClosed`], [`Refusal::HoldExpired`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn cancel(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Error> {
        let booking = self.decided(by, id).await?;
        let command = Command::Cancel {
            by: *by,
            booking_id: booking.id,
        };
        booking_of(self.submit(booking.event_id, command).await?)
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

    /// A booking of the caller's that something can be done with: one that queued intake has not decided, or has
    /// refused, is held by nobody. A queued request that found its key used goes by the id of the booking that it found
    /// and by its own.
    async fn decided(&self, by: &Caller, id: BookingId) -> Result<Arc<Booking>, Error> {
        let stored = self.booking(by, id).await;
        if self.intake().is_none() || !matches!(stored, Err(Error::Refused(Refusal::NotFound))) {
            return stored;
        }
        match self.progress(by, id).await? {
            Progress::Booked { booking, .. } => Ok(booking),
            _ => Err(Refusal::NotHeld.into()),
        }
    }

    /// The caller's bookings, newest first. In queued intake those that are decided; how far the others have come is
    /// read one by one ([`progress`](Self::progress)).
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
