//! Reading what decisions need: a snapshot of each event, all of them of one instant.

use crate::definitions::Definitions;
use crate::error::Fault;
use crate::query::{all, first};
use crate::rows::{self, optional_instant, uuid};
use crate::statements as sql;
use evently_core::domain::{
    Booking, BookingId, Entry, EntryId, EventId, EventStats, IdempotencyKey, KeyUse, SeatLabel, SectionCount,
    Timestamp, UserId, WriterId,
};
use evently_core::ledger::{DueHolds, Need, Revision, Snapshot, Standing, WaitlistNeed, WaitlistWindow};
use evently_core::store::Listing;
use rusqlite::{Connection, params};
use std::sync::Arc;

/// An event's inventory row.
pub(crate) struct InventoryRow {
    pub(crate) revision: Revision,
    defined_in: u64,
    due_at: Option<Timestamp>,
    next_seq: u64,
    pub(crate) stats: EventStats,
}

/// Reads an event's inventory, if it exists.
pub(crate) fn inventory(connection: &Connection, id: EventId) -> Result<Option<InventoryRow>, Fault> {
    first(connection, sql::INVENTORY, [id.uuid().as_bytes()], |row| {
        Ok(InventoryRow {
            revision: Revision {
                version: row.get(0)?,
                writer: WriterId::from_uuid(uuid(row, 1)?),
            },
            defined_in: row.get(2)?,
            due_at: optional_instant(row, 3)?,
            next_seq: row.get(4)?,
            stats: rows::stats(row, 5)?,
        })
    })
}

/// Reads the counts of an event's sections, in the event's order.
pub(crate) fn counts(connection: &Connection, id: EventId) -> Result<Vec<SectionCount>, Fault> {
    all(
        connection,
        sql::SECTION_COUNTS,
        [id.uuid().as_bytes()],
        rows::section_count,
    )
}

/// Reads an event as the catalogue lists it.
pub(crate) fn listing(
    connection: &Connection,
    definitions: &Definitions,
    id: EventId,
) -> Result<Option<Listing>, Fault> {
    let row = inventory(connection, id)?;
    row.map(|row| {
        listing_at(
            connection,
            definitions,
            id,
            (row.revision.version, row.defined_in),
        )
    })
    .transpose()
}

/// Reads an event whose versions are known as the catalogue lists it.
pub(crate) fn listing_at(
    connection: &Connection,
    definitions: &Definitions,
    id: EventId,
    (version, defined_in): (u64, u64),
) -> Result<Listing, Fault> {
    Ok(Listing {
        event: definitions.of(connection, id, defined_in)?,
        version,
        counts: counts(connection, id)?,
    })
}

/// Reads one booking.
pub(crate) fn booking(connection: &Connection, id: BookingId) -> Result<Option<Arc<Booking>>, Fault> {
    first(connection, sql::BOOKING, [id.uuid().as_bytes()], |row| {
        rows::booking(row).map(Arc::new)
    })
}

/// Reads one waitlist entry.
pub(crate) fn entry(connection: &Connection, id: EntryId) -> Result<Option<Arc<Entry>>, Fault> {
    first(connection, sql::ENTRY, [id.uuid().as_bytes()], |row| {
        rows::entry(row).map(Arc::new)
    })
}

/// Reads an event's taken seats with who has them, by label.
pub(crate) fn taken_seats(
    connection: &Connection,
    id: EventId,
) -> Result<Vec<(SeatLabel, BookingId)>, Fault> {
    all(connection, sql::TAKEN_SEATS, [id.uuid().as_bytes()], |row| {
        let label = SeatLabel::from(rows::text(row, 0)?);
        Ok((label, BookingId::from_uuid(uuid(row, 1)?)))
    })
}

/// Answers a need, or `None` if the event does not exist.
pub(crate) fn snapshot(
    connection: &Connection,
    definitions: &Definitions,
    need: &Need,
) -> Result<Option<Snapshot>, Fault> {
    let id = need.event_id;
    let Some(row) = inventory(connection, id)? else {
        return Ok(None);
    };
    let users = need
        .users
        .iter()
        .map(|user| Ok((*user, standing(connection, id, *user)?)));
    let mut snapshot = Snapshot {
        event: definitions.of(connection, id, row.defined_in)?,
        revision: row.revision,
        counts: counts(connection, id)?,
        stats: row.stats,
        due_at: row.due_at,
        next_seq: row.next_seq,
        users: users.collect::<Result<_, Fault>>()?,
        keys: Vec::with_capacity(need.keys.len()),
        bookings: Vec::new(),
        entries: Vec::new(),
        taken_seats: None,
        due: need.due.map(|at| due_holds(connection, id, at)).transpose()?,
        live: need.live.then(|| live_bookings(connection, id)).transpose()?,
        waitlist: Vec::with_capacity(need.waitlist.len()),
    };
    if need.seats {
        let taken = taken_seats(connection, id)?;
        snapshot.taken_seats = Some(taken.into_iter().map(|(label, _)| label).collect());
    }
    for part in &need.waitlist {
        snapshot.waitlist.push(window(connection, id, *part)?);
    }
    add_asked(connection, need, &mut snapshot)?;
    add_made_by_keys(connection, need, &mut snapshot)?;
    snapshot
        .bookings
        .extend(snapshot.live.iter().flatten().map(Arc::clone));
    snapshot.bookings.sort_unstable_by_key(|booking| booking.id);
    snapshot.bookings.dedup_by_key(|booking| booking.id);
    snapshot.entries.sort_unstable_by_key(|entry| entry.id);
    snapshot.entries.dedup_by_key(|entry| entry.id);
    Ok(Some(snapshot))
}

fn add_asked(connection: &Connection, need: &Need, snapshot: &mut Snapshot) -> Result<(), Fault> {
    for id in &need.bookings {
        let found = booking(connection, *id)?;
        snapshot
            .bookings
            .extend(found.filter(|booking| booking.event_id == need.event_id));
    }
    for id in &need.entries {
        let found = entry(connection, *id)?;
        snapshot
            .entries
            .extend(found.filter(|entry| entry.event_id == need.event_id));
    }
    Ok(())
}

fn add_made_by_keys(connection: &Connection, need: &Need, snapshot: &mut Snapshot) -> Result<(), Fault> {
    for (user_id, key) in &need.keys {
        let used = use_of_key(connection, need.event_id, (*user_id, key), snapshot)?;
        snapshot.keys.push(((*user_id, key.clone()), used));
    }
    Ok(())
}

/// What a key was used for; what it made is added to the snapshot.
fn use_of_key(
    connection: &Connection,
    event_id: EventId,
    (user_id, key): (UserId, &IdempotencyKey),
    snapshot: &mut Snapshot,
) -> Result<Option<KeyUse>, Fault> {
    let (event, user) = (event_id.uuid(), user_id.uuid());
    let scope = params![event.as_bytes(), user.as_bytes(), key.as_str()];
    if let Some(booking) = first(connection, sql::BOOKING_BY_KEY, scope, rows::booking)? {
        let used = KeyUse::Booking(booking.id);
        snapshot.bookings.push(Arc::new(booking));
        return Ok(Some(used));
    }
    Ok(
        first(connection, sql::ENTRY_BY_KEY, scope, rows::entry)?.map(|entry| {
            let used = KeyUse::Entry(entry.id);
            snapshot.entries.push(Arc::new(entry));
            used
        }),
    )
}

fn standing(connection: &Connection, event_id: EventId, user_id: UserId) -> Result<Standing, Fault> {
    let (event, user) = (event_id.uuid(), user_id.uuid());
    let scope = params![event.as_bytes(), user.as_bytes()];
    let tickets = all(
        connection,
        sql::LIVE_BOOKINGS_OF_USER,
        scope,
        rows::items_quantity,
    )?;
    Ok(Standing {
        tickets: tickets.into_iter().fold(0, u32::saturating_add),
        entry: first(connection, sql::ACTIVE_ENTRY, scope, |row| {
            rows::entry(row).map(Arc::new)
        })?,
    })
}

/// One more hold than a batch is read: the first of the others is when the next one is over.
fn due_holds(connection: &Connection, id: EventId, at: Timestamp) -> Result<DueHolds, Fault> {
    let mut bookings = all(
        connection,
        sql::HELD_BOOKINGS,
        params![id.uuid().as_bytes(), Need::BATCH + 1],
        |row| rows::booking(row).map(Arc::new),
    )?;
    let over = bookings
        .iter()
        .take(Need::BATCH)
        .take_while(|booking| booking.is_hold_over(at));
    let over = over.count();
    let later = bookings.get(over).and_then(|booking| booking.hold_expires_at);
    bookings.truncate(over);
    Ok(DueHolds { bookings, later })
}

fn live_bookings(connection: &Connection, id: EventId) -> Result<Vec<Arc<Booking>>, Fault> {
    all(
        connection,
        sql::LIVE_BOOKINGS,
        params![id.uuid().as_bytes(), Need::BATCH],
        |row| rows::booking(row).map(Arc::new),
    )
}

fn window(connection: &Connection, id: EventId, need: WaitlistNeed) -> Result<WaitlistWindow, Fault> {
    let (event, section) = (id.uuid(), need.section_id.uuid());
    let ids = all(
        connection,
        sql::WAITING_WINDOW,
        params![
            event.as_bytes(),
            section.as_bytes(),
            rows::behind(need.after),
            need.at_most.unwrap_or(u32::MAX),
            Need::BATCH,
        ],
        |row| Ok(EntryId::from_uuid(uuid(row, 0)?)),
    )?;
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        entries.extend(entry(connection, id)?);
    }
    Ok(WaitlistWindow { need, entries })
}
