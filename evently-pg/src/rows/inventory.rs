//! Inventories as rows: version, counts, running figures.

use super::event::section_ids;
use super::whole;
use crate::error::Fault;
use evently_core::domain::{Event, EventId, EventStats, SectionCount, SectionId, Timestamp, WriterId};
use evently_core::ledger::{Changes, EventWrite, Revision};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// A row of `evently.inventory`.
#[derive(Debug, Deserialize)]
pub(crate) struct InventoryRow {
    pub(crate) event_id: EventId,
    pub(crate) version: u64,
    writer: WriterId,
    pub(crate) defined_in: i64,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) next_seq: u64,
    counts: Vec<u32>,
    #[serde(flatten)]
    pub(crate) stats: EventStats,
}

impl InventoryRow {
    /// The commit that it stands at.
    pub(crate) fn revision(&self) -> Revision {
        Revision {
            version: self.version,
            writer: self.writer,
        }
    }

    /// The counts of the event's sections.
    ///
    /// # Errors
    /// They are not those of its sections.
    pub(crate) fn counts(&self, event: &Event) -> Result<Vec<SectionCount>, Fault> {
        counts_of(&section_ids(event), &self.counts)
    }
}

/// What a commit writes of an inventory.
#[derive(Debug, Serialize)]
pub(crate) struct ChangeRow {
    event_id: EventId,
    expected: i64,
    expected_writer: WriterId,
    writer: WriterId,
    mark: i64,
    write: Write,
    due_at: Option<Timestamp>,
    next_seq: u64,
    counts: Vec<i64>,
    #[serde(flatten)]
    stats: EventStats,
}

/// What becomes of the definition.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Write {
    Keep,
    Put,
    Delete,
}

impl ChangeRow {
    /// The row of an event's changes.
    ///
    /// # Errors
    /// A number is beyond what can be stored.
    pub(crate) fn of(changes: &Changes) -> Result<Self, Fault> {
        Ok(Self {
            event_id: changes.event_id,
            expected: whole(changes.expected.version)?,
            expected_writer: changes.expected.writer,
            writer: changes.writer,
            mark: whole(changes.revision().mark())?,
            write: match changes.event {
                None => Write::Keep,
                Some(EventWrite::Put(_)) => Write::Put,
                Some(EventWrite::Delete) => Write::Delete,
            },
            due_at: changes.due_at,
            next_seq: changes.next_seq,
            counts: changes.counts.iter().flat_map(columns).collect(),
            stats: changes.stats,
        })
    }
}

/// How many numbers a section has among the counts.
const WIDTH: usize = 5;

/// A section's numbers as they are stored. What is available may be less than nothing here: the wall refuses it.
fn columns(count: &SectionCount) -> [i64; WIDTH] {
    let [capacity, sold, held] = [count.capacity, count.sold, count.held].map(i64::from);
    [
        capacity - sold - held,
        sold,
        held,
        count.waiting.into(),
        count.starved.into(),
    ]
}

/// The counts as the text of an array.
pub(crate) fn counts_text(counts: &[SectionCount]) -> String {
    let mut text = String::with_capacity(16 * counts.len());
    text.push('{');
    for (place, number) in counts.iter().flat_map(columns).enumerate() {
        let comma = if place == 0 { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}{number}");
    }
    text.push('}');
    text
}

/// The counts of sections, from how they are stored.
///
/// # Errors
/// They are of other sections.
pub(super) fn counts_of(sections: &[SectionId], numbers: &[u32]) -> Result<Vec<SectionCount>, Fault> {
    let (rows, rest) = numbers.as_chunks::<WIDTH>();
    if rows.len() != sections.len() || !rest.is_empty() {
        return Err(Fault::damaged("the counts are not those of the event's sections"));
    }
    let count =
        |(section_id, [available, sold, held, waiting, starved]): (&SectionId, &[u32; WIDTH])| SectionCount {
            section_id: *section_id,
            capacity: available.saturating_add(*sold).saturating_add(*held),
            sold: *sold,
            held: *held,
            waiting: *waiting,
            starved: *starved,
        };
    Ok(sections.iter().zip(rows).map(count).collect())
}
