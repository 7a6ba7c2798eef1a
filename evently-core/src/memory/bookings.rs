//! Load, commit, and the reads of bookings.

use super::index::{Index, Taken};
use super::page::fill;
use super::state::EventState;
use super::{Cell, Data, MemoryStore, NAME};
use crate::domain::{Booking, BookingFilter, BookingId, EventId, Page, PageRequest, Timestamp, UserId};
use crate::ledger::{Changes, EventWrite, Need, Revision, Snapshot};
use crate::store::{BookingStore, Committed, Conflict, StoreError};
use async_trait::async_trait;
use parking_lot::RwLockWriteGuard;
use smallvec::SmallVec;
use std::sync::Arc;

/// Nearly every commit is of one event, and then none of these is on the heap.
type Few<T> = SmallVec<[T; 1]>;

/// One event's part of a commit, its event locked.
struct Part<'a> {
    /// Its place in the call.
    place: usize,
    changes: &'a Changes,
    /// `None` if the event never was.
    state: Option<RwLockWriteGuard<'a, Option<EventState>>>,
    outcome: Committed,
}

impl Data {
    /// Commits with every event locked: a permanent error of one must leave all as they were.
    fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        for new in changes
            .iter()
            .filter(|changes| changes.expected == Revision::NONE)
        {
            self.make_cell(new.event_id);
        }
        // Locked in one order everywhere, so that no two commits wait for each other.
        let places = changes.iter().enumerate();
        let mut order: Few<(EventId, usize)> =
            places.map(|(place, changes)| (changes.event_id, place)).collect();
        order.sort_unstable();
        if order.windows(2).any(|twins| twins[0].0 == twins[1].0) {
            return Err(StoreError::permanent(
                NAME,
                "an event is named twice in one commit",
            ));
        }
        let cells: Few<(usize, &Changes, Option<Arc<Cell>>)> = {
            let known = self.events.read();
            let cell = |(event_id, place): &(EventId, usize)| {
                (*place, &changes[*place], known.get(event_id).map(Arc::clone))
            };
            order.iter().map(cell).collect()
        };
        let mut parts: Few<Part<'_>> = cells.iter().map(Part::lock).collect();
        for part in &mut parts {
            part.check()
                .map_err(|broken| StoreError::permanent(NAME, broken))?;
        }
        self.add_parts(&mut parts)?;
        let mut outcomes = vec![Committed::Done; parts.len()];
        for part in parts {
            outcomes[part.place] = part.outcome;
            self.apply(part);
        }
        self.signals
            .tell_each(changes.iter().map(|changes| changes.event_id));
        Ok(outcomes)
    }

    /// Adds the new bookings and entries of the parts that are sound, or nothing of any part.
    fn add_parts(&self, parts: &mut [Part<'_>]) -> Result<(), StoreError> {
        let in_use = || StoreError::permanent(NAME, "a new id is in use");
        if !self.index.add_bookings(new_bookings(parts)) {
            return Err(in_use());
        }
        for at in 0..parts.len() {
            let part = &mut parts[at];
            if part.outcome != Committed::Done {
                continue;
            }
            match part.add(&self.index) {
                Ok(()) => {}
                Err(Taken::Key) => {
                    part.outcome = Committed::Conflict(Conflict::Key);
                    self.index.remove_bookings(part.changes.new_bookings.iter());
                }
                Err(Taken::Id) => {
                    let done = parts[..at]
                        .iter_mut()
                        .filter(|part| part.outcome == Committed::Done);
                    done.for_each(|part| part.remove(&self.index));
                    self.index.remove_bookings(new_bookings(parts));
                    return Err(in_use());
                }
            }
        }
        Ok(())
    }

    fn apply(&self, part: Part<'_>) {
        let (Committed::Done, Some(mut state)) = (part.outcome, part.state) else {
            return;
        };
        let changes = part.changes;
        let due_before = state.as_ref().and_then(|state| state.due_at);
        match (&changes.event, &mut *state) {
            (Some(EventWrite::Delete), state) => *state = None,
            (_, Some(state)) => state.apply(changes, &self.index),
            (Some(EventWrite::Put(event)), state) => {
                state
                    .insert(EventState::new(Arc::clone(event)))
                    .apply(changes, &self.index);
            }
            (None, None) => {}
        }
        let due_after = state.as_ref().and_then(|state| state.due_at);
        if due_before != due_after {
            let mut due = self.due.lock();
            due_before.map(|at| due.remove(&(at, changes.event_id)));
            due_after.map(|at| due.insert((at, changes.event_id)));
        }
    }

    /// One booking, of whichever event.
    fn booking(&self, id: BookingId) -> Option<Arc<Booking>> {
        self.booking_of(self.index.event_of_booking(id)?, id)
    }

    fn booking_of(&self, event_id: EventId, id: BookingId) -> Option<Arc<Booking>> {
        self.read(event_id, |state| state.booking(id)).flatten()
    }

    /// Some bookings of an event before one, newest first.
    fn newest_of_event(
        &self,
        event_id: EventId,
        before: Option<BookingId>,
        limit: usize,
    ) -> Vec<Arc<Booking>> {
        let newest = |state: &EventState| {
            let newest = state.rows.backwards(before.as_ref()).take(limit);
            newest.map(|(id, row)| row.booking(*id, event_id)).collect()
        };
        self.read(event_id, newest).unwrap_or_default()
    }
}

/// The new bookings of the parts that are sound so far.
fn new_bookings<'a>(parts: &'a [Part<'_>]) -> impl Iterator<Item = &'a Arc<Booking>> + Clone {
    let sound = parts.iter().filter(|part| part.outcome == Committed::Done);
    sound.flat_map(|part| &part.changes.new_bookings)
}

impl<'a> Part<'a> {
    fn lock((place, changes, cell): &'a (usize, &Changes, Option<Arc<Cell>>)) -> Self {
        Self {
            place: *place,
            changes,
            state: cell.as_ref().map(|cell| cell.write()),
            outcome: Committed::Done,
        }
    }

    /// Sees whether the event is where the changes were decided on, and whether they are sound.
    ///
    /// # Errors
    /// What is unsound about them.
    fn check(&mut self) -> Result<(), String> {
        let changes = self.changes;
        let state = self.state.as_ref().and_then(|state| state.as_ref());
        if state.map_or(Revision::NONE, |state| state.revision) != changes.expected {
            self.outcome = Committed::Conflict(Conflict::Version);
            return Ok(());
        }
        match (state, &changes.event) {
            (Some(state), _) => state.check(changes),
            (None, Some(EventWrite::Put(_)))
                if !(changes.new_bookings.is_empty() && changes.new_entries.is_empty()) =>
            {
                Err("an event begins without bookings and entries".to_owned())
            }
            (None, Some(EventWrite::Put(event))) => EventState::new(Arc::clone(event)).check(changes),
            (None, _) => Err("there is no event to change".to_owned()),
        }
    }

    /// Adds what is new, or nothing; an event that is just made has nothing.
    fn add(&mut self, index: &Index) -> Result<(), Taken> {
        self.on_state(|state, changes| state.add(changes, index))
            .unwrap_or(Ok(()))
    }

    /// Takes back [`add`](Self::add).
    fn remove(&mut self, index: &Index) {
        self.on_state(|state, changes| state.remove(changes, index));
    }

    fn on_state<T>(&mut self, with: impl FnOnce(&mut EventState, &Changes) -> T) -> Option<T> {
        let state = self.state.as_mut().and_then(|state| state.as_mut())?;
        Some(with(state, self.changes))
    }
}

#[async_trait]
impl BookingStore for MemoryStore {
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        let data = self.data()?;
        let answer = |need: &Need| data.read(need.event_id, |state| state.snapshot(need, &data.index));
        Ok(needs.iter().map(answer).collect())
    }

    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        self.data()?.commit(changes)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError> {
        Ok(self.data()?.booking(id))
    }

    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let data = self.data()?;
        let of_event = |event_id| filter.event_id.is_none_or(|wanted| wanted == event_id);
        let find = |id| {
            let event_id = data.index.event_of_booking(id);
            let event_id = event_id.filter(|event_id| of_event(*event_id));
            let booking = event_id.and_then(|event_id| data.booking_of(event_id, id));
            (id, booking.filter(|booking| in_status(booking, filter)))
        };
        Ok(fill(page, |after, limit| {
            let ids = data.index.bookings_of(user_id, after.copied(), limit);
            ids.into_iter().map(find).collect()
        }))
    }

    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let data = self.data()?;
        let judge = |booking: Arc<Booking>| {
            (
                booking.id,
                Some(booking).filter(|booking| in_status(booking, filter)),
            )
        };
        Ok(fill(page, |after, limit| {
            let bookings = data.newest_of_event(event_id, after.copied(), limit);
            bookings.into_iter().map(judge).collect()
        }))
    }

    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let due = self.data()?.due.lock();
        let come = due.iter().take_while(|(at, _)| *at <= now);
        Ok(come.take(limit).map(|(_, event_id)| *event_id).collect())
    }
}

fn in_status(booking: &Booking, filter: BookingFilter) -> bool {
    filter.status.is_none_or(|status| status == booking.status)
}
