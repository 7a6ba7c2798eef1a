//! Events: made and changed by admins, seen by everybody.

use super::{event_of, require_admin};
use crate::domain::{
    Caller, EventCursor, EventDraft, EventFilter, EventId, EventStatus, Page, PageRequest, SeatLabel,
    SectionCount,
};
use crate::ledger::{Command, Preview, Receipt, Refusal};
use crate::{error::Error, evently::Evently, store::Listing};
use std::time::Duration;

/// How often, and how far apart, the cancelling of an event looks whether it can go on: for as long as the clocks of
/// two processes may differ.
const IDLE_STEPS: u32 = 500;
const IDLE_PAUSE: Duration = Duration::from_millis(10);

impl Evently {
    /// Makes an event.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] to all but admins; [`Refusal::Invalid`] with every field that is wrong;
    /// [`Error::Overloaded`], [`Error::Store`], [`Error::Closed`].
    pub async fn create_event(&self, by: &Caller, draft: EventDraft) -> Result<Listing, Error> {
        require_admin(by)?;
        let event = draft
            .build(None, &self.inner.limits, &*self.inner.ids, self.now())
            .map_err(Refusal::Invalid)?;
        event_of(self.submit(event.id, Command::Create(Box::new(event))).await?)
    }

    /// Changes an event's definition to what the draft says, if it still is at the version `expected`. Capacity
    /// that grows serves the waitlist in the same commit (rule 8).
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::VersionConflict`], [`Refusal::Invalid`],
    /// [`Refusal::BelowSold`], [`Refusal::EventCancelled`]; [`Error::Overloaded`], [`Error::Store`],
    /// [`Error::Closed`].
    pub async fn change_event(
        &self,
        by: &Caller,
        id: EventId,
        expected: u64,
        draft: EventDraft,
    ) -> Result<Listing, Error> {
        require_admin(by)?;
        event_of(
            self.submit(
                id,
                Command::Change {
                    expected,
                    draft: Box::new(draft),
                },
            )
            .await?,
        )
    }

    /// What [`change_event`](Self::change_event) would do, judged by the same rules; it is not done.
    ///
    /// # Errors
    /// As [`change_event`](Self::change_event).
    pub async fn preview_change(
        &self,
        by: &Caller,
        id: EventId,
        expected: u64,
        draft: EventDraft,
    ) -> Result<Preview, Error> {
        require_admin(by)?;
        let preview = Command::Preview {
            expected,
            draft: Box::new(draft),
        };
        match self.submit(id, preview).await? {
            Receipt::Preview(preview) => Ok(*preview),
            _ => Err(Refusal::NotFound.into()),
        }
    }

    /// Publishes a draft; a published event answers the same.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::EventCancelled`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn publish_event(&self, by: &Caller, id: EventId) -> Result<Listing, Error> {
        require_admin(by)?;
        event_of(self.submit(id, Command::Publish).await?)
    }

    /// Cancels an event with all its bookings, holds and waitlist entries (rule 9); a cancelled one answers the
    /// same.
    ///
    /// Nothing is sold from the first step on. The steps are bounded: should this process end between them, any
    /// process' sweeper goes on.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::NotPublished`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`]; [`Error::Failed`] if the store counts what it does not have, so that there
    /// is no end.
    pub async fn cancel_event(&self, by: &Caller, id: EventId) -> Result<Listing, Error> {
        require_admin(by)?;
        let mut version = event_of(self.submit(id, Command::CancelEvent).await?)?.version;
        let mut idle = 0;
        loop {
            let listing = event_of(self.submit(id, Command::Sweep).await?)?;
            let left = |count: &SectionCount| count.sold + count.held + count.waiting;
            if listing.counts.iter().map(left).sum::<u32>() == 0 {
                return Ok(listing);
            }
            // A step ends something, whoever takes it; but none is taken before the instant that another process
            // noted, whose clock may be ahead.
            if listing.version != version {
                version = listing.version;
            } else if idle < IDLE_STEPS {
                idle += 1;
                tokio::time::sleep(IDLE_PAUSE).await;
            } else {
                return Err(Error::Failed);
            }
        }
    }

    /// Deletes a draft.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`], [`Refusal::NotDraft`]; [`Error::Overloaded`],
    /// [`Error::Store`], [`Error::Closed`].
    pub async fn delete_event(&self, by: &Caller, id: EventId) -> Result<(), Error> {
        require_admin(by)?;
        self.submit(id, Command::Delete).await.map(|_| ())
    }

    /// An event with what is left of it. Drafts are not found by all but admins.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn event(&self, by: Option<&Caller>, id: EventId) -> Result<Listing, Error> {
        self.visible(by, id).await
    }

    /// A page of the catalogue. Drafts are listed to admins who ask for them.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn events(
        &self,
        by: Option<&Caller>,
        mut filter: EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, Error> {
        filter.include_drafts &= by.is_some_and(Caller::is_admin);
        Ok(self.inner.store.events(&filter, page).await?)
    }

    /// An event with the labels of its taken seats, at one version.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn taken_seats(
        &self,
        by: Option<&Caller>,
        id: EventId,
    ) -> Result<(Listing, Vec<SeatLabel>), Error> {
        let found = self.inner.store.taken_seats(id).await?;
        let may_see = |listing: &Listing| super::may_see(by, listing);
        Ok(found
            .filter(|(listing, _)| may_see(listing))
            .ok_or(Refusal::NotFound)?)
    }

    /// Whether the event's bookings may be asked for by an admin; used before lists of an event's parts.
    pub(super) async fn require_event(&self, by: &Caller, id: EventId) -> Result<EventStatus, Error> {
        require_admin(by)?;
        Ok(self.visible(Some(by), id).await?.event.status)
    }
}
