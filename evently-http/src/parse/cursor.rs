//! Cursors: where the next page of a list begins, as text that callers pass back and never read.
//!
//! Base64url of a version, the kind of list, the row's place in it, and a checksum, so that a text which was not
//! given out here is told apart. A cursor grants nothing: it names a place, and the list is filtered anew.

use super::query::Query;
use crate::code::Code;
use crate::problem::Problem;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use evently_core::domain::{
    BookingId, EntryId, EventCursor, EventId, EventSort, EventSortKey, PageRequest, Timestamp,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const VERSION: u8 = 1;
const CHECKSUM_BYTES: usize = 4;

/// A list's way to write places down.
pub(crate) trait Cursor {
    /// A place in the list.
    type Place;

    /// The byte that tells this list's cursors from others'.
    fn kind(&self) -> u8;
    /// The place's bytes.
    fn encode(&self, place: &Self::Place, out: &mut Vec<u8>);
    /// The place of these bytes; `None` if they are none's.
    fn decode(&self, bytes: &[u8]) -> Option<Self::Place>;

    /// The cursor of a place.
    fn write(&self, place: &Self::Place) -> String {
        let mut bytes = vec![VERSION, self.kind()];
        self.encode(place, &mut bytes);
        let checksum = checksum(&bytes);
        bytes.extend(checksum);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The page that a query asks for.
    ///
    /// # Errors
    /// 400 for a bad limit, and for a cursor that is none of this list's.
    fn page(&self, query: &Query<'_>) -> Result<PageRequest<Self::Place>, Problem> {
        let limit = query.limit()?;
        let read = |text: &str| {
            self.read(text).ok_or_else(|| {
                Problem::new(
                    Code::Malformed,
                    "The cursor is none that this list has given out.",
                )
            })
        };
        let after = query.get("cursor").map(read).transpose()?;
        Ok(PageRequest { limit, after })
    }

    /// The place of a cursor; `None` if it is none of this list's.
    fn read(&self, text: &str) -> Option<Self::Place> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM_BYTES)?)?;
        let place = match body {
            [VERSION, kind, place @ ..] if *kind == self.kind() => place,
            _ => return None,
        };
        if sum != checksum(body) {
            return None;
        }
        self.decode(place)
    }
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let mut sum = [0; CHECKSUM_BYTES];
    sum.iter_mut().zip(digest).for_each(|(sum, byte)| *sum = byte);
    sum
}

/// Cursors of the catalogue in one of its orders: the order's key, then the id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventCursors(pub(crate) EventSort);

impl Cursor for EventCursors {
    type Place = EventCursor;

    fn kind(&self) -> u8 {
        match self.0 {
            EventSort::StartsAt => b's',
            EventSort::StartsAtDescending => b'S',
            EventSort::Name => b'n',
            EventSort::CreatedAtDescending => b'C',
        }
    }

    fn encode(&self, place: &EventCursor, out: &mut Vec<u8>) {
        out.extend(place.id.uuid().as_bytes());
        match &place.key {
            EventSortKey::Time(at) => out.extend(at.as_microsecond().to_be_bytes()),
            EventSortKey::Name(name) => out.extend(name.as_bytes()),
        }
    }

    fn decode(&self, bytes: &[u8]) -> Option<EventCursor> {
        let (id, key) = bytes.split_at_checked(16)?;
        let key = if self.0 == EventSort::Name {
            EventSortKey::Name(std::str::from_utf8(key).ok()?.to_owned())
        } else {
            let micros = i64::from_be_bytes(key.try_into().ok()?);
            EventSortKey::Time(Timestamp::from_microsecond(micros).ok()?)
        };
        let id = EventId::from_uuid(Uuid::from_slice(id).ok()?);
        Some(EventCursor { key, id })
    }
}

/// Cursors of lists that are ordered by id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdCursors<T> {
    kind: u8,
    wrap: fn(Uuid) -> T,
    unwrap: fn(&T) -> Uuid,
}

impl IdCursors<BookingId> {
    /// Of lists of bookings.
    pub(crate) const BOOKINGS: Self = Self {
        kind: b'b',
        wrap: BookingId::from_uuid,
        unwrap: |id| id.uuid(),
    };
}

impl IdCursors<EntryId> {
    /// Of a user's waitlist entries.
    pub(crate) const ENTRIES: Self = Self {
        kind: b'e',
        wrap: EntryId::from_uuid,
        unwrap: |id| id.uuid(),
    };
}

impl<T> Cursor for IdCursors<T> {
    type Place = T;

    fn kind(&self) -> u8 {
        self.kind
    }

    fn encode(&self, place: &T, out: &mut Vec<u8>) {
        out.extend((self.unwrap)(place).as_bytes());
    }

    fn decode(&self, bytes: &[u8]) -> Option<T> {
        Uuid::from_slice(bytes).ok().map(self.wrap)
    }
}

/// Cursors of an event's waitlist: the entry's place in the order of joining.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeqCursors;

impl Cursor for SeqCursors {
    type Place = u64;

    fn kind(&self) -> u8 {
        b'w'
    }

    fn encode(&self, place: &u64, out: &mut Vec<u8>) {
        out.extend(place.to_be_bytes());
    }

    fn decode(&self, bytes: &[u8]) -> Option<u64> {
        // Stores keep it in a signed 64-bit column.
        let place = u64::from_be_bytes(bytes.try_into().ok()?);
        i64::try_from(place).is_ok().then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> EventCursor {
        EventCursor {
            key: EventSortKey::Time("2030-06-01T00:00:00.000001Z".parse().unwrap()),
            id: EventId::from_uuid(Uuid::from_u128(7)),
        }
    }

    #[test]
    fn a_cursor_reads_as_the_place_it_was_written_for() {
        let times = EventCursors(EventSort::StartsAt);
        assert_eq!(times.read(&times.write(&place())), Some(place()));
        let names = EventCursors(EventSort::Name);
        let place = EventCursor {
            key: EventSortKey::Name("Été".to_owned()),
            ..place()
        };
        assert_eq!(names.read(&names.write(&place)), Some(place));
        let id = BookingId::from_uuid(Uuid::from_u128(9));
        assert_eq!(
            IdCursors::BOOKINGS.read(&IdCursors::BOOKINGS.write(&id)),
            Some(id)
        );
        assert_eq!(SeqCursors.read(&SeqCursors.write(&12)), Some(12));
    }

    #[test]
    fn a_cursor_of_another_list_or_order_is_none() {
        let text = EventCursors(EventSort::StartsAt).write(&place());
        assert_eq!(EventCursors(EventSort::StartsAtDescending).read(&text), None);
        assert_eq!(IdCursors::BOOKINGS.read(&text), None);
        let booking = IdCursors::BOOKINGS.write(&BookingId::from_uuid(Uuid::nil()));
        assert_eq!(IdCursors::ENTRIES.read(&booking), None);
    }

    #[test]
    fn a_tampered_cursor_is_none() {
        let cursors = EventCursors(EventSort::StartsAt);
        let text = cursors.write(&place());
        for index in 0..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                cursors.read(&String::from_utf8(bytes).unwrap()),
                None,
                "at {index}"
            );
            assert_eq!(cursors.read(&text[..index]), None, "cut at {index}");
        }
        for text in [
            "",
            "!",
            "====",
            &format!("{text}="),
            &format!("{text}A"),
            &format!(" {text}"),
        ] {
            assert_eq!(cursors.read(text), None, "{text}");
        }
    }
}
