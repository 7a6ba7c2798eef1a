//! Definitions and figures as rows.

use super::inventory::counts_of;
use super::to_json;
use crate::error::Fault;
use evently_core::domain::{
    Currency, Event, EventFigures, EventId, EventStats, EventStatus, Section, SectionId, Timestamp,
};
use serde::{Deserialize, Serialize};

/// A row of `evently.event`, to be written. What is read of it is the definition alone.
#[derive(Debug, Serialize)]
pub(crate) struct EventRow<'a> {
    event_id: EventId,
    status: EventStatus,
    name: &'a str,
    currency: Currency,
    starts_at: Timestamp,
    ends_at: Timestamp,
    sales_open_at: Option<Timestamp>,
    closes_at: Timestamp,
    created_at: Timestamp,
    name_lower: String,
    venue_lower: String,
    description_lower: String,
    section_ids: Vec<SectionId>,
    definition: String,
}

impl<'a> EventRow<'a> {
    /// The row of a definition.
    ///
    /// # Errors
    /// It has no JSON form.
    pub(crate) fn of(event: &'a Event) -> Result<Self, Fault> {
        Ok(Self {
            event_id: event.id,
            status: event.status,
            name: &event.name,
            currency: event.currency,
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            sales_open_at: event.sales_open_at,
            closes_at: event.closes_at(),
            created_at: event.created_at,
            name_lower: event.name.to_lowercase(),
            venue_lower: event.venue.to_lowercase(),
            description_lower: event.description.to_lowercase(),
            section_ids: section_ids(event),
            definition: to_json(event)?,
        })
    }
}

/// The ids of an event's sections, in its order.
pub(crate) fn section_ids(event: &Event) -> Vec<SectionId> {
    event
        .sections
        .iter()
        .map(|section: &Section| section.id)
        .collect()
}

/// An event's figures, joined from `evently.event` and `evently.inventory`.
#[derive(Debug, Deserialize)]
pub(crate) struct FiguresRow {
    event_id: EventId,
    name: String,
    starts_at: Timestamp,
    currency: Currency,
    section_ids: Vec<SectionId>,
    counts: Vec<u32>,
    #[serde(flatten)]
    stats: EventStats,
}

impl FiguresRow {
    /// The figures of a row.
    ///
    /// # Errors
    /// Its counts are not those of its sections.
    pub(crate) fn figures(self) -> Result<EventFigures, Fault> {
        Ok(EventFigures {
            event_id: self.event_id,
            name: self.name,
            starts_at: self.starts_at,
            currency: self.currency,
            sections: counts_of(&self.section_ids, &self.counts)?,
            stats: self.stats,
        })
    }
}
