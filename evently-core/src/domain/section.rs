//! A section: a part of an event's capacity, counted or seated.

use super::{Seat, SectionId};
use serde::{Deserialize, Serialize};

/// A part of an event's capacity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Its id; kept when the section is changed.
    pub id: SectionId,
    /// Its name, unique in the event.
    pub name: String,
    /// How its places are told apart.
    pub seating: Seating,
}

/// How the places of a section are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seating {
    /// By number alone.
    General {
        /// How many places there are.
        capacity: u32,
    },
    /// Rows of labelled seats, the front row first.
    Reserved {
        /// The rows, front first.
        rows: Vec<Row>,
    },
}

/// A row of seats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its label, unique in the event.
    pub label: String,
    /// Its seats from one end to the other; neighbours are adjacent.
    pub seats: Vec<Seat>,
}

impl Section {
    /// How many places can be sold: a general section's number, or the seats that are not blocked.
    pub fn capacity(&self) -> u32 {
        match &self.seating {
            Seating::General { capacity } => *capacity,
            Seating::Reserved { .. } => {
                u32::try_from(self.seats().filter(|seat| !seat.blocked).count()).unwrap_or(u32::MAX)
            }
        }
    }

    /// The seats in order, front row first; none in a general section.
    pub fn seats(&self) -> impl Iterator<Item = &Seat> {
        self.rows().iter().flat_map(|row| &row.seats)
    }

    /// The rows, front first; none in a general section.
    pub fn rows(&self) -> &[Row] {
        match &self.seating {
            Seating::General { .. } => &[],
            Seating::Reserved { rows } => rows,
        }
    }

    /// Whether its places are labelled seats.
    pub fn is_reserved(&self) -> bool {
        matches!(self.seating, Seating::Reserved { .. })
    }
}

/// What is taken of a section, and who waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionCount {
    /// The section.
    pub section_id: SectionId,
    /// How many places there are to sell.
    pub capacity: u32,
    /// Places of confirmed bookings.
    pub sold: u32,
    /// Places of holds.
    pub held: u32,
    /// Waitlist entries in status `waiting`.
    pub waiting: u32,
    /// Those of them that were passed over so often that what frees is saved for them (rule 7).
    pub starved: u32,
}

impl SectionCount {
    /// A section of which nothing is taken.
    pub fn empty(section: &Section) -> Self {
        Self {
            section_id: section.id,
            capacity: section.capacity(),
            sold: 0,
            held: 0,
            waiting: 0,
            starved: 0,
        }
    }

    /// Places that nobody has: capacity − sold − held.
    pub fn available(&self) -> u32 {
        self.capacity.saturating_sub(self.sold).saturating_sub(self.held)
    }
}
