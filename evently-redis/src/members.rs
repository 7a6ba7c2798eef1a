//! Members of sorted sets that are in order by themselves: numbers big-endian, ids as they are, the deciding part
//! first. Redis compares them byte by byte, exactly, where its scores are floating-point numbers.

use crate::error::Fault;
use crate::rows::{micros, status_letter};
use evently_core::domain::{
    BookingId, BookingStatus, Entry, EventCursor, EventId, EventSort, EventSortKey, Timestamp,
};
use uuid::Uuid;

/// The length of an id.
const ID: usize = 16;

/// Two ids, the first deciding.
pub(crate) fn pair(one: Uuid, other: Uuid) -> Vec<u8> {
    [one.into_bytes(), other.into_bytes()].concat()
}

/// A booking in the order of its event's.
pub(crate) fn by_status(status: BookingStatus, id: BookingId) -> Vec<u8> {
    let mut member = vec![status_letter(status)];
    member.extend_from_slice(id.uuid().as_bytes());
    member
}

/// An entry that waits, in the order in which places are looked for: its section, its quantity, its place.
pub(crate) fn fitting(entry: &Entry) -> Vec<u8> {
    let mut member = entry.section_id.uuid().as_bytes().to_vec();
    member.extend_from_slice(&entry.quantity.to_be_bytes());
    member.extend_from_slice(&entry.seq.to_be_bytes());
    member.extend_from_slice(entry.id.uuid().as_bytes());
    member
}

/// An instant in order: earlier is lower, before 1970 too.
fn ordered(at: Timestamp) -> [u8; 8] {
    (micros(at) ^ i64::MIN).to_be_bytes()
}

/// The same, later lower.
fn reversed(at: Timestamp) -> [u8; 8] {
    (!(micros(at) ^ i64::MIN)).to_be_bytes()
}

/// The lower bound of what is at or after an instant.
pub(crate) fn from_instant(at: Timestamp) -> Vec<u8> {
    [b"[".as_slice(), &ordered(at)].concat()
}

/// The upper bound of what is before an instant.
pub(crate) fn before_instant(at: Timestamp) -> Vec<u8> {
    [b"(".as_slice(), &ordered(at)].concat()
}

/// The upper bound of what is at or before an instant.
pub(crate) fn until_instant(at: Timestamp) -> Vec<u8> {
    [b"(".as_slice(), &ordered(at), &[0xff; ID + 1]].concat()
}

/// An event by an instant, ties by id.
pub(crate) fn by_instant(at: Timestamp, id: EventId) -> Vec<u8> {
    [ordered(at).as_slice(), id.uuid().as_bytes()].concat()
}

/// Where an event stands in an order of the catalogue. Names have no NUL: it ends them, so that a name comes before a
/// longer one that begins with it.
pub(crate) fn in_catalogue(sort: EventSort, cursor: &EventCursor) -> Vec<u8> {
    let id = cursor.id.uuid();
    match (&cursor.key, sort) {
        (EventSortKey::Name(name), _) => [name.as_bytes(), b"\0", id.as_bytes()].concat(),
        (EventSortKey::Time(at), EventSort::StartsAtDescending | EventSort::CreatedAtDescending) => {
            [reversed(*at).as_slice(), id.as_bytes()].concat()
        }
        (EventSortKey::Time(at), _) => by_instant(*at, cursor.id),
    }
}

/// The id at the end of a member.
///
/// # Errors
/// The member is damaged.
pub(crate) fn last_id(member: &[u8]) -> Result<Uuid, Fault> {
    let id = member.last_chunk::<ID>();
    id.copied()
        .map(Uuid::from_bytes)
        .ok_or_else(|| Fault::damaged("a member without an id"))
}

/// The id at the beginning of a member.
///
/// # Errors
/// The member is damaged.
pub(crate) fn first_id(member: &[u8]) -> Result<Uuid, Fault> {
    let id = member.first_chunk::<ID>();
    id.copied()
        .map(Uuid::from_bytes)
        .ok_or_else(|| Fault::damaged("a member without an id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_in_order() {
        let at = |micros| Timestamp::from_microsecond(micros).unwrap();
        let instants = [-1_000_000, -1, 0, 1, 1 << 40].map(at);
        assert!(instants.map(ordered).is_sorted());
        assert!(instants.map(reversed).iter().rev().is_sorted());
    }

    #[test]
    fn a_name_comes_before_a_longer_one_that_begins_with_it() {
        let named = |name: &str, id| EventCursor {
            key: EventSortKey::Name(name.to_owned()),
            id: EventId::from_uuid(Uuid::from_u128(id)),
        };
        let member = |name, id| in_catalogue(EventSort::Name, &named(name, id));
        assert!(member("Oslo", u128::MAX) < member("Oslo ", 0));
        assert!(member("Oslo", 1) < member("Oslo", 2));
    }
}
