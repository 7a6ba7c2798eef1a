//! The rules, by what is asked: one file for each kind of command.
//!
//! Each decision first looks, then acts: whatever may stop it (a refusal, a fact that is missing) stops it before
//! it changes anything of its own. What is *due* (expired holds, who waits for what is free) is done first, stands
//! by itself, and stays done even if the command is then refused.

mod book;
mod cancel;
mod change;
mod due;
mod hold;
mod offer;
mod resolve;
mod serve;
mod waitlist;

use super::changes::{Changes, EventWrite};
use super::command::Command;
use super::inventory::{Context, Decision, Inventory, Stop};
use super::outcome::{Receipt, Refusal};
use crate::domain::{Caller, Event, EventStats, EventStatus, FieldError, SectionCount, Timestamp};
use crate::store::Listing;
use std::{sync::Arc, time::Duration};

pub use offer::Offer;

/// What it takes to make an event, and how it will then be listed.
pub fn create(event: Event) -> (Changes, Listing) {
    let counts: Vec<SectionCount> = event.sections.iter().map(SectionCount::empty).collect();
    let event = Arc::new(event);
    let changes = Changes {
        event_id: event.id,
        expected: 0,
        event: Some(EventWrite::Put(Arc::clone(&event))),
        counts: counts.clone(),
        stats: EventStats::default(),
        due_at: None,
        next_seq: Inventory::FIRST_SEQ,
        new_bookings: Vec::new(),
        changed_bookings: Vec::new(),
        new_entries: Vec::new(),
        changed_entries: Vec::new(),
        freed: Vec::new(),
        taken: Vec::new(),
        sales: Vec::new(),
    };
    (
        changes,
        Listing {
            event,
            version: 1,
            counts,
        },
    )
}

impl Inventory {
    /// The place in line of an event's first waitlist entry.
    pub const FIRST_SEQ: u64 = 1;

    /// Decides a command on what is known and on what was decided before.
    ///
    /// Pure: the same inventory, command, time and ids give the same decision. [`Command::Create`] is not decided
    /// here (there is no inventory yet) but by [`create`]; asked of an event that exists, it answers the event.
    pub fn decide(&mut self, command: &Command, context: Context<'_>) -> Decision {
        let decided = self.prepare(command, context).and_then(|()| match command {
            Command::Create(_) => Ok(Receipt::Event(self.listing())),
            Command::Book(book) => self.book(book, context),
            Command::Abandon { booking_id, entry_id } => self.abandon(*booking_id, *entry_id),
            Command::Confirm {
                by,
                booking_id,
                payment_reference,
            } => self.confirm(by, *booking_id, payment_reference.as_deref(), context),
            Command::Extend { by, booking_id } => self.extend(by, *booking_id, context),
            Command::Cancel { by, booking_id } => self.cancel(by, *booking_id, context),
            Command::Join(join) => self.join(join, context),
            Command::Leave { by, entry_id } => self.leave(by, *entry_id, context),
            Command::Accept { by, entry_id } => self.accept(by, *entry_id, context),
            Command::Decline { by, entry_id } => self.decline(by, *entry_id, context),
            Command::Change { expected, draft } => self.change(*expected, draft, context),
            Command::Publish => self.publish(context),
            Command::CancelEvent => self.cancel_event(context),
            Command::Delete => self.delete(),
            Command::Sweep => Ok(Receipt::Event(self.listing())),
        });
        self.note_sold_out(context.now);
        match decided {
            Ok(receipt) => Decision::Done(receipt),
            Err(Stop::Refused(refusal)) => {
                if command.may_be_happening() {
                    self.fence();
                }
                Decision::Refused(refusal)
            }
            Err(Stop::Missing(need)) => Decision::Missing(need),
        }
    }

    /// Knows the seats, and does what is due.
    fn prepare(&mut self, command: &Command, context: Context<'_>) -> Result<(), Stop> {
        let unseated = |(section, state): (&crate::domain::Section, &super::inventory::SectionState)| {
            section.is_reserved() && state.seats.is_none()
        };
        if self.event.has_seats() && self.event.sections.iter().zip(&self.sections).any(unseated) {
            return Err(self.missing(|need| need.seats = true));
        }
        self.catch_up(matches!(command, Command::Sweep), context)
    }

    /// Refuses who must not know of the event, and whoever asks while it is not on sale (rule 3).
    fn require_on_sale(&self, by: &Caller, now: Timestamp) -> Result<(), Refusal> {
        if self.event.status == EventStatus::Draft && !by.is_admin() {
            return Err(Refusal::NotFound);
        }
        if self.event.is_on_sale(now) {
            return Ok(());
        }
        Err(Refusal::NotOnSale {
            phase: self.event.phase(now, 1),
        })
    }
}

/// The instant so many seconds later.
fn after(at: Timestamp, seconds: u32) -> Timestamp {
    at.checked_add(Duration::from_secs(u64::from(seconds)))
        .unwrap_or(Timestamp::MAX)
}

fn invalid(field: &str, message: impl Into<String>) -> Refusal {
    Refusal::Invalid(vec![FieldError::new(field, message)])
}
