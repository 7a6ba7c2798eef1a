//! A store around another store, with something done to the calls in between.
//!
//! Written once here, so that whoever fails, breaks or watches calls writes only that.

use crate::domain::{
    Booking, BookingFilter, BookingId, Email, EntryFilter, EntryId, EventCursor, EventFigures, EventFilter,
    EventId, Overview, Page, PageRequest, Popularity, SalesRow, SeatLabel, Session, SessionId, Timestamp,
    User, UserId,
};
use crate::ledger::{Audit, Changes, Need, Snapshot};
use crate::store::{
    AnalyticsStore, BookingStore, Committed, ConnectionFigures, Durability, EventStore, Listing, PlacedEntry,
    Rotation, Span, Store, StoreError, UserStore, UserWritten, WaitlistStore,
};
use async_trait::async_trait;
use std::{fmt::Debug, sync::Arc, time::Duration};

/// What is done to the calls of a [`Wrapped`] store; what is not written here passes untouched.
#[async_trait]
pub trait Meddle: Debug + Send + Sync + 'static {
    /// Answers a load.
    ///
    /// # Errors
    /// The store's, or made up.
    async fn load(&self, store: &dyn Store, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        store.load(needs).await
    }

    /// Answers a commit.
    ///
    /// # Errors
    /// The store's, or made up.
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        store.commit(changes).await
    }

    /// Comes before every other call.
    ///
    /// # Errors
    /// Made up: the call then ends with it.
    async fn before(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Closes the store, or leaves it open for others.
    async fn close(&self, store: &dyn Store) {
        store.close().await;
    }
}

/// A store whose calls somebody meddles with.
#[derive(Debug)]
pub struct Wrapped<M> {
    store: Arc<dyn Store>,
    meddle: M,
}

impl<M: Meddle> Wrapped<M> {
    /// A store around this one.
    pub fn new(store: Arc<dyn Store>, meddle: M) -> Self {
        Self { store, meddle }
    }

    /// Who meddles.
    pub fn meddle(&self) -> &M {
        &self.meddle
    }
}

#[async_trait]
impl<M: Meddle> BookingStore for Wrapped<M> {
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        self.meddle.load(&*self.store, needs).await
    }

    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        self.meddle.commit(&*self.store, changes).await
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError> {
        self.meddle.before().await?;
        self.store.booking(id).await
    }

    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        self.meddle.before().await?;
        self.store.bookings_of_user(user_id, filter, page).await
    }

    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        self.meddle.before().await?;
        self.store.bookings_of_event(event_id, filter, page).await
    }

    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        self.meddle.before().await?;
        self.store.due_events(now, limit).await
    }
}

#[async_trait]
impl<M: Meddle> EventStore for Wrapped<M> {
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError> {
        self.meddle.before().await?;
        self.store.event(id).await
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError> {
        self.meddle.before().await?;
        self.store.events(filter, page).await
    }

    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError> {
        self.meddle.before().await?;
        self.store.event_ids(after, limit).await
    }

    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError> {
        self.meddle.before().await?;
        self.store.taken_seats(id).await
    }

    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError> {
        self.meddle.before().await?;
        self.store.changed(id, seen, at_most).await
    }
}

#[async_trait]
impl<M: Meddle> WaitlistStore for Wrapped<M> {
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError> {
        self.meddle.before().await?;
        self.store.entry(id).await
    }

    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError> {
        self.meddle.before().await?;
        self.store.entries_of_user(user_id, page).await
    }

    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError> {
        self.meddle.before().await?;
        self.store.entries_of_event(event_id, filter, page).await
    }
}

#[async_trait]
impl<M: Meddle> AnalyticsStore for Wrapped<M> {
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError> {
        self.meddle.before().await?;
        self.store.overview(starts).await
    }

    async fn popular(
        &self,
        by: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, StoreError> {
        self.meddle.before().await?;
        self.store.popular(by, starts, limit).await
    }

    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError> {
        self.meddle.before().await?;
        self.store.figures(event_id).await
    }

    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError> {
        self.meddle.before().await?;
        self.store.sales(event_id, span).await
    }

    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError> {
        self.meddle.before().await?;
        self.store.audit(event_id).await
    }
}

#[async_trait]
impl<M: Meddle> UserStore for Wrapped<M> {
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError> {
        self.meddle.before().await?;
        self.store.create_user(user).await
    }

    async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        self.meddle.before().await?;
        self.store.update_user(user).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.meddle.before().await?;
        self.store.user(id).await
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        self.meddle.before().await?;
        self.store.user_by_email(email).await
    }

    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        self.meddle.before().await?;
        self.store.create_session(session).await
    }

    async fn rotate_session(
        &self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        self.meddle.before().await?;
        self.store
            .rotate_session(id, presented, next, expires_at, now)
            .await
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.meddle.before().await?;
        self.store.end_session(id).await
    }
}

#[async_trait]
impl<M: Meddle> Store for Wrapped<M> {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn durability(&self) -> Durability {
        self.store.durability()
    }

    fn connections(&self) -> Option<ConnectionFigures> {
        self.store.connections()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.meddle.before().await?;
        self.store.ping().await
    }

    async fn close(&self) {
        self.meddle.close(&*self.store).await;
    }
}
