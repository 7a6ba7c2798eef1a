//! An event written by hand, without a ledger.

use crate::clock::Clock;
use crate::conformance::world::World;
use crate::domain::{
    Booking, BookingId, BookingItem, BookingStatus, Caller, Entry, EntryId, EntryStatus, Event, EventDraft,
    EventStats, Fingerprint, IdempotencyKey, Limits, SectionCount, Source, Timestamp, UserId, WriterId,
};
use crate::ledger::{Changes, EventWrite, Need, Revision, Snapshot};
use crate::store::{Committed, Conflict, Store};
use smallvec::smallvec;
use std::sync::Arc;

/// What is known of an event whose changes are written by hand.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) store: Arc<dyn Store>,
    pub(super) event: Arc<Event>,
    /// Who writes it.
    pub(super) writer: WriterId,
    pub(super) revision: Revision,
    pub(super) counts: Vec<SectionCount>,
    pub(super) stats: EventStats,
    pub(super) due_at: Option<Timestamp>,
    pub(super) next_seq: u64,
}

impl Raw {
    /// An event that is not stored yet.
    pub(super) fn unwritten(world: &World, draft: &EventDraft) -> Self {
        let event = draft
            .build(None, &Limits::default(), &*world.ids, world.clock.now())
            .expect("a valid draft");
        Self {
            store: Arc::clone(&world.store),
            counts: event.sections.iter().map(SectionCount::empty).collect(),
            event: Arc::new(event),
            writer: WriterId::from_uuid(world.new_id()),
            revision: Revision::NONE,
            stats: EventStats::default(),
            due_at: None,
            next_seq: 1,
        }
    }

    /// The changes that create it.
    pub(super) fn creation(&self) -> Changes {
        Changes {
            event: Some(EventWrite::Put(Arc::clone(&self.event))),
            ..self.changes()
        }
    }

    /// Stores a new event.
    pub(super) async fn create(world: &World, draft: &EventDraft) -> Self {
        let mut raw = Self::unwritten(world, draft);
        let creation = raw.creation();
        raw.write(creation).await;
        raw
    }

    /// Stores a new event with one general section.
    pub(super) async fn general(world: &World, capacity: u32) -> Self {
        Self::create(world, &world.draft(capacity)).await
    }

    /// Changes that write nothing yet, on the version that is known.
    pub(super) fn changes(&self) -> Changes {
        Changes {
            event_id: self.event.id,
            expected: self.revision,
            writer: self.writer,
            event: None,
            counts: self.counts.clone(),
            stats: self.stats,
            due_at: self.due_at,
            next_seq: self.next_seq,
            new_bookings: Vec::new(),
            changed_bookings: Vec::new(),
            new_entries: Vec::new(),
            changed_entries: Vec::new(),
            freed: Vec::new(),
            taken: Vec::new(),
            sales: Vec::new(),
        }
    }

    /// Changes that write these new bookings, and count them.
    pub(super) fn with_bookings(&self, bookings: Vec<Booking>) -> Changes {
        let mut changes = self.changes();
        for booking in bookings {
            for item in &booking.items {
                let count = changes
                    .counts
                    .iter_mut()
                    .find(|count| count.section_id == item.section_id)
                    .expect("a section of the event");
                match booking.status {
                    BookingStatus::Confirmed => count.sold += item.quantity,
                    BookingStatus::Held => count.held += item.quantity,
                    _ => {}
                }
                if booking.status.takes_capacity() {
                    let seats = item.seats.iter().map(|seat| (seat.clone(), booking.id));
                    changes.taken.extend(seats);
                }
            }
            changes.new_bookings.push(Arc::new(booking));
        }
        changes
    }

    /// Changes that write these new entries, and count them.
    pub(super) fn with_entries(&self, entries: Vec<Entry>) -> Changes {
        let mut changes = self.changes();
        for entry in entries {
            if entry.status == EntryStatus::Waiting {
                let count = changes
                    .counts
                    .iter_mut()
                    .find(|count| count.section_id == entry.section_id)
                    .expect("a section of the event");
                count.waiting += 1;
            }
            changes.next_seq = changes.next_seq.max(entry.seq + 1);
            changes.new_entries.push(Arc::new(entry));
        }
        changes
    }

    /// Commits changes of this event alone, and knows them if they are stored.
    pub(super) async fn try_write(&mut self, changes: Changes) -> Committed {
        let answers = self.store.commit(std::slice::from_ref(&changes)).await;
        let answers = answers.expect("a commit");
        assert_eq!(answers.len(), 1, "one answer for one event");
        if answers[0] == Committed::Done {
            self.revision = changes.revision();
            self.counts = changes.counts;
            self.stats = changes.stats;
            self.due_at = changes.due_at;
            self.next_seq = changes.next_seq;
            if let Some(EventWrite::Put(event)) = changes.event {
                self.event = event;
            }
        }
        answers[0]
    }

    /// Commits changes of this event alone, which must be stored.
    pub(super) async fn write(&mut self, changes: Changes) {
        assert_eq!(self.try_write(changes).await, Committed::Done);
    }

    /// What a need of nothing but the event.
    pub(super) fn need(&self) -> Need {
        Need::event(self.event.id)
    }

    /// Loads one need of this event, which exists.
    pub(super) async fn load(&self, mut need: Need) -> Snapshot {
        need.normalize();
        let answers = self.store.load(&[need]).await.expect("a load");
        assert_eq!(answers.len(), 1, "one answer for one need");
        answers.into_iter().next().flatten().expect("an event")
    }

    /// A confirmed booking of the event's first ticket type, not stored yet.
    pub(super) fn booking(&self, world: &World, by: &Caller, quantity: u32) -> Booking {
        let ticket_type = &self.event.ticket_types[0];
        Booking {
            id: BookingId::from_uuid(world.new_id()),
            event_id: self.event.id,
            user_id: by.user_id,
            status: BookingStatus::Confirmed,
            items: smallvec![BookingItem {
                ticket_type_id: ticket_type.id,
                section_id: ticket_type.section_id,
                quantity,
                seats: Vec::new(),
                price_minor: ticket_type.price_minor,
            }],
            currency: self.event.currency,
            hold_expires_at: None,
            payment_reference: None,
            source: Source::Direct,
            entry_id: None,
            reason: None,
            key: None,
            created_at: world.now(),
            confirmed_at: Some(world.now()),
            ended_at: None,
        }
    }

    /// A hold of the event's first ticket type until an instant, not stored yet.
    pub(super) fn hold(&self, world: &World, by: &Caller, quantity: u32, until: Timestamp) -> Booking {
        Booking {
            status: BookingStatus::Held,
            hold_expires_at: Some(until),
            confirmed_at: None,
            ..self.booking(world, by, quantity)
        }
    }

    /// An entry that waits for the event's first ticket type, not stored yet.
    pub(super) fn entry(&self, world: &World, by: &Caller, quantity: u32, seq: u64) -> Entry {
        let ticket_type = &self.event.ticket_types[0];
        Entry {
            id: EntryId::from_uuid(world.new_id()),
            event_id: self.event.id,
            user_id: by.user_id,
            ticket_type_id: ticket_type.id,
            section_id: ticket_type.section_id,
            quantity,
            status: EntryStatus::Waiting,
            seq,
            passes: 0,
            booking_id: None,
            offer_expires_at: None,
            key: None,
            joined_at: world.now(),
        }
    }
}

/// A need about one user's key.
pub(super) fn key_need(need: Need, user_id: UserId, key: &IdempotencyKey) -> Need {
    Need {
        keys: vec![(user_id, key.clone())],
        ..need
    }
}

pub(super) fn fingerprint(text: &str) -> Fingerprint {
    Fingerprint::of(text.as_bytes())
}

pub(super) const VERSION_CONFLICT: Committed = Committed::Conflict(Conflict::Version);
pub(super) const KEY_CONFLICT: Committed = Committed::Conflict(Conflict::Key);
