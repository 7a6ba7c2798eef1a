//! What is left of an event: in numbers, and seat by seat.

use crate::openapi::words::{Phase, SeatStatus};
use evently_core::Timestamp;
use evently_core::domain::{EventId, Row, Seat, SeatLabel, Section, SectionCount, SectionId};
use evently_core::store::Listing;
use serde::Serialize;
use std::collections::HashSet;
use utoipa::ToSchema;

/// What is left of an event, in numbers.
#[derive(Serialize, ToSchema)]
#[schema(as = Availability)]
pub(crate) struct AvailabilityView<'a> {
    #[schema(value_type = Uuid)]
    event_id: EventId,
    /// Counts changes of what is left; not the event's own version.
    version: u64,
    #[schema(value_type = Phase)]
    phase: &'static str,
    capacity: u32,
    /// Confirmed.
    sold: u32,
    held: u32,
    available: u32,
    sections: Vec<CountView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SectionCount)]
struct CountView<'a> {
    #[schema(value_type = Uuid)]
    id: SectionId,
    name: &'a str,
    capacity: u32,
    /// Confirmed.
    sold: u32,
    held: u32,
    available: u32,
}

impl<'a> AvailabilityView<'a> {
    /// What is left at `now`.
    pub(crate) fn of(listing: &'a Listing, now: Timestamp) -> Self {
        let sum =
            |count: fn(&SectionCount) -> u32| listing.counts.iter().map(count).fold(0, u32::saturating_add);
        let sections = listing.event.sections.iter().zip(&listing.counts);
        Self {
            event_id: listing.event.id,
            version: listing.version,
            phase: listing.phase(now).as_str(),
            capacity: sum(|count| count.capacity),
            sold: sum(|count| count.sold),
            held: sum(|count| count.held),
            available: sum(SectionCount::available),
            sections: sections
                .map(|(section, count)| CountView::of(section, count))
                .collect(),
        }
    }
}

impl<'a> CountView<'a> {
    fn of(section: &'a Section, count: &SectionCount) -> Self {
        Self {
            id: section.id,
            name: &section.name,
            capacity: count.capacity,
            sold: count.sold,
            held: count.held,
            available: count.available(),
        }
    }
}

/// The seats of an event's reserved sections, or of one of them.
pub(crate) fn seats_view<'a>(
    listing: &'a Listing,
    taken: &'a [SeatLabel],
    section_id: Option<SectionId>,
) -> SeatsView<'a> {
    let taken: HashSet<&str> = taken.iter().map(SeatLabel::as_str).collect();
    let sections = listing.event.sections.iter();
    let asked =
        sections.filter(|section| section.is_reserved() && section_id.is_none_or(|id| id == section.id));
    SeatsView {
        event_id: listing.event.id,
        version: listing.version,
        sections: asked
            .map(|section| SeatedSectionView::of(section, &taken))
            .collect(),
    }
}

/// The seats of an event's reserved sections.
#[derive(Serialize, ToSchema)]
#[schema(as = Seats)]
pub(crate) struct SeatsView<'a> {
    #[schema(value_type = Uuid)]
    event_id: EventId,
    /// Counts changes of what is left; not the event's own version.
    version: u64,
    sections: Vec<SeatedSectionView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SeatedSection)]
struct SeatedSectionView<'a> {
    #[schema(value_type = Uuid)]
    id: SectionId,
    name: &'a str,
    /// The front row first.
    rows: Vec<RowView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SeatRow)]
struct RowView<'a> {
    #[schema(examples("A"))]
    label: &'a str,
    /// From one end to the other.
    seats: Vec<SeatView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Seat)]
struct SeatView<'a> {
    /// Unique in the event: what a booking names.
    #[schema(examples("A-12"))]
    label: &'a str,
    #[schema(value_type = SeatStatus)]
    status: &'static str,
    accessible: bool,
}

impl<'a> SeatedSectionView<'a> {
    fn of(section: &'a Section, taken: &HashSet<&str>) -> Self {
        Self {
            id: section.id,
            name: &section.name,
            rows: section.rows().iter().map(|row| RowView::of(row, taken)).collect(),
        }
    }
}

impl<'a> RowView<'a> {
    fn of(row: &'a Row, taken: &HashSet<&str>) -> Self {
        let view = |seat: &'a Seat| SeatView {
            label: seat.label.as_str(),
            status: match seat.blocked {
                true => "blocked",
                false if taken.contains(seat.label.as_str()) => "taken",
                false => "free",
            },
            accessible: seat.accessible,
        };
        Self {
            label: &row.label,
            seats: row.seats.iter().map(view).collect(),
        }
    }
}
