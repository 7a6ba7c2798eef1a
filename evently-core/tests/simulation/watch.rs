//! What must hold after every single commit, checked in the store itself, beneath the faults.
//!
//! Never above capacity and no seat twice (I1, I2); counts and figures equal a recount (I3, I12); a booking leaves a
//! state at most once and only as the rules allow (I8, I9); nobody who fits waits beside an idle place (I10).

use crate::journal::Journal;
use async_trait::async_trait;
use evently_core::clock::Clock;
use evently_core::conformance::{ManualClock, wrap::Meddle};
use evently_core::domain::{
    Booking, BookingId, BookingStatus, Entry, EntryFilter, EntryId, EntryStatus, EventId, PageRequest,
    SectionCount, WaitlistPolicy,
};
use evently_core::ledger::{Changes, Need};
use evently_core::store::{Committed, Store, StoreError};
use parking_lot::Mutex;
use std::{collections::BTreeMap, sync::Arc};

/// Looks at every commit.
#[derive(Debug)]
pub(crate) struct Watch {
    clock: Arc<ManualClock>,
    journal: Arc<Journal>,
    free: Mutex<BTreeMap<EventId, Vec<Free>>>,
}

/// What was free of an event's sections after a commit.
#[derive(Debug, Clone)]
struct Free {
    after: Vec<u32>,
    /// The least that can have been free between two decisions of the batch: all that it took was taken before
    /// anything was freed.
    least: Vec<u32>,
    /// Whether it was kept for somebody.
    saved: bool,
}

/// How an event stood when a request began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Since(usize);

impl Watch {
    pub(crate) fn new(clock: Arc<ManualClock>, journal: Arc<Journal>) -> Self {
        Self {
            clock,
            journal,
            free: Mutex::default(),
        }
    }

    /// The present moment in an event's history.
    pub(crate) fn mark(&self, id: EventId) -> Since {
        Since(
            self.free
                .lock()
                .get(&id)
                .map_or(0, |states| states.len().saturating_sub(1)),
        )
    }

    /// Whether so many places may have been out of a newcomer's reach in some section at some moment since (I4).
    pub(crate) fn could_refuse(&self, id: EventId, since: Since, quantity: u32) -> bool {
        let free = self.free.lock();
        let states = free.get(&id).and_then(|states| states.get(since.0..));
        let below = |places: &[u32]| places.iter().any(|places| *places < quantity);
        let short = |state: &Free| state.saved || below(&state.least) || below(&state.after);
        states.is_some_and(|states| states.iter().any(short))
    }

    async fn check(&self, store: &dyn Store, before: &Before, changes: &Changes) -> Result<(), StoreError> {
        let Some(audit) = store.audit(changes.event_id).await? else {
            return Ok(());
        };
        for difference in audit.differences() {
            self.journal
                .fault(format!("after a commit a recount differs: {difference:?}"));
        }
        self.note_free(changes);
        for after in &changes.changed_bookings {
            self.check_booking(before.bookings.get(&after.id), after);
        }
        for after in &changes.changed_entries {
            self.check_entry(before.entries.get(&after.id), after);
        }
        self.check_idle(store, changes).await
    }

    fn note_free(&self, changes: &Changes) {
        let after: Vec<u32> = changes.counts.iter().map(|count| count.available()).collect();
        let taken = |count: &SectionCount| -> u32 {
            let items = changes.new_bookings.iter().flat_map(|booking| &booking.items);
            items
                .filter(|item| item.section_id == count.section_id)
                .map(|item| item.quantity)
                .sum()
        };
        let mut free = self.free.lock();
        let states = free.entry(changes.event_id).or_default();
        let before = states.last().map_or(after.clone(), |state| state.after.clone());
        let least = changes.counts.iter().zip(before).map(|(count, before)| {
            // A capacity may have gone down and up again within the batch.
            let resized = changes.event.is_some();
            if resized {
                0
            } else {
                before.saturating_sub(taken(count))
            }
        });
        let least = least.collect();
        let saved = changes.counts.iter().any(|count| count.starved > 0);
        states.push(Free { after, least, saved });
    }

    fn check_booking(&self, before: Option<&Arc<Booking>>, after: &Booking) {
        use BookingStatus::{Cancelled, Confirmed, Expired, Held};
        let from = before.map(|booking| booking.status);
        match (from, after.status) {
            (Some(Held), Held | Confirmed | Cancelled | Expired) | (Some(Confirmed), Cancelled) => {}
            (from, to) => self
                .journal
                .fault(format!("{} went from {from:?} to {to:?}", after.id)),
        }
        if after.status == Expired {
            self.journal.count(|totals| totals.expiries += 1);
            let due = before.and_then(|booking| booking.hold_expires_at);
            if due.is_none_or(|due| due > self.clock.now()) {
                self.journal
                    .fault(format!("{} expired before its time", after.id));
            }
        }
    }

    fn check_entry(&self, before: Option<&Arc<Entry>>, after: &Entry) {
        use EntryStatus::{Closed, Converted, Declined, Lapsed, Left, Offered, Waiting};
        let from = before.map(|entry| entry.status);
        match (from, after.status) {
            (Some(Waiting), Waiting | Left | Closed) => {}
            (Some(Waiting), Offered | Converted) => self.journal.count(|totals| totals.promotions += 1),
            // Served and answered in one batch, or answered later.
            (Some(Waiting | Offered), Lapsed | Declined)
            | (Some(Offered), Offered | Converted | Left | Closed) => {}
            (from, to) => self
                .journal
                .fault(format!("{} went from {from:?} to {to:?}", after.id)),
        }
        if before.is_some_and(|entry| entry.passes > after.passes) {
            self.journal.fault(format!("{} lost passes", after.id));
        }
    }

    async fn check_idle(&self, store: &dyn Store, changes: &Changes) -> Result<(), StoreError> {
        if changes
            .counts
            .iter()
            .all(|count| count.waiting == 0 || count.available() == 0)
        {
            return Ok(());
        }
        if let Some(idle) = idle_place(store, changes.event_id, &self.clock).await? {
            self.journal.fault(format!("after a commit {idle}"));
        }
        Ok(())
    }
}

/// A place that lies idle beside somebody who waits, fits, and is not behind one for whom it is saved; in words.
pub(crate) async fn idle_place(
    store: &dyn Store,
    id: EventId,
    clock: &ManualClock,
) -> Result<Option<String>, StoreError> {
    let Some(listing) = store.event(id).await? else {
        return Ok(None);
    };
    let event = &listing.event;
    if !event.is_on_sale(clock.now()) || event.policy.waitlist == WaitlistPolicy::Off {
        return Ok(None);
    }
    let filter = EntryFilter {
        status: Some(EntryStatus::Waiting),
    };
    let waiting = store
        .entries_of_event(id, filter, PageRequest::first(100))
        .await?;
    let users = waiting.items.iter().map(|placed| placed.entry.user_id).collect();
    let mut need = Need {
        users,
        ..Need::event(id)
    };
    need.normalize();
    let loaded = store.load(&[need]).await?;
    let Some(snapshot) = loaded.into_iter().flatten().next() else {
        return Ok(None);
    };
    for count in &listing.counts {
        for placed in &waiting.items {
            let entry = &placed.entry;
            let standing = snapshot.users.iter().find(|(user, _)| *user == entry.user_id);
            let tickets = standing.map_or(0, |(_, standing)| standing.tickets);
            let limited = event
                .policy
                .per_user_limit
                .is_some_and(|limit| tickets + entry.quantity > limit);
            if entry.section_id != count.section_id || limited {
                continue;
            }
            if entry.quantity <= count.available() {
                return Ok(Some(format!(
                    "{} places lie idle beside {entry:?}",
                    count.available()
                )));
            }
            if entry.is_starved() {
                break;
            }
        }
    }
    Ok(None)
}

/// A commit in a line.
fn in_short(changes: &Changes) -> String {
    let counts = changes.counts.iter();
    let counts: Vec<_> = counts
        .map(|it| (it.capacity, it.sold, it.held, it.waiting, it.starved))
        .collect();
    let new = changes
        .new_bookings
        .iter()
        .map(|it| (it.id, it.status, it.quantity()));
    let changed = changes
        .changed_bookings
        .iter()
        .map(|it| (it.id, it.status, it.quantity()));
    let entries = changes.new_entries.iter().chain(&changes.changed_entries);
    let entries = entries.map(|it| (it.id, it.status, it.quantity, it.passes));
    format!(
        "{} at {}: counts {counts:?}, new {:?}, changed {:?}, entries {:?}",
        changes.event_id,
        changes.expected.version,
        new.collect::<Vec<_>>(),
        changed.collect::<Vec<_>>(),
        entries.collect::<Vec<_>>(),
    )
}

/// What a commit is about to change.
#[derive(Debug, Default)]
struct Before {
    bookings: BTreeMap<BookingId, Arc<Booking>>,
    entries: BTreeMap<EntryId, Arc<Entry>>,
}

impl Before {
    async fn look(store: &dyn Store, changes: &Changes) -> Result<Self, StoreError> {
        let mut before = Self::default();
        for changed in &changes.changed_bookings {
            if let Some(booking) = store.booking(changed.id).await? {
                before.bookings.insert(changed.id, booking);
            }
        }
        for changed in &changes.changed_entries {
            if let Some(placed) = store.entry(changed.id).await? {
                before.entries.insert(changed.id, placed.entry);
            }
        }
        Ok(before)
    }
}

#[async_trait]
impl Meddle for Watch {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut answers = Vec::new();
        // One by one, as the contract allows, so that each can be looked at by itself.
        for part in changes {
            let before = Before::look(store, part).await?;
            let answer = store.commit(std::slice::from_ref(part)).await?[0];
            match answer {
                Committed::Done => {
                    self.journal.count(|totals| totals.commits += 1);
                    self.check(store, &before, part).await?;
                }
                Committed::Conflict(_) => self.journal.count(|totals| totals.conflicts += 1),
            }
            self.journal
                .tell(|| format!("{} commit {answer:?}: {}", self.clock.now(), in_short(part)));
            answers.push(answer);
        }
        Ok(answers)
    }

    /// The storage outlives the engines: the end of the history still looks into it.
    async fn close(&self, _: &dyn Store) {}
}
