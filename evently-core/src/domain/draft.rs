//! What an admin writes to make or change an event, and how it becomes one.
//!
//! One function, [`EventDraft::build`], serves creation and change: sections and ticket types that name an id
//! (or, failing that, a name) of the event being changed keep their id. What a change may do to places that
//! are sold is the ledger's to judge, not this module's.

use super::{
    Currency, Event, EventId, EventStatus, Limits, Metadata, Policy, Row, Seat, SeatLabel, Seating, Section,
    SectionId, TicketType, TicketTypeId, Timestamp,
};
use crate::clock::IdSource;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// One thing wrong with one field of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field, as a path such as `sections[0].capacity`.
    pub field: String,
    /// What it must be, as the end of a sentence that begins with the field's name.
    pub message: String,
}

impl FieldError {
    /// An error about a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// A whole event as its admin describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventDraft {
    /// Its name.
    pub name: String,
    /// A longer text; may be empty.
    pub description: String,
    /// Where it is.
    pub venue: String,
    /// The IANA name of its time zone.
    pub timezone: String,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// When sales open; `None` for always.
    pub sales_open_at: Option<Timestamp>,
    /// When sales close; `None` for the start.
    pub sales_close_at: Option<Timestamp>,
    /// The currency of its prices.
    pub currency: Currency,
    /// Whether it starts as a draft. A change may publish a draft, and nothing else.
    pub status: EventStatus,
    /// Its sections.
    pub sections: Vec<SectionDraft>,
    /// Its ticket types; a section without one gets a type "Standard" at `price_minor`.
    pub ticket_types: Vec<TicketTypeDraft>,
    /// The price of the "Standard" types.
    pub price_minor: i64,
    /// Its rules.
    pub policy: Policy,
    /// Free-form data.
    pub metadata: Metadata,
}

/// A section as its admin describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionDraft {
    /// Which section of the changed event this is; `None` to go by the name.
    pub id: Option<SectionId>,
    /// Its name.
    pub name: String,
    /// How its places are told apart.
    pub seating: SeatingDraft,
}

/// How a described section's places are told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeatingDraft {
    /// By number alone.
    General {
        /// How many places.
        capacity: u32,
    },
    /// Rows of labelled seats.
    Reserved {
        /// The rows, front first.
        rows: Vec<RowDraft>,
    },
}

/// A row as its admin describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDraft {
    /// Its label.
    pub label: String,
    /// The numbers of its seats, from one end to the other.
    pub seats: Vec<String>,
    /// The numbers of those that are accessible.
    pub accessible: Vec<String>,
    /// The numbers of those that are not for sale.
    pub blocked: Vec<String>,
}

/// A ticket type as its admin describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketTypeDraft {
    /// Which type of the changed event this is; `None` to go by the name.
    pub id: Option<TicketTypeId>,
    /// Its name.
    pub name: String,
    /// The name of the section it draws from.
    pub section: String,
    /// The price of one ticket, in minor units.
    pub price_minor: i64,
    /// The fewest tickets in one booking.
    pub min_per_booking: u32,
    /// The most tickets in one booking; `None` for the limit of all types.
    pub max_per_booking: Option<u32>,
}

impl EventDraft {
    /// The name of the one section of an event that is described by a bare capacity.
    pub const GENERAL_ADMISSION: &'static str = "General admission";
    /// The name of the ticket type that a section without one gets.
    pub const STANDARD: &'static str = "Standard";

    /// A published event with one general section and one free ticket type: all that is needed to sell.
    pub fn general(name: &str, venue: &str, starts_at: Timestamp, ends_at: Timestamp, capacity: u32) -> Self {
        Self {
            name: name.to_owned(),
            description: String::new(),
            venue: venue.to_owned(),
            timezone: "UTC".to_owned(),
            starts_at,
            ends_at,
            sales_open_at: None,
            sales_close_at: None,
            currency: Currency::USD,
            status: EventStatus::Published,
            sections: vec![SectionDraft {
                id: None,
                name: Self::GENERAL_ADMISSION.to_owned(),
                seating: SeatingDraft::General { capacity },
            }],
            ticket_types: Vec::new(),
            price_minor: 0,
            policy: Policy::default(),
            metadata: Metadata::default(),
        }
    }

    /// The description of an event as it stands: building it again gives the same definition.
    pub fn of(event: &Event) -> Self {
        let section_name = |id| {
            event
                .section(id)
                .map(|section| section.name.clone())
                .unwrap_or_default()
        };
        Self {
            name: event.name.clone(),
            description: event.description.clone(),
            venue: event.venue.clone(),
            timezone: event.timezone.clone(),
            starts_at: event.starts_at,
            ends_at: event.ends_at,
            sales_open_at: event.sales_open_at,
            sales_close_at: event.sales_close_at,
            currency: event.currency,
            status: event.status,
            sections: event.sections.iter().map(SectionDraft::of).collect(),
            ticket_types: event
                .ticket_types
                .iter()
                .map(|ticket_type| TicketTypeDraft {
                    id: Some(ticket_type.id),
                    name: ticket_type.name.clone(),
                    section: section_name(ticket_type.section_id),
                    price_minor: ticket_type.price_minor,
                    min_per_booking: ticket_type.min_per_booking,
                    max_per_booking: ticket_type.max_per_booking,
                })
                .collect(),
            price_minor: 0,
            policy: event.policy.clone(),
            metadata: event.metadata.clone(),
        }
    }

    /// The event that this describes: a new one, or `previous` changed (its id, status and creation stay, its
    /// version is one higher).
    ///
    /// # Errors
    /// Every field that breaks a rule of form or a limit, all at once.
    pub fn build(
        &self,
        previous: Option<&Event>,
        limits: &Limits,
        ids: &dyn IdSource,
        now: Timestamp,
    ) -> Result<Event, Vec<FieldError>> {
        let mut errors = Vec::new();
        self.check(limits, &mut errors);
        let sections = self.sections(previous, ids, now);
        let ticket_types = self.ticket_types(previous, &sections, limits, (ids, now), &mut errors);
        if ticket_types.len() > limits.max_ticket_types {
            errors.push(FieldError::new(
                "ticket_types",
                format!("must be at most {}", limits.max_ticket_types),
            ));
        }
        check_worth(&sections, &ticket_types, &mut errors);
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Event {
            id: previous.map_or_else(|| EventId::from_uuid(ids.next(now)), |event| event.id),
            name: self.name.clone(),
            description: self.description.clone(),
            venue: self.venue.clone(),
            timezone: self.timezone.clone(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            sales_open_at: self.sales_open_at,
            sales_close_at: self.sales_close_at,
            status: previous.map_or(self.status, |event| event.status),
            currency: self.currency,
            sections,
            ticket_types,
            policy: self.policy.clone(),
            metadata: self.metadata.clone(),
            version: previous.map_or(1, |event| event.version + 1),
            created_at: previous.map_or(now, |event| event.created_at),
            updated_at: now,
        })
    }

    fn check(&self, limits: &Limits, errors: &mut Vec<FieldError>) {
        check_name("name", &self.name, limits, errors);
        check_name("venue", &self.venue, limits, errors);
        if self.description.chars().count() > limits.max_description_chars {
            let message = format!("must be at most {} characters", limits.max_description_chars);
            errors.push(FieldError::new("description", message));
        }
        if jiff::tz::TimeZone::get(&self.timezone).is_err() {
            errors.push(FieldError::new(
                "timezone",
                "must be an IANA time zone such as Europe/Berlin",
            ));
        }
        if self.ends_at <= self.starts_at {
            errors.push(FieldError::new("ends_at", "must be later than starts_at"));
        }
        if self
            .sales_open_at
            .is_some_and(|open| open >= self.sales_close_at.unwrap_or(self.starts_at))
        {
            errors.push(FieldError::new(
                "sales_open_at",
                "must be earlier than the close of sales",
            ));
        }
        if self.status == EventStatus::Cancelled {
            errors.push(FieldError::new("status", "must be draft or published"));
        }
        if self.metadata.as_json().len() > limits.max_metadata_bytes {
            let message = format!("must be at most {} bytes of JSON", limits.max_metadata_bytes);
            errors.push(FieldError::new("metadata", message));
        }
        check_price("price_minor", self.price_minor, limits, errors);
        self.check_policy(errors);
        self.check_sections(limits, errors);
    }

    fn check_policy(&self, errors: &mut Vec<FieldError>) {
        let policy = &self.policy;
        let mut span = |field: &str, seconds: u32, max: u32| {
            if !(1..=max).contains(&seconds) {
                errors.push(FieldError::new(
                    format!("policy.{field}"),
                    format!("must be 1 to {max}"),
                ));
            }
        };
        span("hold_seconds", policy.hold_seconds, Policy::MAX_HOLD_SECONDS);
        span("offer_seconds", policy.offer_seconds, Policy::MAX_HOLD_SECONDS);
        span(
            "per_user_limit",
            policy.per_user_limit.unwrap_or(1),
            i32::MAX.unsigned_abs(),
        );
        span(
            "hold_max_seconds",
            policy.hold_max_seconds(),
            30 * Policy::MAX_HOLD_SECONDS,
        );
        if policy
            .hold_max_seconds
            .is_some_and(|max| max < policy.hold_seconds)
        {
            errors.push(FieldError::new(
                "policy.hold_max_seconds",
                "must be at least hold_seconds",
            ));
        }
    }

    fn check_sections(&self, limits: &Limits, errors: &mut Vec<FieldError>) {
        if self.sections.is_empty() || self.sections.len() > limits.max_sections {
            errors.push(FieldError::new(
                "sections",
                format!("must be 1 to {}", limits.max_sections),
            ));
        }
        let mut names = HashSet::new();
        let mut rows_seen = HashSet::new();
        let mut labels = HashSet::new();
        let mut ids = HashSet::new();
        for (index, section) in self.sections.iter().enumerate() {
            let at = format!("sections[{index}]");
            check_name(&format!("{at}.name"), &section.name, limits, errors);
            if !names.insert(section.name.as_str()) || section.id.is_some_and(|id| !ids.insert(id)) {
                errors.push(FieldError::new(
                    format!("{at}.name"),
                    "must be unique in the event",
                ));
            }
            match &section.seating {
                SeatingDraft::General { capacity } => {
                    if !(1..=limits.max_capacity).contains(capacity) {
                        let message = format!("must be 1 to {}", limits.max_capacity);
                        errors.push(FieldError::new(format!("{at}.capacity"), message));
                    }
                }
                SeatingDraft::Reserved { rows } => {
                    if rows.iter().all(|row| row.seats.is_empty()) {
                        errors.push(FieldError::new(format!("{at}.rows"), "must have a seat"));
                    }
                    for (place, row) in rows.iter().enumerate() {
                        let at = format!("{at}.rows[{place}]");
                        if !rows_seen.insert(row.label.as_str()) {
                            errors.push(FieldError::new(
                                format!("{at}.label"),
                                "must be unique in the event",
                            ));
                        }
                        row.check(&at, limits, &mut labels, errors);
                    }
                }
            }
        }
        let total: u64 = self.sections.iter().map(|section| section.seating.places()).sum();
        if self.sections.len() > 1 && total > u64::from(limits.max_capacity) {
            let message = format!("must have at most {} places together", limits.max_capacity);
            errors.push(FieldError::new("sections", message));
        }
        if labels.len() > limits.max_seats {
            errors.push(FieldError::new(
                "sections",
                format!("must have at most {} seats", limits.max_seats),
            ));
        }
    }

    fn sections(&self, previous: Option<&Event>, ids: &dyn IdSource, now: Timestamp) -> Vec<Section> {
        let known = previous.map_or(&[][..], |event| &event.sections);
        let named: HashSet<SectionId> = self.sections.iter().filter_map(|draft| draft.id).collect();
        self.sections
            .iter()
            .map(|draft| {
                let same = (known.iter().find(|section| Some(section.id) == draft.id)).or_else(|| {
                    known
                        .iter()
                        .find(|section| section.name == draft.name && !named.contains(&section.id))
                });
                Section {
                    id: same.map_or_else(|| SectionId::from_uuid(ids.next(now)), |section| section.id),
                    name: draft.name.clone(),
                    seating: draft.seating.build(),
                }
            })
            .collect()
    }

    fn ticket_types(
        &self,
        previous: Option<&Event>,
        sections: &[Section],
        limits: &Limits,
        (ids, now): (&dyn IdSource, Timestamp),
        errors: &mut Vec<FieldError>,
    ) -> Vec<TicketType> {
        let known = previous.map_or(&[][..], |event| &event.ticket_types);
        let named: HashSet<TicketTypeId> = self.ticket_types.iter().filter_map(|draft| draft.id).collect();
        let fresh = || TicketTypeId::from_uuid(ids.next(now));
        let mut types: Vec<TicketType> = Vec::new();
        for (index, draft) in self.ticket_types.iter().enumerate() {
            let at = format!("ticket_types[{index}]");
            draft.check(&at, limits, errors);
            let Some(section) = sections.iter().find(|section| section.name == draft.section) else {
                errors.push(FieldError::new(
                    format!("{at}.section"),
                    "must name a section of the event",
                ));
                continue;
            };
            let same_name = |known: &&TicketType| {
                known.name == draft.name && known.section_id == section.id && !named.contains(&known.id)
            };
            let same = (known.iter().find(|known| Some(known.id) == draft.id))
                .or_else(|| known.iter().find(same_name));
            let ticket_type = TicketType {
                id: same.map_or_else(fresh, |known| known.id),
                name: draft.name.clone(),
                section_id: section.id,
                price_minor: draft.price_minor,
                min_per_booking: draft.min_per_booking,
                max_per_booking: draft.max_per_booking,
            };
            let twin = |other: &TicketType| {
                other.id == ticket_type.id || (other.name == draft.name && other.section_id == section.id)
            };
            if types.iter().any(twin) {
                errors.push(FieldError::new(
                    format!("{at}.name"),
                    "must be unique in its section",
                ));
            }
            types.push(ticket_type);
        }
        for section in sections {
            if !types
                .iter()
                .any(|ticket_type| ticket_type.section_id == section.id)
            {
                let same = known
                    .iter()
                    .find(|known| known.section_id == section.id && known.name == Self::STANDARD);
                types.push(TicketType {
                    id: same.map_or_else(fresh, |known| known.id),
                    name: Self::STANDARD.to_owned(),
                    section_id: section.id,
                    price_minor: self.price_minor,
                    min_per_booking: 1,
                    max_per_booking: None,
                });
            }
        }
        types
    }
}

impl SectionDraft {
    fn of(section: &Section) -> Self {
        let numbers = |row: &Row, pick: fn(&Seat) -> bool| {
            row.seats
                .iter()
                .filter(|seat| pick(seat))
                .map(|seat| seat.number.clone())
                .collect()
        };
        let seating = match &section.seating {
            Seating::General { capacity } => SeatingDraft::General { capacity: *capacity },
            Seating::Reserved { rows } => SeatingDraft::Reserved {
                rows: rows
                    .iter()
                    .map(|row| RowDraft {
                        label: row.label.clone(),
                        seats: numbers(row, |_| true),
                        accessible: numbers(row, |seat| seat.accessible),
                        blocked: numbers(row, |seat| seat.blocked),
                    })
                    .collect(),
            },
        };
        Self {
            id: Some(section.id),
            name: section.name.clone(),
            seating,
        }
    }
}

impl SeatingDraft {
    /// How many places, blocked seats counted.
    fn places(&self) -> u64 {
        match self {
            Self::General { capacity } => u64::from(*capacity),
            Self::Reserved { rows } => rows.iter().map(|row| row.seats.len() as u64).sum(),
        }
    }

    fn build(&self) -> Seating {
        match self {
            Self::General { capacity } => Seating::General { capacity: *capacity },
            Self::Reserved { rows } => Seating::Reserved {
                rows: rows.iter().map(RowDraft::build).collect(),
            },
        }
    }
}

impl RowDraft {
    fn build(&self) -> Row {
        let accessible: HashSet<&str> = self.accessible.iter().map(String::as_str).collect();
        let blocked: HashSet<&str> = self.blocked.iter().map(String::as_str).collect();
        let seats = self.seats.iter().map(|number| Seat {
            label: SeatLabel::new(&self.label, number),
            number: number.clone(),
            accessible: accessible.contains(number.as_str()),
            blocked: blocked.contains(number.as_str()),
        });
        Row {
            label: self.label.clone(),
            seats: seats.collect(),
        }
    }

    fn check(
        &self,
        at: &str,
        limits: &Limits,
        labels: &mut HashSet<SeatLabel>,
        errors: &mut Vec<FieldError>,
    ) {
        check_name(&format!("{at}.label"), &self.label, limits, errors);
        let mut numbers = HashSet::new();
        for number in &self.seats {
            check_name(&format!("{at}.seats"), number, limits, errors);
            if !numbers.insert(number.as_str()) || !labels.insert(SeatLabel::new(&self.label, number)) {
                errors.push(FieldError::new(
                    format!("{at}.seats"),
                    format!("must not repeat {number:?}"),
                ));
                return;
            }
        }
        for (field, marked) in [("accessible", &self.accessible), ("blocked", &self.blocked)] {
            let mut seen = HashSet::new();
            for number in marked {
                if !numbers.contains(number.as_str()) || !seen.insert(number) {
                    let message = format!("must name seats of the row, each once: {number:?}");
                    errors.push(FieldError::new(format!("{at}.{field}"), message));
                    return;
                }
            }
        }
    }
}

impl TicketTypeDraft {
    fn check(&self, at: &str, limits: &Limits, errors: &mut Vec<FieldError>) {
        check_name(&format!("{at}.name"), &self.name, limits, errors);
        check_price(&format!("{at}.price_minor"), self.price_minor, limits, errors);
        let most = self.max_per_booking.unwrap_or(limits.max_per_booking);
        if !(1..=limits.max_per_booking).contains(&most) {
            let message = format!("must be 1 to {}", limits.max_per_booking);
            errors.push(FieldError::new(format!("{at}.max_per_booking"), message));
        } else if !(1..=most).contains(&self.min_per_booking) {
            errors.push(FieldError::new(
                format!("{at}.min_per_booking"),
                format!("must be 1 to {most}"),
            ));
        }
    }
}

fn check_name(field: &str, name: &str, limits: &Limits, errors: &mut Vec<FieldError>) {
    let chars = name.chars().count();
    if name.trim().is_empty() || chars > limits.max_name_chars || name.chars().any(char::is_control) {
        let message = format!("must be 1 to {} characters, not blank", limits.max_name_chars);
        errors.push(FieldError::new(field, message));
    }
}

/// What an event can earn must be a number that figures have room for.
fn check_worth(sections: &[Section], ticket_types: &[TicketType], errors: &mut Vec<FieldError>) {
    let worth = |section: &Section| {
        let drawing = ticket_types.iter().filter(|kind| kind.section_id == section.id);
        let dearest = drawing.map(|kind| kind.price_minor).max().unwrap_or(0);
        i128::from(section.capacity()) * i128::from(dearest)
    };
    if sections.iter().map(worth).sum::<i128>() > i128::from(i64::MAX) {
        let message = format!(
            "must not be worth more than {} in minor units, all places sold",
            i64::MAX
        );
        errors.push(FieldError::new("ticket_types", message));
    }
}

fn check_price(field: &str, price_minor: i64, limits: &Limits, errors: &mut Vec<FieldError>) {
    if !(0..=limits.max_price_minor).contains(&price_minor) {
        errors.push(FieldError::new(
            field,
            format!("must be 0 to {}", limits.max_price_minor),
        ));
    }
}
