//! What a commit still has to write outside its event's slot, kept with the event until it is written.
//!
//! One script writes one slot, and what is found by user or by id is in others. So a commit on a cluster stores, with
//! its changes, an item that says what else is to be written. On one server the script writes that itself, and leaves
//! an item only where the event's place in the catalogue, or among those with something due, is another. Whoever
//! committed writes what is left before answering, and strikes the item out. Should they die in between, the next one
//! who loads the event, or sweeps, does it. All of it may be written twice, or late: a member of a set, or a place that
//! a newer version overrules.

use crate::error::Fault;
use crate::{keys, members};
use evently_core::domain::{BookingId, EntryId, EventId, UserId};
use evently_core::ledger::Changes;
use redis::Cmd;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What one commit added: ids with their owners.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Item {
    bookings: Vec<(BookingId, UserId)>,
    entries: Vec<(EntryId, UserId)>,
}

/// The bytes of an added id: what it is, the id, its owner.
const ADDED: usize = 1 + 16 + 16;

impl Item {
    /// What changes add.
    pub(crate) fn of(changes: &Changes) -> Self {
        let bookings = changes.new_bookings.iter();
        let entries = changes.new_entries.iter();
        Self {
            bookings: bookings.map(|booking| (booking.id, booking.user_id)).collect(),
            entries: entries.map(|entry| (entry.id, entry.user_id)).collect(),
        }
    }

    /// As it is stored.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(ADDED * (self.bookings.len() + self.entries.len()));
        let mut add = |letter: u8, id: Uuid, user: UserId| {
            bytes.push(letter);
            bytes.extend_from_slice(id.as_bytes());
            bytes.extend_from_slice(user.uuid().as_bytes());
        };
        self.bookings
            .iter()
            .for_each(|(id, user)| add(b'B', id.uuid(), *user));
        self.entries
            .iter()
            .for_each(|(id, user)| add(b'E', id.uuid(), *user));
        bytes
    }

    /// Reads a stored item.
    ///
    /// # Errors
    /// It is damaged.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        let mut item = Self::default();
        for added in bytes.chunks(ADDED) {
            let (id, user) = match added.len() {
                ADDED => (members::first_id(&added[1..])?, members::last_id(added)?),
                _ => return Err(Fault::damaged("an item of the outbox ends too early")),
            };
            let user = UserId::from_uuid(user);
            match added[0] {
                b'B' => item.bookings.push((BookingId::from_uuid(id), user)),
                b'E' => item.entries.push((EntryId::from_uuid(id), user)),
                other => return Err(Fault::damaged(format!("an item of the outbox with {other}"))),
            }
        }
        Ok(item)
    }

    /// The writes that it asks for: each is one key.
    pub(crate) fn writes(&self, event_id: EventId) -> Vec<IndexWrite> {
        let event = event_id.uuid();
        let mut hashes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        let mut lists: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        let mut add = |hash: String, list: String, id: Uuid| {
            let of_hash = [id.as_bytes().to_vec(), event.as_bytes().to_vec()];
            hashes.entry(hash).or_default().extend(of_hash);
            let of_list = [b"0".to_vec(), members::pair(id, event).to_vec()];
            lists.entry(list).or_default().extend(of_list);
        };
        for (id, user) in &self.bookings {
            add(
                keys::events_of_bookings(*id),
                keys::bookings_of_user(*user),
                id.uuid(),
            );
        }
        for (id, user) in &self.entries {
            add(
                keys::events_of_entries(*id),
                keys::entries_of_user(*user),
                id.uuid(),
            );
        }
        let write = |command| {
            move |(key, arguments)| IndexWrite {
                key,
                command,
                arguments,
            }
        };
        let hashes = hashes.into_iter().map(write("HSET"));
        hashes.chain(lists.into_iter().map(write("ZADD"))).collect()
    }

    /// The same as calls.
    pub(crate) fn commands(&self, event_id: EventId) -> impl Iterator<Item = Cmd> {
        self.writes(event_id).into_iter().map(|write| {
            let mut command = redis::cmd(write.command);
            command.arg(write.key).arg(write.arguments);
            command
        })
    }
}

/// A plain write into an index over events: a command on one key, whose arguments belong together two by two.
#[derive(Debug)]
pub(crate) struct IndexWrite {
    pub(crate) key: String,
    pub(crate) command: &'static str,
    pub(crate) arguments: Vec<Vec<u8>>,
}

/// Strikes items out of an event's outbox.
pub(crate) fn strike(event_id: EventId, versions: &[Vec<u8>]) -> Cmd {
    let mut command = redis::cmd("HDEL");
    command
        .arg(keys::event(event_id, keys::Part::Outbox))
        .arg(versions);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let id = |number| Uuid::from_u128(number);
        let item = Item {
            bookings: vec![
                (BookingId::from_uuid(id(1)), UserId::from_uuid(id(2))),
                (BookingId::from_uuid(id(3)), UserId::from_uuid(id(2))),
            ],
            entries: vec![(EntryId::from_uuid(id(4)), UserId::from_uuid(id(5)))],
        };
        assert_eq!(Item::read(&item.to_bytes()).unwrap(), item);
        // One hash and one list for the bookings, as many for the entry.
        assert_eq!(item.commands(EventId::from_uuid(id(9))).count(), 4);
        assert!(Item::read(&item.to_bytes()[1..]).is_err());
    }
}
