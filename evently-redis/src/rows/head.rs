//! What every commit to an event rewrites: counts and figures, in one row.

use super::{FORM, Fields, Row};
use crate::error::Fault;
use evently_core::domain::{EventStats, SectionCount, SectionId, Timestamp};
use evently_core::ledger::Changes;

/// An event's counts and figures at one version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Head {
    /// The sections' counts, in the event's order.
    pub(crate) counts: Vec<SectionCount>,
    /// The running figures.
    pub(crate) stats: EventStats,
    /// Before this instant nothing is due.
    pub(crate) due_at: Option<Timestamp>,
    /// The place that the next waitlist entry takes.
    pub(crate) next_seq: u64,
}

/// Writes the head that changes make.
pub(crate) fn head_row(changes: &Changes) -> Vec<u8> {
    let mut row = Row(Vec::with_capacity(128 + 40 * changes.counts.len()));
    row.byte(FORM);
    row.u64(changes.next_seq);
    row.option(changes.due_at, Row::instant);
    let stats = &changes.stats;
    row.u64(stats.bookings);
    row.u64(stats.cancellations);
    row.u64(stats.tickets_cancelled);
    row.i64(stats.revenue_minor);
    row.u64(stats.offered);
    row.u64(stats.converted);
    row.u64(stats.lapsed);
    row.u64(stats.declined);
    row.u64(stats.left);
    row.u64(stats.closed);
    row.option(stats.sold_out_at, Row::instant);
    row.count(changes.counts.len());
    for count in &changes.counts {
        row.id(count.section_id.uuid());
        for number in [
            count.capacity,
            count.sold,
            count.held,
            count.waiting,
            count.starved,
        ] {
            row.u32(number);
        }
    }
    row.0
}

/// Reads a head.
///
/// # Errors
/// The row is damaged.
pub(crate) fn head(row: &[u8]) -> Result<Head, Fault> {
    let mut row = Fields::of(row)?;
    let next_seq = row.u64()?;
    let due_at = row.option(Fields::instant)?;
    let stats = EventStats {
        bookings: row.u64()?,
        cancellations: row.u64()?,
        tickets_cancelled: row.u64()?,
        revenue_minor: row.i64()?,
        offered: row.u64()?,
        converted: row.u64()?,
        lapsed: row.u64()?,
        declined: row.u64()?,
        left: row.u64()?,
        closed: row.u64()?,
        sold_out_at: row.option(Fields::instant)?,
    };
    let count = |row: &mut Fields<'_>| {
        Ok(SectionCount {
            section_id: SectionId::from_uuid(row.id()?),
            capacity: row.u32()?,
            sold: row.u32()?,
            held: row.u32()?,
            waiting: row.u32()?,
            starved: row.u32()?,
        })
    };
    let counts = (0..row.u32()?)
        .map(|_| count(&mut row))
        .collect::<Result<_, Fault>>()?;
    Ok(Head {
        counts,
        stats,
        due_at,
        next_seq,
    })
}
