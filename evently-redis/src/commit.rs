//! Writing what was decided: for each event one script, everything or nothing, if it still stands at the commit decided
//! on. Which keys that touches, and how, is said here; the script compares, checks and writes.

use crate::NAME;
use crate::error::Fault;
use crate::keys::{self, Part};
use crate::members;
use crate::outbox::Item;
use crate::rows::{self, micros};
use crate::scripts::COMMIT;
use crate::values;
use evently_core::domain::{
    Booking, BookingStatus, Entry, EntryStatus, Event, IdempotencyKey, SalesRow, UserId,
};
use evently_core::ledger::{Changes, EventWrite, Revision};
use evently_core::store::{Committed, Conflict, StoreError};
use redis::{Cmd, Value};
use std::fmt::Display;

/// The most arguments of one write, as the script's stack has room for.
const MAX_ARGUMENTS: usize = 1_000;

/// What a commit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is stored.
    Done {
        /// Whether `due_at` is another one now.
        due_changed: bool,
    },
    /// Nothing of it is.
    Conflict(Conflict),
}

impl Outcome {
    /// Reads the script's answer.
    pub(crate) fn read(answer: Value) -> Result<Self, Fault> {
        let mut answer = values::list(answer)?.into_iter();
        let mut next = || values::number::<i64>(answer.next().unwrap_or_default());
        match next()? {
            0 => Ok(Self::Done {
                due_changed: next()? == 1,
            }),
            1 => Ok(Self::Conflict(Conflict::Version)),
            2 => Ok(Self::Conflict(Conflict::Key)),
            other => Err(Fault::damaged(format!("a commit's answer {other}"))),
        }
    }

    /// The same for whoever asked.
    pub(crate) fn committed(self) -> Committed {
        match self {
            Self::Done { .. } => Committed::Done,
            Self::Conflict(conflict) => Committed::Conflict(conflict),
        }
    }
}

/// Refuses what can be seen to be unsound without asking Redis: then nothing of the call is written.
///
/// # Errors
/// What is unsound.
pub(crate) fn check(changes: &[Changes]) -> Result<(), StoreError> {
    let mut ids: Vec<_> = changes.iter().map(|changes| changes.event_id).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|twins| twins[0] == twins[1]) {
        return Err(StoreError::permanent(
            NAME,
            "an event is named twice in one commit",
        ));
    }
    let oversold = changes
        .iter()
        .flat_map(|changes| &changes.counts)
        .find(|count| u64::from(count.sold) + u64::from(count.held) > u64::from(count.capacity));
    if let Some(count) = oversold {
        let broken = format!("section {} would be oversold", count.section_id);
        return Err(StoreError::permanent(NAME, broken));
    }
    let nothing = |changes: &&Changes| {
        changes.expected == Revision::NONE && !matches!(changes.event, Some(EventWrite::Put(_)))
    };
    match changes.iter().find(nothing) {
        Some(_) => Err(StoreError::permanent(NAME, "there is no event to change")),
        None => Ok(()),
    }
}

/// Who writes what is found by user or by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Indexing {
    /// The commit itself: on one server a script may touch every key.
    Within,
    /// Whoever committed, afterwards: on a cluster these keys are in other slots.
    Afterwards,
}

/// The call that commits one event's changes.
///
/// # Errors
/// The definition cannot be written as JSON.
pub(crate) fn command(changes: &Changes, indexing: Indexing) -> Result<Cmd, Fault> {
    let due = due_text(changes);
    let (now, later) = match indexing {
        Indexing::Within => (Item::of(changes), Item::default()),
        Indexing::Afterwards => (Item::default(), Item::of(changes)),
    };
    let mut arguments = Arguments::default();
    arguments.number(changes.expected.version);
    arguments.push(changes.expected.writer.uuid().as_bytes());
    arguments.push(due.as_bytes());
    arguments.push(keys::CHANGED.as_bytes());
    arguments.push(changes.event_id.uuid().as_bytes());
    arguments.push(&later.to_bytes());
    arguments.number(u8::from(is_left_over(changes, indexing)));
    checks(&mut arguments, changes);
    let mut keys = Vec::from(keys::event_parts(changes.event_id));
    let mut writes = match &changes.event {
        Some(EventWrite::Delete) => deletion(),
        Some(EventWrite::Put(event)) => writes(changes, &due, Some(event))?,
        None => writes(changes, &due, None)?,
    };
    for write in now.writes(changes.event_id) {
        keys.push(write.key);
        let arguments: Vec<&[u8]> = write.arguments.iter().map(Vec::as_slice).collect();
        writes.chunked(keys.len(), write.command, 2, &arguments);
    }
    arguments.number(writes.count);
    let mut command = COMMIT.call(&keys);
    arguments.add_to(&mut command);
    writes.arguments.add_to(&mut command);
    Ok(command)
}

/// `due_at` as it is stored beside the version, so that the script can tell whether it moves.
fn due_text(changes: &Changes) -> String {
    changes
        .due_at
        .map_or_else(String::new, |at| micros(at).to_string())
}

/// Whether something is left to be written after a commit, whatever becomes of what is due.
pub(crate) fn is_left_over(changes: &Changes, indexing: Indexing) -> bool {
    match &changes.event {
        Some(EventWrite::Delete) => false,
        Some(EventWrite::Put(_)) => true,
        None => indexing == Indexing::Afterwards,
    }
}

/// The groups of arguments that the script looks at before it writes.
fn checks(arguments: &mut Arguments, changes: &Changes) {
    arguments.group(&changes.counts, |arguments, count| {
        arguments.number(count.capacity);
        arguments.number(u64::from(count.sold) + u64::from(count.held));
    });
    let keys: Vec<Vec<u8>> = used_keys(changes)
        .map(|(user, key, _)| key_field(user, key))
        .collect();
    arguments.group(&keys, |arguments, field| arguments.push(field));
    arguments.group(&changes.new_bookings, |arguments, booking| {
        arguments.push(booking.id.uuid().as_bytes());
    });
    arguments.group(&changes.changed_bookings, |arguments, booking| {
        arguments.push(booking.id.uuid().as_bytes());
        arguments.push(&rows::booking_row(booking));
        arguments.push(booking.user_id.uuid().as_bytes());
    });
    for entries in [&changes.new_entries, &changes.changed_entries] {
        arguments.group(entries, |arguments, entry| {
            arguments.push(entry.id.uuid().as_bytes())
        });
    }
    for seats in [&changes.freed, &changes.taken] {
        arguments.group(seats, |arguments, (label, booking)| {
            arguments.push(label.as_str().as_bytes());
            arguments.push(booking.uuid().as_bytes());
        });
    }
    let empty: &[Part] = match changes.event {
        Some(EventWrite::Delete) => &[Part::Bookings, Part::Entries],
        _ => &[],
    };
    arguments.group(empty, |arguments, part| arguments.number(part.place()));
}

/// A user's key as a field.
pub(crate) fn key_field(user: UserId, key: &IdempotencyKey) -> Vec<u8> {
    [user.uuid().as_bytes().as_slice(), key.as_str().as_bytes()].concat()
}

/// The keys that new bookings and entries use, each with what it makes: a letter and an id.
fn used_keys(changes: &Changes) -> impl Iterator<Item = (UserId, &IdempotencyKey, Vec<u8>)> {
    let made = |letter: u8, id: uuid::Uuid| [&[letter], id.as_bytes().as_slice()].concat();
    let by_bookings = changes.new_bookings.iter().filter_map(move |booking| {
        let (key, _) = booking.key.as_ref()?;
        Some((booking.user_id, key, made(b'B', booking.id.uuid())))
    });
    let by_entries = changes.new_entries.iter().filter_map(move |entry| {
        let (key, _) = entry.key.as_ref()?;
        Some((entry.user_id, key, made(b'E', entry.id.uuid())))
    });
    by_bookings.chain(by_entries)
}

/// An event that is deleted is gone with all its parts.
fn deletion() -> Writes {
    let mut writes = Writes::default();
    for part in Part::ALL {
        writes.one(part, "DEL", &[]);
    }
    writes
}

fn writes(changes: &Changes, due: &str, definition: Option<&Event>) -> Result<Writes, Fault> {
    let mut writes = Writes::default();
    write_inventory(&mut writes, changes, due, definition)?;
    write_new_bookings(&mut writes, changes);
    for booking in &changes.changed_bookings {
        write_changed_booking(&mut writes, booking);
    }
    // Changed before new: a user who leaves and joins again has one active entry at any time.
    for entry in &changes.changed_entries {
        write_entry(&mut writes, entry);
    }
    for entry in &changes.new_entries {
        write_entry(&mut writes, entry);
        let (seq, id) = (entry.seq.to_string(), entry.id.uuid());
        writes.one(Part::Line, "ZADD", &[seq.as_bytes(), id.as_bytes()]);
    }
    let keys = used_keys(changes);
    writes.many(Part::Keys, "HSET", 2, |arguments| {
        for (user, key, made) in keys {
            arguments.push(&key_field(user, key));
            arguments.push(&made);
        }
    });
    for row in &changes.sales {
        write_sales(&mut writes, row);
    }
    Ok(writes)
}

fn write_inventory(
    writes: &mut Writes,
    changes: &Changes,
    due: &str,
    definition: Option<&Event>,
) -> Result<(), Fault> {
    let revision = changes.revision();
    let version = revision.version.to_string();
    let head = rows::head_row(changes);
    writes.one(
        Part::Inventory,
        "HSET",
        &[
            b"version",
            version.as_bytes(),
            b"writer",
            revision.writer.uuid().as_bytes(),
            b"due",
            due.as_bytes(),
            b"head",
            &head,
        ],
    );
    if let Some(event) = definition {
        let text = serde_json::to_vec(event).map_err(|error| Fault::Broken(error.to_string()))?;
        writes.one(
            Part::Inventory,
            "HSET",
            &[
                b"defined_in",
                revision.mark().to_string().as_bytes(),
                b"definition",
                &text,
            ],
        );
    }
    Ok(())
}

fn write_new_bookings(writes: &mut Writes, changes: &Changes) {
    let bookings = &changes.new_bookings;
    writes.many(Part::Bookings, "HSET", 2, |arguments| {
        for booking in bookings {
            arguments.push(booking.id.uuid().as_bytes());
            arguments.push(&rows::booking_row(booking));
        }
    });
    writes.many(Part::ByStatus, "ZADD", 2, |arguments| {
        for booking in bookings {
            arguments.push(b"0");
            arguments.push(&members::by_status(booking.status, booking.id));
        }
    });
    for booking in bookings {
        if booking.status.takes_capacity() {
            let (user, tickets) = (booking.user_id.uuid(), booking.quantity().to_string());
            writes.one(Part::Tickets, "HINCRBY", &[user.as_bytes(), tickets.as_bytes()]);
        }
        if let Some(expires) = hold_expiry(booking) {
            writes.one(
                Part::Holds,
                "ZADD",
                &[expires.as_bytes(), booking.id.uuid().as_bytes()],
            );
        }
    }
}

/// Its row, and the user's tickets, the script writes: these depend on what was stored.
fn write_changed_booking(writes: &mut Writes, booking: &Booking) {
    let id = booking.id.uuid();
    writes.many(Part::ByStatus, "ZREM", 1, |arguments| {
        for status in BookingStatus::ALL {
            if status != booking.status {
                arguments.push(&members::by_status(status, booking.id));
            }
        }
    });
    let member = members::by_status(booking.status, booking.id);
    writes.one(Part::ByStatus, "ZADD", &[b"0", &member]);
    match hold_expiry(booking) {
        Some(expires) => writes.one(Part::Holds, "ZADD", &[expires.as_bytes(), id.as_bytes()]),
        None => writes.one(Part::Holds, "ZREM", &[id.as_bytes()]),
    }
}

/// When a hold is over, as a score: exact until the year 2255.
fn hold_expiry(booking: &Booking) -> Option<String> {
    let expires = booking.hold_expires_at?;
    (booking.status == BookingStatus::Held).then(|| micros(expires).to_string())
}

fn write_entry(writes: &mut Writes, entry: &Entry) {
    let (id, seq) = (entry.id.uuid(), entry.seq.to_string());
    writes.one(Part::Entries, "HSET", &[id.as_bytes(), &rows::entry_row(entry)]);
    let (fitting, active) = (members::fitting(entry), members::pair(entry.user_id.uuid(), id));
    if entry.status == EntryStatus::Waiting {
        writes.one(Part::Waiting, "ZADD", &[seq.as_bytes(), id.as_bytes()]);
        writes.one(Part::Fitting, "ZADD", &[b"0", &fitting]);
    } else {
        writes.one(Part::Waiting, "ZREM", &[id.as_bytes()]);
        writes.one(Part::Fitting, "ZREM", &[&fitting]);
    }
    if entry.status.is_active() {
        writes.one(Part::Active, "ZADD", &[b"0", &active]);
    } else {
        writes.one(Part::Active, "ZREM", &[&active]);
    }
}

/// The figures of an hour, each a field: the hour's start in microseconds and the figure's letter.
fn write_sales(writes: &mut Writes, row: &SalesRow) {
    let figures = [
        ('b', row.bookings.to_string()),
        ('t', row.tickets.to_string()),
        ('c', row.cancelled_tickets.to_string()),
        ('r', row.revenue_minor.to_string()),
    ];
    for (letter, added) in figures {
        let field = format!("{}{letter}", micros(row.start));
        writes.one(Part::Sales, "HINCRBY", &[field.as_bytes(), added.as_bytes()]);
    }
}

/// Arguments of a call, one after the other in one buffer.
#[derive(Debug, Default)]
struct Arguments {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Arguments {
    fn push(&mut self, argument: &[u8]) {
        self.bytes.extend_from_slice(argument);
        self.ends.push(self.bytes.len());
    }

    fn number(&mut self, number: impl Display) {
        self.push(number.to_string().as_bytes());
    }

    /// A list, led by its length.
    fn group<T>(&mut self, list: &[T], mut add: impl FnMut(&mut Self, &T)) {
        self.number(list.len());
        for item in list {
            add(self, item);
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins
            .zip(&self.ends)
            .map(|(begin, end)| &self.bytes[begin..*end])
    }

    fn add_to(&self, command: &mut Cmd) {
        for argument in self.iter() {
            command.arg(argument);
        }
    }
}

/// The plain writes of a commit, as the script takes them.
#[derive(Debug, Default)]
struct Writes {
    count: usize,
    arguments: Arguments,
}

impl Writes {
    fn one(&mut self, part: Part, command: &str, arguments: &[&[u8]]) {
        self.at(part.place(), command, arguments);
    }

    /// One command with any number of arguments, which belong together `width` by `width`; as many commands as that
    /// needs, and none for no arguments.
    fn many(&mut self, part: Part, command: &str, width: usize, add: impl FnOnce(&mut Arguments)) {
        let mut arguments = Arguments::default();
        add(&mut arguments);
        let all: Vec<&[u8]> = arguments.iter().collect();
        self.chunked(part.place(), command, width, &all);
    }

    /// The same on the key at a place.
    fn chunked(&mut self, place: usize, command: &str, width: usize, arguments: &[&[u8]]) {
        for some in arguments.chunks(MAX_ARGUMENTS / width * width) {
            self.at(place, command, some);
        }
    }

    fn at(&mut self, place: usize, command: &str, arguments: &[&[u8]]) {
        self.begin(place, command, arguments.len());
        for argument in arguments {
            self.arguments.push(argument);
        }
    }

    fn begin(&mut self, place: usize, command: &str, arguments: usize) {
        self.count += 1;
        self.arguments.number(place);
        self.arguments.push(command.as_bytes());
        self.arguments.number(arguments);
    }
}
