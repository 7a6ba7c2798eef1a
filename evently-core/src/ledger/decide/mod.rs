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

use super::changes::{Changes, EventWrite, Revision};
use super::command::Command;
use super::inventory::{Context, Decision, Inventory, Stop};
use super::outcome::{Receipt, Refusal};
use crate::domain::{Caller, Event, EventStats, EventStatus, FieldError, SectionCount, Timestamp, WriterId};
use crate::store::Listing;
use std::{sync::Arc, time::Duration};

pub use offer::Offer;

/// What it takes to make an event, and how it will then be listed.
pub fn create(event: Event) -> (Changes, Listing) {
    let counts: Vec<SectionCount> = event.sections.iter().map(SectionCount::empty).collect();
    let event = Arc::new(event);
    let changes = Changes {
        event_id: event.id,
        expected: Revision::NONE,
        writer: WriterId::NOBODY,
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
            Command::Preview { expected, draft } => self.preview(*expected, draft, context),
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

    /// Knows the seats, and does what is due. Of an event that is about to be deleted nothing more is decided.
    fn prepare(&mut self, command: &Command, context: Context<'_>) -> Result<(), Stop> {
        if self.is_deleted() {
            return Err(Refusal::NotFound.into());
        }
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

#[cfg(test)]
mod tests {
    use super::super::command::{Book, BookingKind, OnFull, Recall, Selection};
    use super::super::need::{DueHolds, Need, Snapshot};
    use super::*;
    use crate::clock::{IdSource, RandomIds};
    use crate::domain::{Booking, BookingId, EntryId, EventDraft, Limits, UserId};

    const START: i64 = 1_900_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(START + second).unwrap()
    }

    fn event(status: EventStatus) -> Event {
        let draft = EventDraft {
            status,
            ..EventDraft::general("Harbour concert", "Harbour hall", at(86_400), at(90_000), 5)
        };
        draft.build(None, &Limits::default(), &RandomIds, at(0)).unwrap()
    }

    fn snapshot(event: &Event, holds: &[Arc<Booking>]) -> Snapshot {
        let (_, mut listing) = create(event.clone());
        listing.counts[0].held = holds.iter().map(|hold| hold.quantity()).sum();
        Snapshot {
            due_at: holds.iter().filter_map(|hold| hold.hold_expires_at).min(),
            ..Snapshot::of(listing)
        }
    }

    fn hold() -> Command {
        Command::Book(Book {
            by: Caller::user(UserId::from_uuid(RandomIds.next(at(0)))),
            booking_id: BookingId::from_uuid(RandomIds.next(at(0))),
            entry_id: EntryId::from_uuid(RandomIds.next(at(0))),
            kind: BookingKind::Held,
            selection: Selection::Quantity {
                quantity: 1,
                ticket_type_id: None,
            },
            on_full: OnFull::Reject,
            key: None,
            recall: Recall::First,
        })
    }

    fn decide(inventory: &mut Inventory, command: &Command, second: i64) -> Decision {
        let limits = Limits::default();
        let context = Context {
            now: at(second),
            ids: &RandomIds,
            limits: &limits,
        };
        inventory.decide(command, context)
    }

    #[test]
    fn what_is_deleted_is_not_published_in_the_same_batch() {
        let event = event(EventStatus::Draft);
        let mut inventory = Inventory::new(&Need::event(event.id), snapshot(&event, &[]));
        assert!(matches!(
            decide(&mut inventory, &Command::Delete, 0),
            Decision::Done(_)
        ));
        let published = decide(&mut inventory, &Command::Publish, 0);
        assert!(
            matches!(published, Decision::Refused(Refusal::NotFound)),
            "{published:?}"
        );
        let changes = inventory.take_changes().unwrap();
        assert_eq!(changes.event, Some(EventWrite::Delete));
    }

    #[test]
    fn a_hold_made_while_the_clock_was_back_ends_in_its_time() {
        let event = event(EventStatus::Published);
        let mut empty = Inventory::new(&Need::event(event.id), snapshot(&event, &[]));
        let Decision::Done(Receipt::Booking { booking: first, .. }) = decide(&mut empty, &hold(), 0) else {
            panic!("a hold that is to be had");
        };
        let over = first.hold_expires_at.unwrap().as_second() - START;
        let holds = [first];
        let mut inventory = Inventory::new(&Need::event(event.id), snapshot(&event, &holds));
        let Decision::Missing(need) = decide(&mut inventory, &Command::Sweep, over) else {
            panic!("what is due is not known yet");
        };
        let due = DueHolds {
            bookings: holds.to_vec(),
            later: None,
        };
        let loaded = Snapshot {
            due: Some(due),
            ..snapshot(&event, &holds)
        };
        inventory.learn(&need, loaded);
        // The clock is put back.
        assert!(matches!(
            decide(&mut inventory, &hold(), over - 5),
            Decision::Done(_)
        ));
        let changes = inventory.take_changes().unwrap();
        inventory.committed(changes.revision());
        let swept = decide(&mut inventory, &Command::Sweep, over);
        assert!(
            matches!(&swept, Decision::Missing(need) if need.due.is_some()),
            "{swept:?}"
        );
    }
}
