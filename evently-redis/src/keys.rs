//! The name of every key, and nowhere else.
//!
//! What stands in braces decides the slot, on a cluster: keys with the same text in braces are on one node, and a
//! script may use them together.
//!
//! - Everything of an event: `evently:{EVENT}:PART`, so that one commit is one script.
//! - The catalogue and what is due: `evently:{catalogue}:…`, small and seldom written.
//! - Accounts and sessions: `evently:{accounts}:…`. Each of their steps is atomic over several of them, and signing in
//!   costs its server so much more than Redis that one node bears them all.
//! - A partition of the queue: `evently:{queue:NUMBER}:PART`, so that each step of a job is one script.
//! - What is found by user: `evently:user:{USER}:…`, spread over all nodes.
//! - The event of a booking or an entry, by its id: a hash for all ids that were made within one second.
//!   A batch's ids are of the same second or two: it costs one write, where a key a booking would cost hundreds, each
//!   with a key's overhead in memory.

use evently_core::domain::{BookingId, EntryId, EventId, UserId};
use evently_core::queue::DeskId;
use uuid::Uuid;

/// A part of what is kept of an event; each is one key. The order is that of the scripts' KEYS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Hash: `version`, `writer` (who made that commit), `defined_in` (the mark of the commit that wrote the definition),
    /// `definition`, `due`, `head` (counts and figures).
    Inventory,
    /// Hash: booking id → row.
    Bookings,
    /// Hash: entry id → row.
    Entries,
    /// Hash: user and key → what the key made.
    Keys,
    /// Hash: label → booking id, of taken seats.
    Seats,
    /// Hash: user → tickets of bookings that take capacity.
    Tickets,
    /// Sorted set, by member: status letter and booking id.
    ByStatus,
    /// Sorted set: booking id by `hold_expires_at`, of holds.
    Holds,
    /// Sorted set: entry id by its place, of all entries.
    Line,
    /// Sorted set: entry id by its place, of those that wait.
    Waiting,
    /// Sorted set, by member: section, quantity, place and id of entries that wait.
    Fitting,
    /// Sorted set, by member: user and entry id, of entries that wait or have an offer.
    Active,
    /// Hash: hour and figure → count.
    Sales,
    /// Hash: version → what that commit still has to write into the indexes over events.
    Outbox,
}

impl Part {
    /// Every part, in the order of the scripts' KEYS.
    pub(crate) const ALL: [Self; 14] = [
        Self::Inventory,
        Self::Bookings,
        Self::Entries,
        Self::Keys,
        Self::Seats,
        Self::Tickets,
        Self::ByStatus,
        Self::Holds,
        Self::Line,
        Self::Waiting,
        Self::Fitting,
        Self::Active,
        Self::Sales,
        Self::Outbox,
    ];

    /// Its place in a script's KEYS, from 1.
    pub(crate) fn place(self) -> usize {
        self as usize + 1
    }

    fn word(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Bookings => "bookings",
            Self::Entries => "entries",
            Self::Keys => "keys",
            Self::Seats => "seats",
            Self::Tickets => "tickets",
            Self::ByStatus => "by_status",
            Self::Holds => "holds",
            Self::Line => "line",
            Self::Waiting => "waiting",
            Self::Fitting => "fitting",
            Self::Active => "active",
            Self::Sales => "sales",
            Self::Outbox => "outbox",
        }
    }
}

/// One part of an event.
pub(crate) fn event(id: EventId, part: Part) -> String {
    format!("evently:{{{id}}}:{}", part.word())
}

/// All parts of an event, in the order of [`Part::ALL`].
pub(crate) fn event_parts(id: EventId) -> [String; 14] {
    Part::ALL.map(|part| event(id, part))
}

/// Where commits are told of: the message is the event's id, 16 bytes.
pub(crate) const CHANGED: &str = "evently:changed";

/// Hash: event id → version and where it stands in the sorted sets of the catalogue.
const CATALOGUE: &str = "evently:{catalogue}:events";
/// Sorted set, by member: event id.
pub(crate) const BY_ID: &str = "evently:{catalogue}:by_id";
/// Sorted set, by member: start and event id.
pub(crate) const BY_START: &str = "evently:{catalogue}:by_start";
/// Sorted set, by member: start, later first, and event id.
pub(crate) const BY_START_DESCENDING: &str = "evently:{catalogue}:by_start_descending";
/// Sorted set, by member: name and event id.
pub(crate) const BY_NAME: &str = "evently:{catalogue}:by_name";
/// Sorted set, by member: creation, later first, and event id.
pub(crate) const BY_CREATION: &str = "evently:{catalogue}:by_creation";
/// Hash: event id → version and where it stands in [`DUE`].
const DUE_OF: &str = "evently:{catalogue}:due_of";
/// Sorted set, by member: when something is due, and event id.
pub(crate) const DUE: &str = "evently:{catalogue}:due";
/// Where an event stands in the catalogue: what is known of it, and each of its orders.
pub(crate) const IN_CATALOGUE: [&str; 6] = [
    CATALOGUE,
    BY_ID,
    BY_START,
    BY_START_DESCENDING,
    BY_NAME,
    BY_CREATION,
];
/// Where an event stands among those with something due: what is known of it, and their order.
pub(crate) const IN_DUE: [&str; 2] = [DUE_OF, DUE];
/// Sorted set: event id by when somebody last announced to commit to it, in seconds of the server's clock.
pub(crate) const UNSETTLED: &str = "evently:{catalogue}:unsettled";

/// Hash: the fields of an account.
pub(crate) fn account(user: UserId) -> String {
    format!("evently:{{accounts}}:account:{user}")
}

/// Hash: e-mail address → user id.
pub(crate) const EMAILS: &str = "evently:{accounts}:emails";
/// Hash: session id → session.
pub(crate) const SESSIONS: &str = "evently:{accounts}:sessions";
/// Sorted set, by member: user and session id.
pub(crate) const SESSIONS_OF_USER: &str = "evently:{accounts}:sessions_of_user";
/// Sorted set: session id by when it runs out.
pub(crate) const SESSIONS_BY_EXPIRY: &str = "evently:{accounts}:sessions_by_expiry";

/// Sorted set, by member: booking id and event id, of a user's bookings.
pub(crate) fn bookings_of_user(user: UserId) -> String {
    format!("evently:user:{{{user}}}:bookings")
}

/// Sorted set, by member: entry id and event id, of a user's waitlist entries.
pub(crate) fn entries_of_user(user: UserId) -> String {
    format!("evently:user:{{{user}}}:entries")
}

/// Hash: booking id → event id, for bookings made within about the same second.
pub(crate) fn events_of_bookings(near: BookingId) -> String {
    format!("evently:events_of_bookings:{:x}", second(near.uuid()))
}

/// Hash: entry id → event id, for entries made within about the same second.
pub(crate) fn events_of_entries(near: EntryId) -> String {
    format!("evently:events_of_entries:{:x}", second(near.uuid()))
}

/// A UUIDv7's milliseconds, without the last ten bits: 1.024 s. Ids of another kind are just spread.
pub(crate) fn second(id: Uuid) -> u128 {
    id.as_u128() >> (128 - 48 + 10)
}

/// The keys of a partition, by its number, in the order of the scripts' KEYS; `queue/mod.rs` tells what they hold.
pub(crate) fn queue(partition: u16) -> [String; 10] {
    [
        "line", "loose", "jobs", "known", "keys", "over", "taken", "settled", "dead", "owner",
    ]
    .map(|part| format!("evently:{{queue:{partition}}}:{part}"))
}

/// Where it is told that there are jobs for somebody who waits: the message is the partition's number.
pub(crate) const QUEUE_BELL: &str = "evently:queue:bell";

/// Where a desk is told what became of requests: the message is replies, as `queue/record.rs` writes them.
pub(crate) fn replies(desk: DeskId) -> String {
    format!("evently:queue:replies:{}", desk.0)
}

/// Who holds the lease on a name. Each server of several has its own.
pub(crate) fn lease(name: &str) -> String {
    format!("evently:lease:{{{name}}}")
}

/// The last token given out for a name.
pub(crate) fn lease_token(name: &str) -> String {
    format!("evently:lease:{{{name}}}:token")
}

/// When somebody's allowance is whole again.
pub(crate) fn rate(subject: &str) -> String {
    format!("evently:rate:{subject}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_an_event_is_in_one_slot() {
        let id = EventId::from_uuid(Uuid::from_u128(7));
        for key in event_parts(id) {
            assert!(
                key.starts_with("evently:{00000000-0000-0000-0000-000000000007}:"),
                "{key}"
            );
        }
    }

    #[test]
    fn a_part_is_where_the_scripts_expect_it() {
        for (place, part) in Part::ALL.into_iter().enumerate() {
            assert_eq!(part.place(), place + 1);
        }
    }

    #[test]
    fn ids_of_one_second_share_a_hash() {
        let at =
            |milliseconds: u128| BookingId::from_uuid(Uuid::from_u128((milliseconds << 80) | 0x7_0000_0000));
        assert_eq!(events_of_bookings(at(1024)), events_of_bookings(at(2047)));
        assert_ne!(events_of_bookings(at(1024)), events_of_bookings(at(2048)));
    }
}
