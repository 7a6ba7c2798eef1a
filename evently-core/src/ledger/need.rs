//! What the ledger asks of a store, and what a store answers: plain data both ways.

use super::changes::Revision;
use super::inventory::Inventory;
use crate::domain::{
    Booking, BookingId, Entry, EntryId, Event, EventId, EventStats, IdempotencyKey, KeyUse, SeatLabel,
    SectionCount, SectionId, Timestamp, UserId, WriterId,
};
use crate::store::Listing;
use std::sync::Arc;

/// What must be known of one event to decide a batch of commands. The event itself, its version, counts and
/// figures always come along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// The event.
    pub event_id: EventId,
    /// How these users stand with the event.
    pub users: Vec<UserId>,
    /// What these users' keys were used for.
    pub keys: Vec<(UserId, IdempotencyKey)>,
    /// These bookings, where they exist and are of the event.
    pub bookings: Vec<BookingId>,
    /// These waitlist entries, where they exist and are of the event.
    pub entries: Vec<EntryId>,
    /// The labels of all taken seats.
    pub seats: bool,
    /// The holds that are over at this instant, at most [`BATCH`](Self::BATCH), first over first.
    pub due: Option<Timestamp>,
    /// Any bookings that take capacity, at most [`BATCH`](Self::BATCH).
    pub live: bool,
    /// Parts of the waitlist.
    pub waitlist: Vec<WaitlistNeed>,
}

/// A part of the waitlist: the entries of a section in status `waiting`, in order, at most [`Need::BATCH`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitlistNeed {
    /// The section.
    pub section_id: SectionId,
    /// Only those behind this place; `None` from the head.
    pub after: Option<u64>,
    /// Only those that wait for so many tickets or fewer; `None` for all.
    pub at_most: Option<u32>,
}

impl Need {
    /// The most rows of one kind that an answer carries.
    pub const BATCH: usize = 512;

    /// The event itself and nothing more.
    pub fn event(event_id: EventId) -> Self {
        Self {
            event_id,
            users: Vec::new(),
            keys: Vec::new(),
            bookings: Vec::new(),
            entries: Vec::new(),
            seats: false,
            due: None,
            live: false,
            waitlist: Vec::new(),
        }
    }

    /// Adds what another need about the same event asks for.
    pub fn merge(&mut self, other: Self) {
        fn add<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
            if into.is_empty() {
                *into = from;
            } else {
                into.extend(from);
            }
        }
        add(&mut self.users, other.users);
        add(&mut self.keys, other.keys);
        add(&mut self.bookings, other.bookings);
        add(&mut self.entries, other.entries);
        add(&mut self.waitlist, other.waitlist);
        self.seats |= other.seats;
        self.live |= other.live;
        self.due = self.due.max(other.due);
    }

    /// Sorts each list and leaves out what is asked for twice, as stores may rely on.
    pub fn normalize(&mut self) {
        self.users.sort_unstable();
        self.users.dedup();
        self.keys.sort_unstable();
        self.keys.dedup();
        self.bookings.sort_unstable();
        self.bookings.dedup();
        self.entries.sort_unstable();
        self.entries.dedup();
        self.waitlist
            .sort_unstable_by_key(|part| (part.section_id, part.after, part.at_most));
        self.waitlist.dedup();
    }
}

/// One event as it stood at one version: the answer to a [`Need`].
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The event's definition.
    pub event: Arc<Event>,
    /// The commit that it stands at.
    pub revision: Revision,
    /// The sections' counts, in the event's order.
    pub counts: Vec<SectionCount>,
    /// The running figures.
    pub stats: EventStats,
    /// Before this instant nothing is due; `None` if nothing ever will be.
    pub due_at: Option<Timestamp>,
    /// The place that the next waitlist entry takes.
    pub next_seq: u64,
    /// How each asked user stands; every asked user is here.
    pub users: Vec<(UserId, Standing)>,
    /// What each asked key was used for; every asked key is here, and what a key made is in `bookings` or
    /// `entries`.
    pub keys: Vec<((UserId, IdempotencyKey), Option<KeyUse>)>,
    /// The asked bookings that exist, those that asked keys made, and those of `live`.
    pub bookings: Vec<Arc<Booking>>,
    /// The asked entries that exist, and those that asked keys made.
    pub entries: Vec<Arc<Entry>>,
    /// The labels of all taken seats, if they were asked for.
    pub taken_seats: Option<Vec<SeatLabel>>,
    /// The holds that are over, if they were asked for.
    pub due: Option<DueHolds>,
    /// Bookings that take capacity, if they were asked for: fewer than [`Need::BATCH`] means all.
    pub live: Option<Vec<Arc<Booking>>>,
    /// The asked parts of the waitlist, in the order they were asked for.
    pub waitlist: Vec<WaitlistWindow>,
}

impl Snapshot {
    /// Nothing but an event as it is listed: no figures, nothing due, and nobody ever waited.
    pub fn of(listing: Listing) -> Self {
        Self {
            event: listing.event,
            revision: Revision {
                version: listing.version,
                writer: WriterId::NOBODY,
            },
            counts: listing.counts,
            stats: EventStats::default(),
            due_at: None,
            next_seq: Inventory::FIRST_SEQ,
            users: Vec::new(),
            keys: Vec::new(),
            bookings: Vec::new(),
            entries: Vec::new(),
            taken_seats: None,
            due: None,
            live: None,
            waitlist: Vec::new(),
        }
    }
}

/// Holds that are over at the asked instant.
#[derive(Debug, Clone, PartialEq)]
pub struct DueHolds {
    /// At most [`Need::BATCH`], first over first (ties by id).
    pub bookings: Vec<Arc<Booking>>,
    /// The earliest `hold_expires_at` among the event's other holds.
    pub later: Option<Timestamp>,
}

/// How a user stands with an event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Tickets of the user's bookings that take capacity.
    pub tickets: u32,
    /// The user's entry in status `waiting` or `offered`.
    pub entry: Option<Arc<Entry>>,
}

/// A part of the waitlist as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitlistWindow {
    /// What was asked.
    pub need: WaitlistNeed,
    /// The entries, in order: fewer than [`Need::BATCH`] means all of them.
    pub entries: Vec<Arc<Entry>>,
}
