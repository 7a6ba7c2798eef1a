//! Counts and figures as rows.

use super::{instant, optional_instant, parsed, uuid};
use crate::error::Fault;
use evently_core::domain::{EventFigures, EventId, EventStats, SalesRow, SectionCount, SectionId};
use rusqlite::Row;

/// Reads a section's counts.
pub(crate) fn section_count(row: &Row<'_>) -> Result<SectionCount, Fault> {
    Ok(SectionCount {
        section_id: SectionId::from_uuid(uuid(row, 0)?),
        capacity: row.get(1)?,
        sold: row.get(2)?,
        held: row.get(3)?,
        waiting: row.get(4)?,
        starved: row.get(5)?,
    })
}

/// Reads an event's running figures, eleven columns from this place on.
pub(crate) fn stats(row: &Row<'_>, first: usize) -> Result<EventStats, Fault> {
    Ok(EventStats {
        bookings: row.get(first)?,
        cancellations: row.get(first + 1)?,
        tickets_cancelled: row.get(first + 2)?,
        revenue_minor: row.get(first + 3)?,
        offered: row.get(first + 4)?,
        converted: row.get(first + 5)?,
        lapsed: row.get(first + 6)?,
        declined: row.get(first + 7)?,
        left: row.get(first + 8)?,
        closed: row.get(first + 9)?,
        sold_out_at: optional_instant(row, first + 10)?,
    })
}

/// Reads an event's figures; its sections' counts are in another table.
pub(crate) fn figures(row: &Row<'_>) -> Result<EventFigures, Fault> {
    Ok(EventFigures {
        event_id: EventId::from_uuid(uuid(row, 0)?),
        name: row.get(1)?,
        starts_at: instant(row, 2)?,
        currency: parsed(row, 3)?,
        sections: Vec::new(),
        stats: stats(row, 4)?,
    })
}

/// Reads an hour of sales.
pub(crate) fn sales_row(row: &Row<'_>) -> Result<SalesRow, Fault> {
    Ok(SalesRow {
        start: instant(row, 0)?,
        bookings: row.get(1)?,
        tickets: row.get(2)?,
        cancelled_tickets: row.get(3)?,
        revenue_minor: row.get(4)?,
    })
}
