//! From what a request says to what it wants: ticket types, sections, quantities, seats.

use super::super::command::{Access, Adjacency, ItemRequest, Selection};
use super::super::inventory::{Context, Inventory, Stop};
use super::super::outcome::Refusal;
use super::super::seats::SeatsWanted;
use super::invalid;
use crate::domain::{Event, SeatLabel, TicketType, TicketTypeId, Timestamp};
use smallvec::{SmallVec, smallvec};

/// Tickets of one type that a request wants.
#[derive(Debug)]
pub(super) struct Want<'e> {
    pub(super) kind: &'e TicketType,
    /// The section's place in the event.
    pub(super) section: usize,
    pub(super) quantity: u32,
    pub(super) seats: WantedSeats,
}

/// How the places of a [`Want`] are told apart.
#[derive(Debug)]
pub(super) enum WantedSeats {
    /// Not at all: general seating.
    Any,
    Named(Vec<SeatLabel>),
    Best(SeatsWanted),
}

pub(super) type Wants<'e> = SmallVec<[Want<'e>; 1]>;

impl Inventory {
    /// What a selection wants of the event.
    pub(super) fn resolve<'e>(
        &self,
        event: &'e Event,
        selection: &Selection,
        context: Context<'_>,
    ) -> Result<Wants<'e>, Stop> {
        let wants = match selection {
            Selection::Quantity {
                quantity,
                ticket_type_id,
            } => {
                let kind = one_type(event, *ticket_type_id, &event.ticket_types)?;
                smallvec![self.want_any(kind, *quantity)?]
            }
            Selection::Seats {
                seats,
                ticket_type_id,
            } => self.want_seats(event, seats, *ticket_type_id)?,
            Selection::BestAvailable {
                quantity,
                section_id,
                ticket_type_id,
                adjacent,
                accessible,
            } => {
                let wanted = SeatsWanted {
                    quantity: *quantity,
                    adjacent: *adjacent,
                    access: *accessible,
                };
                let sections = self.seated_sections(event, *section_id, *ticket_type_id)?;
                let section = self.best_section(&sections, wanted, context.now)?;
                let kind = type_of_section(event, section, *ticket_type_id)?;
                smallvec![Want {
                    kind,
                    section,
                    quantity: *quantity,
                    seats: WantedSeats::Best(wanted)
                }]
            }
            Selection::Items(items) => self.want_items(event, items, context)?,
        };
        for want in &wants {
            let checked = check_quantity(want.kind, want.quantity, context.limits.max_per_booking);
            checked.map_err(|refusal| match selection {
                Selection::Items(items) => {
                    let is_own = |item: &ItemRequest| item.ticket_type_id == want.kind.id;
                    within_item(items.iter().position(is_own).unwrap_or(0), refusal)
                }
                _ => refusal,
            })?;
        }
        Ok(wants)
    }

    /// So many tickets of a type, wherever they are.
    fn want_any<'e>(&self, kind: &'e TicketType, quantity: u32) -> Result<Want<'e>, Refusal> {
        let section = self.section_index(kind.section_id).ok_or(Refusal::NotFound)?;
        let seats = match self.definition(section).is_reserved() {
            true => WantedSeats::Best(SeatsWanted::ordinary(quantity)),
            false => WantedSeats::Any,
        };
        Ok(Want {
            kind,
            section,
            quantity,
            seats,
        })
    }

    fn want_seats<'e>(
        &self,
        event: &'e Event,
        labels: &[SeatLabel],
        ticket_type_id: Option<TicketTypeId>,
    ) -> Result<Wants<'e>, Refusal> {
        if labels.is_empty() {
            return Err(invalid("seats", "must name at least one seat"));
        }
        let mut by_section: Vec<(usize, Vec<SeatLabel>)> = Vec::new();
        for (place, label) in labels.iter().enumerate() {
            if labels[..place].contains(label) {
                return Err(invalid("seats", format!("must name each seat once: {label}")));
            }
            let section = self.section_of_seat(label)?;
            match by_section.iter_mut().find(|(known, _)| *known == section) {
                Some((_, seats)) => seats.push(label.clone()),
                None => by_section.push((section, vec![label.clone()])),
            }
        }
        by_section
            .into_iter()
            .map(|(section, seats)| {
                let kind = type_of_section(event, section, ticket_type_id)?;
                Ok(Want {
                    kind,
                    section,
                    quantity: count(&seats),
                    seats: WantedSeats::Named(seats),
                })
            })
            .collect()
    }

    fn want_items<'e>(
        &self,
        event: &'e Event,
        items: &[ItemRequest],
        context: Context<'_>,
    ) -> Result<Wants<'e>, Refusal> {
        if items.is_empty() || items.len() > context.limits.max_items {
            return Err(invalid(
                "items",
                format!("must be 1 to {}", context.limits.max_items),
            ));
        }
        let mut wants = Wants::new();
        for (place, item) in items.iter().enumerate() {
            let at = format!("items[{place}]");
            let kind = event.ticket_type(item.ticket_type_id).ok_or_else(|| {
                invalid(
                    &format!("{at}.ticket_type_id"),
                    "must be a ticket type of the event",
                )
            })?;
            if wants.iter().any(|want| want.kind.id == kind.id) {
                return Err(invalid(
                    &format!("{at}.ticket_type_id"),
                    "must be named in one item only",
                ));
            }
            if item.seats.is_empty() {
                wants.push(self.want_any(kind, item.quantity)?);
                continue;
            }
            let seats = self.want_seats(event, &item.seats, Some(kind.id));
            wants.extend(seats.map_err(|refusal| within_item(place, refusal))?);
        }
        let named: Vec<_> = wants.iter().flat_map(Want::named).collect();
        if let Some(twice) = named
            .iter()
            .enumerate()
            .find(|(place, seat)| named[..*place].contains(seat))
        {
            return Err(invalid("items", format!("must name each seat once: {}", twice.1)));
        }
        Ok(wants)
    }

    fn section_of_seat(&self, label: &SeatLabel) -> Result<usize, Refusal> {
        let has = |section: &super::super::inventory::SectionState| {
            section.seats.as_ref().is_some_and(|seats| seats.contains(label))
        };
        let found = self.sections.iter().position(has);
        found.ok_or_else(|| invalid("seats", format!("must be seats of the event: {label}")))
    }

    /// The reserved sections that best available may choose from.
    fn seated_sections(
        &self,
        event: &Event,
        section_id: Option<crate::domain::SectionId>,
        ticket_type_id: Option<TicketTypeId>,
    ) -> Result<Vec<usize>, Refusal> {
        let of_type = match ticket_type_id {
            Some(id) => Some(one_type(event, Some(id), &[])?.section_id),
            None => None,
        };
        let chosen = |id| section_id.is_none_or(|wanted| wanted == id) && of_type.is_none_or(|of| of == id);
        let seated = event
            .sections
            .iter()
            .enumerate()
            .filter(|(_, section)| section.is_reserved());
        let sections: Vec<usize> = seated
            .filter(|(_, section)| chosen(section.id))
            .map(|(at, _)| at)
            .collect();
        if !sections.is_empty() {
            return Ok(sections);
        }
        let field = if section_id.is_some() {
            "best_available.section_id"
        } else {
            "best_available"
        };
        Err(invalid(
            field,
            "must be about a section of the event with reserved seats",
        ))
    }

    /// The first section that grants the seats in one piece, else the first that grants them, else the first.
    ///
    /// A section grants what is neither for those in its line nor saved for one of them (rule 7).
    fn best_section(&self, sections: &[usize], wanted: SeatsWanted, now: Timestamp) -> Result<usize, Stop> {
        if let [only] = sections {
            return Ok(*only);
        }
        let mut granting = Vec::with_capacity(sections.len());
        for at in sections {
            // The line is for ordinary seats.
            if wanted.access == Access::Accessible || self.places_left(*at, now)? >= wanted.quantity {
                granting.push(*at);
            }
        }
        let has = |wanted: SeatsWanted| {
            let seats = |at: usize| self.sections.get(at).and_then(|section| section.seats.as_ref());
            let mut granting = granting.iter().copied();
            granting.find(|at| seats(*at).is_some_and(|seats| seats.best(wanted).is_some()))
        };
        let together = SeatsWanted {
            adjacent: Adjacency::Required,
            ..wanted
        };
        let best = has(together).or_else(|| has(wanted));
        Ok(best.or(sections.first().copied()).unwrap_or_default())
    }
}

impl Want<'_> {
    fn named(&self) -> &[SeatLabel] {
        match &self.seats {
            WantedSeats::Named(labels) => labels,
            _ => &[],
        }
    }

    /// Whether any so many ordinary places do, wherever they are.
    pub(super) fn is_for_any_places(&self) -> bool {
        match &self.seats {
            WantedSeats::Any => true,
            WantedSeats::Named(_) => false,
            WantedSeats::Best(wanted) => *wanted == SeatsWanted::ordinary(self.quantity),
        }
    }

    /// How many ordinary places it takes: what who waits could take as well.
    pub(super) fn ordinary(&self, inventory: &Inventory) -> u32 {
        match (&self.seats, &inventory.sections[self.section].seats) {
            (WantedSeats::Best(wanted), _) if wanted.access == Access::Accessible => 0,
            (WantedSeats::Named(labels), Some(seats)) => count(
                &labels
                    .iter()
                    .filter(|label| !seats.is_accessible(label))
                    .collect::<Vec<_>>(),
            ),
            _ => self.quantity,
        }
    }
}

/// The named ticket type, or the only one that can be meant.
pub(super) fn one_type<'e>(
    event: &'e Event,
    id: Option<TicketTypeId>,
    among: &'e [TicketType],
) -> Result<&'e TicketType, Refusal> {
    match (id, among) {
        (Some(id), _) => event
            .ticket_type(id)
            .ok_or_else(|| invalid("ticket_type_id", "must be a ticket type of the event")),
        (None, [only]) => Ok(only),
        (None, _) => Err(invalid(
            "ticket_type_id",
            "is required: several ticket types can be meant",
        )),
    }
}

/// The named ticket type, which must draw from the section, or the section's only one.
fn type_of_section(
    event: &Event,
    section: usize,
    ticket_type_id: Option<TicketTypeId>,
) -> Result<&TicketType, Refusal> {
    let section_id = event.sections.get(section).map(|section| section.id);
    let mut drawing = event
        .ticket_types
        .iter()
        .filter(|kind| Some(kind.section_id) == section_id);
    match ticket_type_id {
        Some(id) => drawing.find(|kind| kind.id == id).ok_or_else(|| {
            invalid(
                "ticket_type_id",
                "must be a ticket type of the section that the seats are in",
            )
        }),
        None => match (drawing.next(), drawing.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(invalid(
                "ticket_type_id",
                "is required: several ticket types can be meant",
            )),
        },
    }
}

/// A refusal of an item's fields, by their paths in the request.
fn within_item(place: usize, refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Invalid(mut errors) => {
            for error in &mut errors {
                error.field = format!("items[{place}].{}", error.field);
            }
            Refusal::Invalid(errors)
        }
        other => other,
    }
}

/// Refuses a quantity outside what one booking may have of a type.
pub(super) fn check_quantity(kind: &TicketType, quantity: u32, most: u32) -> Result<(), Refusal> {
    let most = kind.max_per_booking.unwrap_or(most);
    if (kind.min_per_booking..=most).contains(&quantity) && quantity > 0 {
        return Ok(());
    }
    Err(invalid(
        "quantity",
        format!("must be {} to {most} for {}", kind.min_per_booking, kind.name),
    ))
}

pub(super) fn count<T>(things: &[T]) -> u32 {
    u32::try_from(things.len()).unwrap_or(u32::MAX)
}
