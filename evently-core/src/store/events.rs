//! Reads of the catalogue.

use super::StoreError;
use crate::domain::{
    Event, EventCursor, EventFilter, EventId, EventSort, EventSortKey, Page, PageRequest, Phase, SeatLabel,
    SectionCount, Timestamp,
};
use async_trait::async_trait;
use std::{fmt::Debug, sync::Arc, time::Duration};

/// An event with what is left of it, at one version.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// The definition.
    pub event: Arc<Event>,
    /// The inventory's version.
    pub version: u64,
    /// The sections' counts, in the event's order.
    pub counts: Vec<SectionCount>,
}

impl Listing {
    /// Places that nobody has.
    pub fn available(&self) -> u32 {
        self.counts
            .iter()
            .map(SectionCount::available)
            .fold(0, u32::saturating_add)
    }

    /// The phase at `now`.
    pub fn phase(&self, now: Timestamp) -> Phase {
        self.event.phase(now, self.available())
    }

    /// Where this event stands in an order of the catalogue.
    pub fn cursor(&self, sort: EventSort) -> EventCursor {
        let event = &self.event;
        let key = match sort {
            EventSort::StartsAt | EventSort::StartsAtDescending => EventSortKey::Time(event.starts_at),
            EventSort::Name => EventSortKey::Name(event.name.clone()),
            EventSort::CreatedAtDescending => EventSortKey::Time(event.created_at),
        };
        EventCursor { key, id: event.id }
    }

    /// Whether the filter lets this event through: the specification of [`EventStore::events`].
    pub fn matches(&self, filter: &EventFilter) -> bool {
        let event = &self.event;
        let phase = self.phase(filter.now);
        let contains = |haystack: &str, needle: &str| haystack.to_lowercase().contains(needle);
        let text = filter.text.as_ref().map(|text| text.to_lowercase());
        (filter.include_drafts || phase != Phase::Draft)
            && filter.phase.is_none_or(|wanted| wanted == phase)
            && (!filter.available_only || self.available() > 0)
            && filter.from.is_none_or(|from| event.starts_at >= from)
            && filter.to.is_none_or(|to| event.starts_at < to)
            && filter
                .venue
                .as_ref()
                .is_none_or(|venue| venue.to_lowercase() == event.venue.to_lowercase())
            && text.is_none_or(|text| {
                contains(&event.name, &text)
                    || contains(&event.venue, &text)
                    || contains(&event.description, &text)
            })
    }
}

/// Reads of the catalogue. Events are written by [`BookingStore::commit`](super::BookingStore::commit).
#[async_trait]
pub trait EventStore: Debug + Send + Sync + 'static {
    /// One event with what is left of it.
    ///
    /// # Errors
    /// The storage failed.
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError>;

    /// The events that [`Listing::matches`] lets through, in the filter's order, ties by id ascending.
    ///
    /// # Errors
    /// The storage failed.
    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError>;

    /// The ids of all events, ascending, after this one.
    ///
    /// # Errors
    /// The storage failed.
    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError>;

    /// The event at one version with the labels of its taken seats, in any order.
    ///
    /// # Errors
    /// The storage failed.
    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError>;

    /// Returns when the event's inventory is at another version than `seen`, and at the latest after `at_most`.
    ///
    /// A hint to look again and no more: it may return early, and tells nothing but that looking is worth while. A
    /// commit through this store wakes it at once, one of another process within a fraction of a second. An event
    /// that does not exist is not waited for. Waiting holds no connection and no thread.
    ///
    /// # Errors
    /// The storage failed.
    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError>;
}
