//! Figures, for admins. They are maintained in the commits that they count (rule 12).

use super::require_admin;
use crate::domain::{Caller, EventFigures, EventId, Overview, Popularity, SalesRow};
use crate::ledger::Refusal;
use crate::store::Span;
use crate::{error::Error, evently::Evently};

impl Evently {
    /// Figures over the events that start in a span.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Error::Store`].
    pub async fn overview(&self, by: &Caller, starts: Span) -> Result<Overview, Error> {
        require_admin(by)?;
        Ok(self.inner.store.overview(starts).await?)
    }

    /// The most popular of the events that start in a span.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`]; [`Error::Store`].
    pub async fn popular(
        &self,
        by: &Caller,
        measure: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, Error> {
        require_admin(by)?;
        Ok(self.inner.store.popular(measure, starts, limit).await?)
    }

    /// One event's figures.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn figures(&self, by: &Caller, event_id: EventId) -> Result<EventFigures, Error> {
        require_admin(by)?;
        Ok(self
            .inner
            .store
            .figures(event_id)
            .await?
            .ok_or(Refusal::NotFound)?)
    }

    /// An event's sales by the hour: the hours in which something happened.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`], [`Refusal::NotFound`]; [`Error::Store`].
    pub async fn sales(&self, by: &Caller, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, Error> {
        self.require_event(by, event_id).await?;
        Ok(self.inner.store.sales(event_id, span).await?)
    }
}
