//! From a history's words to the engine's: the event, its ticket types, what is asked for.

use super::hall::{Hall, ROWS};
use super::play::Play;
use super::rules::{HOLD_MOST, HOLD_SECONDS, OFFER_SECONDS};
use super::script::{Layout, Setup, Wish};
use crate::conformance::world::{World, row, stalls, ticket_type};
use crate::domain::{EventDraft, Policy, SeatLabel, SeatingDraft, SectionDraft, TicketTypeId};
use crate::ledger::{Access, Adjacency, ItemRequest, Selection};

/// The event of a history.
pub(super) fn draft(world: &World, setup: &Setup) -> EventDraft {
    let general = |name: &str, capacity| SectionDraft {
        id: None,
        name: name.to_owned(),
        seating: SeatingDraft::General { capacity },
    };
    let (sections, ticket_types) = match setup.layout {
        Layout::Hall => (vec![general("Floor", setup.capacity)], Vec::new()),
        Layout::Sections => (
            vec![general("Floor", setup.capacity), general("Balcony", 2)],
            vec![
                ticket_type("Adult", "Floor", 2000),
                ticket_type("Child", "Floor", 900),
                ticket_type("Balcony", "Balcony", 1500),
            ],
        ),
        Layout::Seats => {
            let seats = |index: usize| u32::try_from(ROWS[index]).unwrap_or(0);
            let rows = vec![row("A", seats(0)), row("B", seats(1))];
            let types = vec![
                ticket_type("Stalls", "Stalls", 3000),
                ticket_type("Floor", "Floor", 1000),
            ];
            (vec![stalls(rows), general("Floor", setup.capacity)], types)
        }
    };
    let seconds = |seconds: u64| u32::try_from(seconds).unwrap_or(u32::MAX);
    EventDraft {
        sections,
        ticket_types,
        sales_close_at: Some(world.in_seconds(setup.closes_in)),
        policy: Policy {
            per_user_limit: setup.limit,
            hold_seconds: seconds(HOLD_SECONDS),
            hold_max_seconds: Some(seconds(HOLD_MOST)),
            waitlist: setup.waitlist,
            offer_seconds: seconds(OFFER_SECONDS),
            ..Policy::default()
        },
        ..world.draft(1)
    }
}

impl Play<'_> {
    pub(super) fn kind(&self, kind: usize) -> TicketTypeId {
        let unknown = || TicketTypeId::from_uuid(self.id.uuid());
        self.kinds.get(kind).copied().unwrap_or_else(unknown)
    }

    pub(super) fn selection(&self, wish: &Wish) -> Selection {
        match wish {
            Wish::Quantity { kind, quantity } => Selection::Quantity {
                quantity: *quantity,
                ticket_type_id: Some(self.kind(*kind)),
            },
            Wish::Items(items) => Selection::Items(
                items
                    .iter()
                    .map(|(kind, quantity)| ItemRequest {
                        ticket_type_id: self.kind(*kind),
                        quantity: *quantity,
                        seats: Vec::new(),
                    })
                    .collect(),
            ),
            Wish::Seats(seats) => Selection::Seats {
                seats: seats
                    .iter()
                    .map(|seat| SeatLabel::from(Hall::label(*seat).as_str()))
                    .collect(),
                ticket_type_id: None,
            },
            Wish::Best { quantity, together } => Selection::BestAvailable {
                quantity: *quantity,
                section_id: None,
                ticket_type_id: None,
                adjacent: if *together {
                    Adjacency::Required
                } else {
                    Adjacency::Preferred
                },
                accessible: Access::Ordinary,
            },
        }
    }
}
