//! The waitlist.

use super::{booking_of, entry_of};
use crate::domain::{Booking, Caller, Entry, EntryFilter, EntryId, EventId, Page, PageRequest};
use crate::ledger::{Command, Join, Recall, Receipt, Refusal};
use crate::requests::{JoinRequest, Outcome, Placed};
use crate::store::PlacedEntry;
use crate::{error::Error, evently::Evently};
use std::sync::Arc;

impl Evently {
    /// Joins an event's waitlist (rule 7).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Invalid`], [`Refusal::NotOnSale`], [`Refusal::WaitlistOff`],
    /// [`Refusal::NotFull`], [`Refusal::AlreadyWaitlisted`], [`Refusal::LimitExceeded`],
    /// [`Refusal::IdempotencyMismatch`]; [`Error::Overloaded`], [`Error::Store`], [`Error::Closed`].
    pub async fn join(&self, by: &Caller, event_id: EventId, request: JoinRequest) -> Result<Placed, Error> {
        let command = Command::Join(Join {
            by: *by,
            entry_id: EntryId::from_uuid(self.new_id()),
            quantity: request.quantity,
            ticket_type_id: request.ticket_type_id,
            key: request.key,
            recall: Recall::First,
        });
        match self.submit(event_id, command).await? {
            Receipt::Entry { entry, replayed } => Ok(Placed {
                outcome: Outcome::Entry(self.placed(entry).await?),
                replayed,
            }),
            Receipt::Booking { booking, replayed } => Ok(Placed {
                outcome: Outcome::Booking(booking),
                replayed,
            }),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Leaves the waitlist; an entry that left answers the same. Leaving an open offer declines nothing: the
    /// offer's hold is released and the entry has left.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotWaiting`]; [`Error::Overloaded`], [`Error::Store`],
    /// [`Error::Closed`].
    pub async fn leave(&self, by: &Caller, id: EntryId) -> Result<Arc<Entry>, Error> {
        let event_id = self.entry(by, id).await?.entry.event_id;
        entry_of(
            self.submit(
                event_id,
                Command::Leave {
                    by: *by,
                    entry_id: id,
                },
            )
            .await?,
        )
    }

    /// Accepts an offer: its hold becomes a confirmed booking. An accepted one answers the same.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotOffered`], [`Refusal::OfferLapsed`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn accept(&self, by: &Caller, id: EntryId) -> Result<Arc<Booking>, Error> {
        let event_id = self.entry(by, id).await?.entry.event_id;
        booking_of(
            self.submit(
                event_id,
                Command::Accept {
                    by: *by,
                    entry_id: id,
                },
            )
            .await?,
        )
    }

    /// Declines an offer: what it held passes to the next. A declined one answers the same.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotOffered`], [`Refusal::OfferLapsed`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn decline(&self, by: &Caller, id: EntryId) -> Result<Arc<Entry>, Error> {
        let event_id = self.entry(by, id).await?.entry.event_id;
        entry_of(
            self.submit(
                event_id,
                Command::Decline {
                    by: *by,
                    entry_id: id,
                },
            )
            .await?,
        )
    }

    /// An entry of the caller's; an admin sees everybody's.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn entry(&self, by: &Caller, id: EntryId) -> Result<PlacedEntry, Error> {
        let placed = self.inner.store.entry(id).await?;
        let own = placed.filter(|placed| placed.entry.user_id == by.user_id || by.is_admin());
        Ok(own.ok_or(Refusal::NotFound)?)
    }

    /// The caller's entries, newest first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn entries(
        &self,
        by: &Caller,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, Error> {
        Ok(self.inner.store.entries_of_user(by.user_id, page).await?)
    }

    /// An event's entries in the order of joining; for admins.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn entries_of_event(
        &self,
        by: &Caller,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, Error> {
        self.require_event(by, event_id).await?;
        Ok(self.inner.store.entries_of_event(event_id, filter, page).await?)
    }

    /// An entry with its position, which only the store knows.
    pub(crate) async fn placed(&self, entry: Arc<Entry>) -> Result<PlacedEntry, Error> {
        let placed = self.inner.store.entry(entry.id).await?;
        Ok(placed.unwrap_or(PlacedEntry {
            entry,
            position: None,
        }))
    }
}
