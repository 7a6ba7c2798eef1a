//! The end of a history: unknown outcomes are resolved, then everything is held against what callers were told.

use crate::callers::Stage;
use crate::journal::{Keyed, Known, Made};
use crate::watch::idle_place;
use evently_core::domain::{
    Booking, BookingFilter, BookingStatus, EntryFilter, EntryId, EventId, IdempotencyKey, PageRequest, UserId,
};
use evently_core::requests::Outcome;
use evently_core::store::PlacedEntry;
use evently_core::{Error, Evently};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Asks for everything unknown once more under its key: the answer is definite, and there is one effect (I7).
pub(crate) async fn resolve(sound: &Evently, stage: &Stage) -> Result<(), String> {
    let unknown = stage.journal.note(|known| std::mem::take(&mut known.unknown));
    for (keyed, request) in unknown {
        let by = evently_core::Caller::user(keyed.1);
        match sound.book(&by, keyed.0, request).await {
            Ok(placed) => stage.journal.note(|known| {
                let made = match placed.outcome {
                    Outcome::Booking(booking) => Made::Booking(booking.id),
                    Outcome::Entry(placed) => Made::Entry(placed.entry.id),
                };
                known.keys.entry(keyed).or_default().insert(made);
            }),
            Err(Error::Refused(_)) => {}
            Err(error) => return Err(format!("{keyed:?} does not end definite: {error}")),
        }
        stage.journal.count(|totals| totals.unknowns_resolved += 1);
    }
    for event in &stage.events {
        for _ in 0..10 {
            sound.sweep(event.id).await.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

/// Everything that is stored of one event.
struct Stored {
    bookings: Vec<Arc<Booking>>,
    entries: Vec<PlacedEntry>,
}

async fn stored(sound: &Evently, id: EventId) -> Result<Stored, String> {
    let store = sound.store();
    let failed = |error: evently_core::store::StoreError| error.to_string();
    let mut all = Stored {
        bookings: Vec::new(),
        entries: Vec::new(),
    };
    let mut page = PageRequest::first(100);
    loop {
        let read = store
            .bookings_of_event(id, BookingFilter::default(), page.clone())
            .await;
        let read = read.map_err(failed)?;
        all.bookings.extend(read.items);
        match read.next {
            Some(next) => page.after = Some(next),
            None => break,
        }
    }
    let mut page = PageRequest::first(100);
    loop {
        let read = store
            .entries_of_event(id, EntryFilter::default(), page.clone())
            .await;
        let read = read.map_err(failed)?;
        all.entries.extend(read.items);
        match read.next {
            Some(next) => page.after = Some(next),
            None => return Ok(all),
        }
    }
}

/// Holds what is stored against every claim; what is stored, in words.
pub(crate) async fn judge(sound: &Evently, stage: &Stage) -> Result<Vec<String>, String> {
    let known = stage.journal.note(std::mem::take);
    if let Some(fault) = known.faults.first() {
        return Err(format!("{fault} ({} faults)", known.faults.len()));
    }
    let report = sound.verify(|_| {}).await.map_err(|error| error.to_string())?;
    if !report.wrong.is_empty() {
        return Err(format!("a recount differs: {:#?}", report.wrong));
    }
    let (mut bookings, mut entries) = (BTreeMap::new(), BTreeMap::new());
    for event in &stage.events {
        let all = stored(sound, event.id).await?;
        bookings.extend(all.bookings.into_iter().map(|booking| (booking.id, booking)));
        entries.extend(all.entries.into_iter().map(|placed| (placed.entry.id, placed)));
        let idle = idle_place(&**sound.store(), event.id, &stage.clock).await;
        if let Some(idle) = idle.map_err(|error| error.to_string())? {
            return Err(format!("at the end {idle}"));
        }
    }
    judge_bookings(&known, &bookings)?;
    judge_keys(&known, &bookings, &entries)?;
    judge_refused(&known, &bookings, &entries)?;
    let stored = bookings.values().map(|booking| format!("{booking:?}"));
    Ok(stored
        .chain(entries.values().map(|placed| format!("{placed:?}")))
        .collect())
}

/// What was acknowledged is there, and became only what somebody asked for (I6).
fn judge_bookings(
    known: &Known,
    stored: &BTreeMap<evently_core::domain::BookingId, Arc<Booking>>,
) -> Result<(), String> {
    for (id, told) in &known.bookings {
        let booking = stored
            .get(id)
            .ok_or_else(|| format!("{id} was acknowledged as {told:?} and is lost"))?;
        let event_cancelled = known.events_cancelled.contains(&booking.event_id);
        let possible = match (told, booking.status) {
            (told, now) if *told == now => true,
            (BookingStatus::Held, BookingStatus::Expired) => true,
            (BookingStatus::Held, BookingStatus::Confirmed) => known.confirms_asked.contains(id),
            (BookingStatus::Held | BookingStatus::Confirmed, BookingStatus::Cancelled) => {
                event_cancelled || known.cancels_asked.contains(id)
            }
            // Callers may hear of an older state after a newer one; no state ends twice, which the watch sees to.
            (BookingStatus::Cancelled | BookingStatus::Expired, _) => false,
            _ => false,
        };
        if !possible {
            return Err(format!(
                "{id} was acknowledged as {told:?} and is {:?}",
                booking.status
            ));
        }
    }
    Ok(())
}

/// One effect a key, and the same answer each time (I5).
fn judge_keys(
    known: &Known,
    bookings: &BTreeMap<evently_core::domain::BookingId, Arc<Booking>>,
    entries: &BTreeMap<EntryId, PlacedEntry>,
) -> Result<(), String> {
    let mut effects: BTreeMap<Keyed, BTreeSet<Made>> = BTreeMap::new();
    let scope = |event: EventId, user: UserId, key: &IdempotencyKey| (event, user, key.as_str().to_owned());
    for booking in bookings.values() {
        if let Some((key, _)) = &booking.key {
            let keyed = scope(booking.event_id, booking.user_id, key);
            effects
                .entry(keyed)
                .or_default()
                .insert(Made::Booking(booking.id));
        }
    }
    for placed in entries.values() {
        if let Some((key, _)) = &placed.entry.key {
            let keyed = scope(placed.entry.event_id, placed.entry.user_id, key);
            effects
                .entry(keyed)
                .or_default()
                .insert(Made::Entry(placed.entry.id));
        }
    }
    for (keyed, made) in &effects {
        if made.len() > 1 {
            return Err(format!("{keyed:?} had several effects: {made:?}"));
        }
    }
    for (keyed, told) in &known.keys {
        if effects.get(keyed) != Some(told) {
            return Err(format!(
                "{keyed:?} was told {told:?} and made {:?}",
                effects.get(keyed)
            ));
        }
    }
    let lost = known.entries.iter().find(|id| !entries.contains_key(id));
    lost.map_or(Ok(()), |id| Err(format!("{id} was acknowledged and is lost")))
}

/// What was said to have had no effect had none (I6).
fn judge_refused(
    known: &Known,
    bookings: &BTreeMap<evently_core::domain::BookingId, Arc<Booking>>,
    entries: &BTreeMap<EntryId, PlacedEntry>,
) -> Result<(), String> {
    for id in &known.without_effect {
        if bookings.contains_key(id) || entries.contains_key(&EntryId::from_uuid(id.uuid())) {
            return Err(format!("{id} was refused and is there"));
        }
    }
    Ok(())
}
