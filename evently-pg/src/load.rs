//! Reading what decisions need: a snapshot of each event, all of them of one instant, in one round trip.

use crate::definitions::Definitions;
use crate::error::Fault;
use crate::rows::{self, BookingRow, EntryRow, InventoryRow, from_json};
use crate::statements as sql;
use crate::store::PgStore;
use evently_core::domain::{Booking, Entry, Event, EventId, KeyUse, SeatLabel, Timestamp};
use evently_core::ledger::{DueHolds, Need, Snapshot, Standing, WaitlistWindow};
use evently_core::store::Listing;
use sqlx::Row;
use sqlx::postgres::PgRow;
use std::sync::Arc;
use uuid::Uuid;

/// A definition as far as it is known: the mark of the commit that wrote it, 0 if it is not known.
pub(crate) type Known = (i64, Option<Arc<Event>>);

/// Reads a booking.
pub(crate) fn booking(fact: &str) -> Result<Arc<Booking>, Fault> {
    Ok(Arc::new(from_json::<BookingRow>(fact)?.booking()))
}

/// Reads a waitlist entry.
pub(crate) fn entry(fact: &str) -> Result<Arc<Entry>, Fault> {
    Ok(Arc::new(from_json::<EntryRow>(fact)?.entry()))
}

/// The event of an inventory: the known definition, or the one that came because it was not.
pub(crate) fn definition(
    definitions: &Definitions,
    inventory: &InventoryRow,
    known: Known,
    text: Option<&str>,
) -> Result<Arc<Event>, Fault> {
    match (known, text) {
        (_, Some(text)) => definitions.learn(inventory.event_id, inventory.defined_in, text),
        ((defined_in, Some(event)), None) if defined_in == inventory.defined_in => Ok(event),
        _ => Err(Fault::damaged(format!(
            "event {} has no definition",
            inventory.event_id
        ))),
    }
}

/// An event as the catalogue lists it, from the columns `inventory` and `definition`.
pub(crate) fn listing(definitions: &Definitions, row: &PgRow, known: Known) -> Result<Listing, Fault> {
    let inventory: InventoryRow = from_json(rows::text(row, 0)?)?;
    let event = definition(definitions, &inventory, known, rows::optional_text(row, 1)?)?;
    Ok(Listing {
        version: inventory.version,
        counts: inventory.counts(&event)?,
        event,
    })
}

/// Answers every need, or `None` for an event that does not exist.
///
/// # Errors
/// The storage failed, or what is stored cannot be read back.
pub(crate) async fn load(store: &PgStore, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, Fault> {
    if needs.is_empty() {
        return Ok(Vec::new());
    }
    let known: Vec<Known> = needs
        .iter()
        .map(|need| store.definitions.known(need.event_id))
        .collect();
    let mut facts = Facts::expected(needs);
    let statement = statement(needs, &known);
    store.connections.each(statement, |row| facts.take(&row)).await?;
    let snapshots = needs.iter().zip(facts.events).zip(known);
    let (mut users, mut keys) = (facts.users.into_iter(), facts.keys.into_iter());
    let mut windows = facts.windows.into_iter();
    snapshots
        .map(|((need, event), known)| {
            let users = need.users.iter().copied().zip(users.by_ref()).collect();
            let keys = need.keys.iter().cloned().zip(keys.by_ref()).collect();
            let windows = need.waitlist.iter().zip(windows.by_ref());
            let windows = windows.map(|(need, entries)| WaitlistWindow { need: *need, entries });
            let windows = windows.collect();
            event.snapshot(&store.definitions, need, known, (users, keys, windows))
        })
        .collect()
}

/// The load of these needs: lists of all needs in one, each with its need's place, from 1.
fn statement<'a>(needs: &[Need], known: &[Known]) -> crate::connections::Statement<'a> {
    fn spread<T, U>(needs: &[Need], list: fn(&Need) -> &[T], value: impl Fn(&T) -> U) -> (Vec<i64>, Vec<U>) {
        let placed = (1..)
            .zip(needs)
            .flat_map(|(place, need)| list(need).iter().map(move |item| (place, item)));
        placed.map(|(place, item)| (place, value(item))).unzip()
    }
    let each = |need: fn(&Need) -> bool| needs.iter().map(need).collect::<Vec<_>>();
    let (user_places, users) = spread(needs, |need| &need.users, |user| user.uuid());
    let (key_places, keys) = spread(
        needs,
        |need| &need.keys,
        |(user, key)| (user.uuid(), key.as_str().to_owned()),
    );
    let (key_users, keys): (Vec<Uuid>, Vec<String>) = keys.into_iter().unzip();
    let (booking_places, bookings) = spread(needs, |need| &need.bookings, |id| id.uuid());
    let (entry_places, entries) = spread(needs, |need| &need.entries, |id| id.uuid());
    let (window_places, windows) = spread(needs, |need| &need.waitlist, |part| *part);
    sqlx::query(sql::LOAD)
        .bind(needs.iter().map(|need| need.event_id.uuid()).collect::<Vec<_>>())
        .bind(
            known
                .iter()
                .map(|(defined_in, _)| *defined_in)
                .collect::<Vec<_>>(),
        )
        .bind(each(|need| need.seats))
        .bind(
            needs
                .iter()
                .map(|need| rows::optional_instant(need.due))
                .collect::<Vec<_>>(),
        )
        .bind(each(|need| need.live))
        .bind(user_places)
        .bind(users)
        .bind(key_places)
        .bind(key_users)
        .bind(keys)
        .bind(booking_places)
        .bind(bookings)
        .bind(entry_places)
        .bind(entries)
        .bind(window_places)
        .bind(
            windows
                .iter()
                .map(|part| part.section_id.uuid())
                .collect::<Vec<_>>(),
        )
        .bind(
            windows
                .iter()
                .map(|part| rows::behind(part.after))
                .collect::<Vec<_>>(),
        )
        .bind(
            windows
                .iter()
                .map(|part| i64::from(part.at_most.unwrap_or(u32::MAX)))
                .collect::<Vec<_>>(),
        )
        .bind(rows::at_most(Need::BATCH))
}

/// What came of all needs.
struct Facts {
    events: Vec<EventFacts>,
    users: Vec<Standing>,
    keys: Vec<Option<KeyUse>>,
    windows: Vec<Vec<Arc<Entry>>>,
}

/// What came of one need, but for what was asked by user, key or part of the waitlist.
#[derive(Default)]
struct EventFacts {
    inventory: Option<InventoryRow>,
    definition: Option<String>,
    seats: Vec<SeatLabel>,
    held: Vec<Arc<Booking>>,
    live: Vec<Arc<Booking>>,
    bookings: Vec<Arc<Booking>>,
    entries: Vec<Arc<Entry>>,
}

impl Facts {
    fn expected(needs: &[Need]) -> Self {
        let count = |list: fn(&Need) -> usize| needs.iter().map(list).sum();
        Self {
            events: needs.iter().map(|_| EventFacts::default()).collect(),
            users: vec![Standing::default(); count(|need| need.users.len())],
            keys: vec![None; count(|need| need.keys.len())],
            windows: vec![Vec::new(); count(|need| need.waitlist.len())],
        }
    }

    /// Takes in one row: the place of its need, its part, its number there, the fact.
    fn take(&mut self, row: &PgRow) -> Result<(), Fault> {
        let unasked = || Fault::damaged("a fact that nobody asked for");
        let index = |number: i64| usize::try_from(number - 1).unwrap_or(usize::MAX);
        let event = self.events.get_mut(index(row.try_get(0)?)).ok_or_else(unasked)?;
        let (part, number, fact) = (rows::text(row, 1)?, index(row.try_get(2)?), rows::text(row, 3)?);
        match part {
            "inventory" => event.inventory = Some(from_json(fact)?),
            "definition" => event.definition = Some(fact.to_owned()),
            "seats" => event.seats = from_json(fact)?,
            "due" => event.held.push(booking(fact)?),
            "live" => event.live.push(booking(fact)?),
            "booking" => event.bookings.push(booking(fact)?),
            "entry" => event.entries.push(entry(fact)?),
            "tickets" => {
                let user = self.users.get_mut(number).ok_or_else(unasked)?;
                user.tickets = fact.parse().map_err(Fault::damaged)?;
            }
            "active" => self.users.get_mut(number).ok_or_else(unasked)?.entry = Some(entry(fact)?),
            "key_booking" => {
                let booking = booking(fact)?;
                *self.keys.get_mut(number).ok_or_else(unasked)? = Some(KeyUse::Booking(booking.id));
                event.bookings.push(booking);
            }
            "key_entry" => {
                let entry = entry(fact)?;
                *self.keys.get_mut(number).ok_or_else(unasked)? = Some(KeyUse::Entry(entry.id));
                event.entries.push(entry);
            }
            "window" => self
                .windows
                .get_mut(number)
                .ok_or_else(unasked)?
                .push(entry(fact)?),
            part => return Err(Fault::damaged(format!("unknown part {part:?}"))),
        }
        Ok(())
    }
}

/// What a snapshot has a list of for each that was asked.
type Lists = (
    Vec<(evently_core::domain::UserId, Standing)>,
    Vec<(
        (evently_core::domain::UserId, evently_core::domain::IdempotencyKey),
        Option<KeyUse>,
    )>,
    Vec<WaitlistWindow>,
);

impl EventFacts {
    fn snapshot(
        mut self,
        definitions: &Definitions,
        need: &Need,
        known: Known,
        (users, keys, mut waitlist): Lists,
    ) -> Result<Option<Snapshot>, Fault> {
        let Some(inventory) = self.inventory else {
            return Ok(None);
        };
        let event = definition(definitions, &inventory, known, self.definition.as_deref())?;
        self.bookings.extend(self.live.iter().map(Arc::clone));
        self.bookings.sort_unstable_by_key(|booking| booking.id);
        self.bookings.dedup_by_key(|booking| booking.id);
        self.entries.sort_unstable_by_key(|entry| entry.id);
        self.entries.dedup_by_key(|entry| entry.id);
        for window in &mut waitlist {
            window.entries.sort_unstable_by_key(|entry| entry.seq);
        }
        Ok(Some(Snapshot {
            revision: inventory.revision(),
            counts: inventory.counts(&event)?,
            stats: inventory.stats,
            due_at: inventory.due_at,
            next_seq: inventory.next_seq,
            users,
            keys,
            bookings: self.bookings,
            entries: self.entries,
            taken_seats: need.seats.then_some(self.seats),
            due: need.due.map(|at| due_holds(self.held, at)),
            live: need.live.then_some(self.live),
            waitlist,
            event,
        }))
    }
}

/// One more hold than a batch is read: the first of the others is when the next one is over.
fn due_holds(mut held: Vec<Arc<Booking>>, at: Timestamp) -> DueHolds {
    held.sort_unstable_by_key(|booking| (booking.hold_expires_at, booking.id));
    let over = held
        .iter()
        .take(Need::BATCH)
        .take_while(|booking| booking.is_hold_over(at))
        .count();
    let later = held.get(over).and_then(|booking| booking.hold_expires_at);
    held.truncate(over);
    DueHolds {
        bookings: held,
        later,
    }
}

/// Events with what is left of them, in the order asked for, those that do not exist left out.
///
/// # Errors
/// The storage failed, or what is stored cannot be read back.
pub(crate) async fn listings(store: &PgStore, ids: &[EventId]) -> Result<Vec<Option<Listing>>, Fault> {
    let known: Vec<Known> = ids.iter().map(|id| store.definitions.known(*id)).collect();
    let statement = sqlx::query(sql::LISTINGS)
        .bind(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())
        .bind(
            known
                .iter()
                .map(|(defined_in, _)| *defined_in)
                .collect::<Vec<_>>(),
        );
    let mut found: Vec<Option<Listing>> = vec![None; ids.len()];
    store
        .connections
        .each(statement, |row| {
            let place: i64 = row.try_get(2)?;
            let place = usize::try_from(place - 1).map_err(Fault::damaged)?;
            let listing = listing(
                &store.definitions,
                &row,
                known.get(place).cloned().unwrap_or_default(),
            )?;
            if let Some(found) = found.get_mut(place) {
                *found = Some(listing);
            }
            Ok(())
        })
        .await?;
    Ok(found)
}
