//! Reading what decisions need: one script an event, so that all of an answer is of one version.

use crate::commit::key_field;
use crate::data::Data;
use crate::definitions::Definition;
use crate::error::Fault;
use crate::inventories::decimal;
use crate::keys;
use crate::rows::{self, status_letter};
use crate::scripts::LOAD;
use crate::values;
use evently_core::domain::{
    Booking, BookingId, BookingStatus, Entry, EntryId, EventId, KeyUse, SeatLabel, Timestamp, UserId,
    WriterId,
};
use evently_core::ledger::{DueHolds, Need, Revision, Snapshot, Standing, WaitlistWindow};
use redis::{Cmd, Value};
use std::sync::Arc;
use uuid::Uuid;

/// One answer: the snapshot, and what former commits have not written into the indexes yet.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) snapshot: Snapshot,
    /// Whether the event's outbox has items.
    pub(crate) is_unsettled: bool,
}

/// The call that answers a need.
pub(crate) fn command(need: &Need, kept: Option<&Definition>) -> Cmd {
    let mut command = LOAD.call(&keys::event_parts(need.event_id));
    command.arg(kept.map_or_else(String::new, |kept| kept.defined_in.to_string()));
    command.arg(Need::BATCH);
    command
        .arg(u8::from(need.seats))
        .arg(u8::from(need.due.is_some()));
    let statuses = BookingStatus::ALL
        .into_iter()
        .filter(|status| need.live && status.takes_capacity());
    let letters: Vec<_> = statuses.map(|status| [status_letter(status)]).collect();
    group(&mut command, &letters, |command, letter| {
        command.arg(letter);
    });
    group(&mut command, &need.users, |command, user| {
        command.arg(user.uuid().as_bytes());
    });
    group(&mut command, &need.keys, |command, (user, key)| {
        command.arg(key_field(*user, key));
    });
    group(&mut command, &need.bookings, |command, id| {
        command.arg(id.uuid().as_bytes());
    });
    group(&mut command, &need.entries, |command, id| {
        command.arg(id.uuid().as_bytes());
    });
    group(&mut command, &need.waitlist, |command, part| {
        command.arg(part.section_id.uuid().as_bytes());
        command.arg(
            part.after
                .map_or_else(Vec::new, |place| place.to_be_bytes().to_vec()),
        );
        command.arg(part.at_most.map_or_else(String::new, |most| most.to_string()));
    });
    command
}

fn group<T>(command: &mut Cmd, list: &[T], add: impl Fn(&mut Cmd, &T)) {
    command.arg(list.len());
    list.iter().for_each(|item| add(command, item));
}

impl Data {
    /// Reads the answer to a need; `None` if there is no such event.
    pub(crate) fn read_snapshot(
        &self,
        need: &Need,
        kept: Option<Definition>,
        answer: Value,
    ) -> Result<Option<Loaded>, Fault> {
        if answer == Value::Nil {
            return Ok(None);
        }
        let [
            inventory,
            tickets,
            active,
            made,
            bookings,
            entries,
            seats,
            holds,
            live,
            windows,
            outbox,
        ] = values::parts(answer)?;
        let event_id = need.event_id;
        let mut inventory = values::list(inventory)?.into_iter();
        let mut next = || values::optional_bytes(inventory.next().unwrap_or_default());
        let (version, writer) = (some(next()?)?, next()?);
        let (defined_in, head) = (some(next()?)?, some(next()?)?);
        let defined_in = decimal(&defined_in)?;
        let event = match (next()?, kept) {
            (Some(text), _) => self.definitions.parse(event_id, defined_in, &text)?,
            (None, Some(kept)) => kept.event,
            (None, None) => return Err(Fault::damaged(format!("event {event_id} has no definition"))),
        };
        let head = rows::head(&head)?;
        let mut snapshot = Snapshot {
            event,
            revision: Revision {
                version: decimal(&version)?,
                writer: self::writer(writer)?,
            },
            counts: head.counts,
            stats: head.stats,
            due_at: head.due_at,
            next_seq: head.next_seq,
            users: standings(need, tickets, active)?,
            keys: Vec::with_capacity(need.keys.len()),
            bookings: bookings_of(event_id, bookings)?,
            entries: entries_of(event_id, entries)?,
            taken_seats: None,
            due: need.due.map(|at| due(event_id, at, holds)).transpose()?,
            live: need.live.then(|| bookings_of(event_id, live)).transpose()?,
            waitlist: Vec::with_capacity(need.waitlist.len()),
        };
        for (asked, made) in need.keys.iter().zip(values::list(made)?) {
            let made = values::optional_bytes(made)?
                .map(|made| key_use(&made))
                .transpose()?;
            snapshot.keys.push((asked.clone(), made));
        }
        if need.seats {
            let labels = values::bytes_list(seats)?;
            snapshot.taken_seats = Some(labels.iter().map(|label| seat(label)).collect::<Result<_, _>>()?);
        }
        for (part, rows) in need.waitlist.iter().zip(values::list(windows)?) {
            snapshot.waitlist.push(WaitlistWindow {
                need: *part,
                entries: entries_of(event_id, rows)?,
            });
        }
        let live = snapshot.live.iter().flatten().map(Arc::clone);
        snapshot.bookings.extend(live.collect::<Vec<_>>());
        snapshot.bookings.sort_unstable_by_key(|booking| booking.id);
        snapshot.bookings.dedup_by_key(|booking| booking.id);
        snapshot.entries.sort_unstable_by_key(|entry| entry.id);
        snapshot.entries.dedup_by_key(|entry| entry.id);
        Ok(Some(Loaded {
            snapshot,
            is_unsettled: !values::list(outbox)?.is_empty(),
        }))
    }
}

fn some(bytes: Option<Vec<u8>>) -> Result<Vec<u8>, Fault> {
    bytes.ok_or_else(|| Fault::damaged("an event without its inventory"))
}

/// Who made the last commit; nobody, where it was made before that was noted.
fn writer(bytes: Option<Vec<u8>>) -> Result<WriterId, Fault> {
    let Some(bytes) = bytes else {
        return Ok(WriterId::NOBODY);
    };
    let uuid = Uuid::from_slice(&bytes).map_err(Fault::damaged)?;
    Ok(WriterId::from_uuid(uuid))
}

fn standings(need: &Need, tickets: Value, active: Value) -> Result<Vec<(UserId, Standing)>, Fault> {
    let answers = values::list(tickets)?.into_iter().zip(values::list(active)?);
    let standing = |(tickets, active)| -> Result<Standing, Fault> {
        Ok(Standing {
            tickets: match tickets {
                Value::Nil => 0,
                tickets => values::number(tickets)?,
            },
            entry: entries_of(need.event_id, active)?.pop(),
        })
    };
    let users = need.users.iter().zip(answers);
    users
        .map(|(user, answer)| Ok((*user, standing(answer)?)))
        .collect()
}

/// What a key made: a letter and an id.
fn key_use(made: &[u8]) -> Result<KeyUse, Fault> {
    let id = made.get(1..).and_then(|id| Uuid::from_slice(id).ok());
    match (made.first(), id) {
        (Some(b'B'), Some(id)) => Ok(KeyUse::Booking(BookingId::from_uuid(id))),
        (Some(b'E'), Some(id)) => Ok(KeyUse::Entry(EntryId::from_uuid(id))),
        _ => Err(Fault::damaged("a key that made nothing known")),
    }
}

/// A label as it is stored.
pub(crate) fn seat(label: &[u8]) -> Result<SeatLabel, Fault> {
    std::str::from_utf8(label)
        .map(SeatLabel::from)
        .map_err(Fault::damaged)
}

/// One more hold than a batch is read: the first of the others is when the next one is over.
fn due(event_id: EventId, at: Timestamp, holds: Value) -> Result<DueHolds, Fault> {
    let mut bookings = bookings_of(event_id, holds)?;
    let over = bookings
        .iter()
        .take(Need::BATCH)
        .take_while(|booking| booking.is_hold_over(at))
        .count();
    let later = bookings.get(over).and_then(|booking| booking.hold_expires_at);
    bookings.truncate(over);
    Ok(DueHolds { bookings, later })
}

/// Bookings of an event from a list of ids and rows; those that are not there are left out.
pub(crate) fn bookings_of(event_id: EventId, rows: Value) -> Result<Vec<Arc<Booking>>, Fault> {
    let found = values::found(rows)?.into_iter();
    let read =
        |(id, row): (Uuid, Vec<u8>)| rows::booking(event_id, BookingId::from_uuid(id), &row).map(Arc::new);
    found.map(read).collect()
}

/// Entries of an event from a list of ids and rows; those that are not there are left out.
pub(crate) fn entries_of(event_id: EventId, rows: Value) -> Result<Vec<Arc<Entry>>, Fault> {
    let found = values::found(rows)?.into_iter();
    let read = |(id, row): (Uuid, Vec<u8>)| rows::entry(event_id, EntryId::from_uuid(id), &row).map(Arc::new);
    found.map(read).collect()
}
