//! A backend of one's own, whole and as simple as can be: everything in one notebook behind one lock.
//! `cargo run -p evently-examples --example custom_backend` sells from it, then proves it by the suite that proves
//! every backend.
//!
//! It shows what a store must do and how little that is: it compares revisions, keeps what it is given, and finds it
//! again. There is no booking rule here. What makes a real backend longer is speed: this one walks through
//! everything it has.

use async_trait::async_trait;
use evently_core::conformance::{Group, Volatile, cases, run};
use evently_core::domain::{
    Booking, BookingFilter, BookingId, BookingStatus, Email, Entry, EntryFilter, EntryId, EntryStatus, Event,
    EventCursor, EventDraft, EventFigures, EventFilter, EventId, EventSort, EventStats, EventStatus,
    IdempotencyKey, KeyUse, Overview, Page, PageRequest, Popularity, SalesRow, SeatLabel, SectionCount,
    Session, SessionId, Timestamp, User, UserId,
};
use evently_core::ledger::{
    Audit, Changes, DueHolds, EventWrite, Need, Revision, Snapshot, Standing, Tally, Totals, WaitlistNeed,
    WaitlistWindow,
};
use evently_core::requests::BookRequest;
use evently_core::store::{
    AnalyticsStore, BookingStore, Committed, Conflict, ConnectionFigures, Durability, EventStore, Listing,
    PlacedEntry, Rotation, Signals, Span, Store, StoreError, UserStore, UserWritten, WaitlistStore,
};
use evently_core::{Caller, Evently};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    sell_some()?;
    let mut proven = 0;
    // A notebook in memory is not asked to survive its process.
    for case in cases().filter(|case| case.group != Group::Durable) {
        run(case.name, || async {
            Volatile::over(Arc::new(NotebookStore::default()))
        });
        proven += 1;
    }
    println!("the notebook keeps all {proven} promises");
    Ok(())
}

#[tokio::main]
async fn sell_some() -> Result<(), evently_core::Error> {
    let evently = Evently::builder(Arc::new(NotebookStore::default())).build();
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    let ada = Caller::user(UserId::from_uuid(evently.new_id()));
    let start = evently.now() + Duration::from_secs(86_400);
    let end = start + Duration::from_secs(7_200);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", start, end, 100);
    let event = evently.create_event(&admin, draft).await?.event;
    evently.book(&ada, event.id, BookRequest::quantity(2)).await?;
    println!(
        "{}: {} left",
        event.name,
        evently.event(None, event.id).await?.available()
    );
    evently.shutdown().await;
    Ok(())
}

const NAME: &str = "notebook";

/// A store in one notebook.
#[derive(Debug, Default)]
struct NotebookStore {
    notebook: Mutex<Notebook>,
    signals: Signals,
}

/// Everything there is.
#[derive(Debug, Default)]
struct Notebook {
    is_closed: bool,
    events: BTreeMap<EventId, Sheet>,
    users: HashMap<UserId, User>,
    sessions: HashMap<SessionId, Session>,
}

/// Everything about one event, as it stands after one commit.
#[derive(Debug)]
struct Sheet {
    event: Arc<Event>,
    revision: Revision,
    counts: Vec<SectionCount>,
    stats: EventStats,
    due_at: Option<Timestamp>,
    next_seq: u64,
    bookings: BTreeMap<BookingId, Arc<Booking>>,
    /// By place in line.
    entries: BTreeMap<u64, Arc<Entry>>,
    keys: HashMap<(UserId, IdempotencyKey), KeyUse>,
    seats: BTreeMap<SeatLabel, BookingId>,
    /// By the hour's start.
    sales: BTreeMap<Timestamp, SalesRow>,
}

impl NotebookStore {
    /// The notebook, for as long as one call looks at it or writes in it.
    fn open(&self) -> Result<MutexGuard<'_, Notebook>, StoreError> {
        let notebook = self.notebook.lock().unwrap_or_else(PoisonError::into_inner);
        if notebook.is_closed {
            return Err(StoreError::permanent(NAME, "it is closed"));
        }
        Ok(notebook)
    }

    /// Looks at one event.
    fn read<T>(&self, id: EventId, read: impl FnOnce(&Sheet) -> T) -> Result<Option<T>, StoreError> {
        Ok(self.open()?.events.get(&id).map(read))
    }

    /// Looks at every event, in the order of their ids.
    fn read_all<T>(&self, read: impl FnMut(&Sheet) -> Option<T>) -> Result<Vec<T>, StoreError> {
        Ok(self.open()?.events.values().filter_map(read).collect())
    }
}

#[async_trait]
impl BookingStore for NotebookStore {
    async fn load(&self, needs: &[Need]) -> Result<Vec<Option<Snapshot>>, StoreError> {
        let notebook = self.open()?;
        let answer = |need: &Need| Some(notebook.events.get(&need.event_id)?.snapshot(need));
        Ok(needs.iter().map(answer).collect())
    }

    async fn commit(&self, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let mut notebook = self.open()?;
        // Nothing is written before everything was looked at: an error must leave all as it was.
        let judge = |changes: &Changes| notebook.judge(changes);
        let outcomes: Result<Vec<Committed>, &str> = changes.iter().map(judge).collect();
        let outcomes = outcomes.map_err(|broken| StoreError::permanent(NAME, broken))?;
        for (changes, outcome) in changes.iter().zip(&outcomes) {
            if *outcome == Committed::Done {
                notebook.write(changes);
            }
        }
        drop(notebook);
        changes
            .iter()
            .for_each(|changes| self.signals.tell(changes.event_id));
        Ok(outcomes)
    }

    async fn booking(&self, id: BookingId) -> Result<Option<Arc<Booking>>, StoreError> {
        let found = self.read_all(|sheet| sheet.bookings.get(&id).cloned())?;
        Ok(found.into_iter().next())
    }

    async fn bookings_of_user(
        &self,
        user_id: UserId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let is_meant = |booking: &Booking| {
            booking.user_id == user_id
                && filter
                    .event_id
                    .is_none_or(|event_id| event_id == booking.event_id)
        };
        let sheets = self.read_all(|sheet| Some(sheet.bookings_that(is_meant)))?;
        Ok(newest_first(sheets.into_iter().flatten().collect(), filter, page))
    }

    async fn bookings_of_event(
        &self,
        event_id: EventId,
        filter: BookingFilter,
        page: PageRequest<BookingId>,
    ) -> Result<Page<Arc<Booking>, BookingId>, StoreError> {
        let bookings = self.read(event_id, |sheet| sheet.bookings_that(|_| true))?;
        Ok(newest_first(bookings.unwrap_or_default(), filter, page))
    }

    async fn due_events(&self, now: Timestamp, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let due = |sheet: &Sheet| Some((sheet.due_at.filter(|at| *at <= now)?, sheet.event.id));
        let mut due = self.read_all(due)?;
        due.sort_unstable();
        Ok(due.into_iter().take(limit).map(|(_, id)| id).collect())
    }
}

/// A page of bookings, which are in any order.
fn newest_first(
    mut bookings: Vec<Arc<Booking>>,
    filter: BookingFilter,
    page: PageRequest<BookingId>,
) -> Page<Arc<Booking>, BookingId> {
    bookings.retain(|booking| {
        filter.status.is_none_or(|status| status == booking.status)
            && page.after.is_none_or(|after| booking.id < after)
    });
    bookings.sort_unstable_by_key(|booking| Reverse(booking.id));
    Page::from_surplus(bookings, page.limit, |booking| booking.id)
}

impl Notebook {
    /// What is to become of changes: the comparison of revisions that makes overselling impossible, and behind it
    /// the second wall, which no ledger in its senses runs into.
    fn judge(&self, changes: &Changes) -> Result<Committed, &'static str> {
        let sheet = self.events.get(&changes.event_id);
        if sheet.map_or(Revision::NONE, |sheet| sheet.revision) != changes.expected {
            return Ok(Committed::Conflict(Conflict::Version));
        }
        let is_oversold = |count: &SectionCount| count.sold.saturating_add(count.held) > count.capacity;
        if changes.counts.iter().any(is_oversold) {
            return Err("a section would be oversold");
        }
        match (sheet, &changes.event) {
            (None, Some(EventWrite::Put(_))) => {}
            (None, _) => return Err("there is no event to change"),
            (Some(sheet), write) => sheet.judge(changes, write.as_ref())?,
        }
        let mut keys = HashSet::new();
        for (key, _) in new_keys(changes) {
            let is_used = sheet.is_some_and(|sheet| sheet.keys.contains_key(&key));
            if is_used || !keys.insert(key) {
                return Ok(Committed::Conflict(Conflict::Key));
            }
        }
        let knows = |booking: &Arc<Booking>| {
            self.events
                .values()
                .any(|sheet| sheet.bookings.contains_key(&booking.id))
        };
        if changes.new_bookings.iter().any(knows) {
            return Err("a new booking's id is in use");
        }
        Ok(Committed::Done)
    }

    fn write(&mut self, changes: &Changes) {
        match &changes.event {
            Some(EventWrite::Delete) => {
                self.events.remove(&changes.event_id);
                return;
            }
            Some(EventWrite::Put(event)) => {
                let sheet = self
                    .events
                    .entry(event.id)
                    .or_insert_with(|| Sheet::new(Arc::clone(event)));
                sheet.event = Arc::clone(event);
            }
            None => {}
        }
        if let Some(sheet) = self.events.get_mut(&changes.event_id) {
            sheet.write(changes);
        }
    }
}

/// The keys that changes use, with what each made.
fn new_keys(changes: &Changes) -> impl Iterator<Item = ((UserId, IdempotencyKey), KeyUse)> {
    let bookings = changes.new_bookings.iter().filter_map(|booking| {
        let (key, _) = booking.key.clone()?;
        Some(((booking.user_id, key), KeyUse::Booking(booking.id)))
    });
    let entries = changes.new_entries.iter().filter_map(|entry| {
        let (key, _) = entry.key.clone()?;
        Some(((entry.user_id, key), KeyUse::Entry(entry.id)))
    });
    bookings.chain(entries)
}

impl Sheet {
    fn new(event: Arc<Event>) -> Self {
        Self {
            event,
            revision: Revision::NONE,
            counts: Vec::new(),
            stats: EventStats::default(),
            due_at: None,
            next_seq: 0,
            bookings: BTreeMap::new(),
            entries: BTreeMap::new(),
            keys: HashMap::new(),
            seats: BTreeMap::new(),
            sales: BTreeMap::new(),
        }
    }

    /// Whether the changes fit what they change.
    fn judge(&self, changes: &Changes, write: Option<&EventWrite>) -> Result<(), &'static str> {
        if changes
            .changed_bookings
            .iter()
            .any(|booking| !self.bookings.contains_key(&booking.id))
        {
            return Err("there is no booking to change");
        }
        if changes
            .changed_entries
            .iter()
            .any(|entry| self.entry(entry.id).is_none())
        {
            return Err("there is no entry to change");
        }
        let is_used = !self.bookings.is_empty() || !self.entries.is_empty();
        if is_used && matches!(write, Some(EventWrite::Delete)) {
            return Err("an event with bookings or entries cannot be deleted");
        }
        let mut seats = self.seats.clone();
        for (seat, owner) in &changes.freed {
            if seats.get(seat) == Some(owner) {
                seats.remove(seat);
            }
        }
        for (seat, owner) in &changes.taken {
            if seats.insert(seat.clone(), *owner).is_some() {
                return Err("a seat is taken");
            }
        }
        Ok(())
    }

    fn write(&mut self, changes: &Changes) {
        self.revision = changes.revision();
        self.counts.clone_from(&changes.counts);
        self.stats = changes.stats;
        self.due_at = changes.due_at;
        self.next_seq = changes.next_seq;
        self.keys.extend(new_keys(changes));
        for booking in changes.new_bookings.iter().chain(&changes.changed_bookings) {
            self.bookings.insert(booking.id, Arc::clone(booking));
        }
        for entry in changes.new_entries.iter().chain(&changes.changed_entries) {
            self.entries.insert(entry.seq, Arc::clone(entry));
        }
        for (seat, owner) in &changes.freed {
            if self.seats.get(seat) == Some(owner) {
                self.seats.remove(seat);
            }
        }
        self.seats.extend(changes.taken.iter().cloned());
        for row in &changes.sales {
            let hour = self
                .sales
                .entry(row.start)
                .or_insert_with(|| SalesRow::empty(row.start));
            hour.add(row);
        }
    }

    /// The answer to a need: nothing but what is asked, from one version.
    fn snapshot(&self, need: &Need) -> Snapshot {
        let keys: Vec<_> = need
            .keys
            .iter()
            .map(|key| (key.clone(), self.keys.get(key).copied()))
            .collect();
        let live = need.live.then(|| {
            let live = self
                .bookings
                .values()
                .filter(|booking| booking.status.takes_capacity());
            live.take(Need::BATCH).map(Arc::clone).collect::<Vec<_>>()
        });
        // Asked for by id, made by an asked key, or among the live ones: each once, by id.
        let mut bookings: BTreeMap<BookingId, Arc<Booking>> = BTreeMap::new();
        let mut entries: BTreeMap<EntryId, Arc<Entry>> = BTreeMap::new();
        let made = keys.iter().filter_map(|(_, used)| *used);
        let asked = need.bookings.iter().copied().map(KeyUse::Booking);
        let asked = asked.chain(need.entries.iter().copied().map(KeyUse::Entry));
        for thing in asked.chain(made) {
            match thing {
                KeyUse::Booking(id) => {
                    bookings.extend(self.bookings.get(&id).map(|found| (id, Arc::clone(found))))
                }
                KeyUse::Entry(id) => entries.extend(self.entry(id).map(|found| (id, Arc::clone(found)))),
            }
        }
        bookings.extend(live.iter().flatten().map(|found| (found.id, Arc::clone(found))));
        Snapshot {
            event: Arc::clone(&self.event),
            revision: self.revision,
            counts: self.counts.clone(),
            stats: self.stats,
            due_at: self.due_at,
            next_seq: self.next_seq,
            users: need
                .users
                .iter()
                .map(|user| (*user, self.standing(*user)))
                .collect(),
            keys,
            bookings: bookings.into_values().collect(),
            entries: entries.into_values().collect(),
            taken_seats: need.seats.then(|| self.seats.keys().cloned().collect()),
            due: need.due.map(|at| self.due(at)),
            live,
            waitlist: need.waitlist.iter().map(|part| self.window(*part)).collect(),
        }
    }

    fn standing(&self, user: UserId) -> Standing {
        let theirs = self.bookings.values().filter(|booking| booking.user_id == user);
        let live = theirs.filter(|booking| booking.status.takes_capacity());
        let is_active = |entry: &&Arc<Entry>| entry.user_id == user && entry.status.is_active();
        Standing {
            tickets: live.map(|booking| booking.quantity()).sum(),
            entry: self.entries.values().find(is_active).map(Arc::clone),
        }
    }

    /// The holds that are over, first over first.
    fn due(&self, at: Timestamp) -> DueHolds {
        let held = self
            .bookings
            .values()
            .filter(|booking| booking.status == BookingStatus::Held);
        let expiring = held.filter_map(|booking| Some((booking.hold_expires_at?, booking.id)));
        let mut expiring: Vec<_> = expiring.collect();
        expiring.sort_unstable();
        let over = expiring.iter().take_while(|(expires, _)| *expires <= at).count();
        let over = over.min(Need::BATCH);
        let bookings = expiring[..over]
            .iter()
            .filter_map(|(_, id)| self.bookings.get(id));
        DueHolds {
            bookings: bookings.map(Arc::clone).collect(),
            later: expiring.get(over).map(|(expires, _)| *expires),
        }
    }

    fn window(&self, need: WaitlistNeed) -> WaitlistWindow {
        let behind = (need.after.map_or(Unbounded, Excluded), Unbounded);
        let fits = |entry: &&Arc<Entry>| {
            entry.status == EntryStatus::Waiting
                && entry.section_id == need.section_id
                && need.at_most.is_none_or(|most| entry.quantity <= most)
        };
        let entries = self.entries.range(behind).map(|(_, entry)| entry).filter(fits);
        WaitlistWindow {
            need,
            entries: entries.take(Need::BATCH).map(Arc::clone).collect(),
        }
    }

    fn entry(&self, id: EntryId) -> Option<&Arc<Entry>> {
        self.entries.values().find(|entry| entry.id == id)
    }

    /// An entry with its place among those that wait.
    fn placed(&self, entry: &Arc<Entry>) -> PlacedEntry {
        let is_waiting = |entry: &&Arc<Entry>| entry.status == EntryStatus::Waiting;
        let up_to_it = self.entries.range(..=entry.seq).map(|(_, entry)| entry);
        let position = up_to_it.filter(is_waiting).map(|_| 1).sum();
        PlacedEntry {
            position: is_waiting(&entry).then_some(position),
            entry: Arc::clone(entry),
        }
    }

    fn bookings_that(&self, is_meant: impl Fn(&Booking) -> bool) -> Vec<Arc<Booking>> {
        let meant = self.bookings.values().filter(|booking| is_meant(booking));
        meant.map(Arc::clone).collect()
    }

    fn entries_that(&self, is_meant: impl Fn(&Entry) -> bool) -> Vec<PlacedEntry> {
        let meant = self.entries.values().filter(|entry| is_meant(entry));
        meant.map(|entry| self.placed(entry)).collect()
    }

    fn listing(&self) -> Listing {
        Listing {
            event: Arc::clone(&self.event),
            version: self.revision.version,
            counts: self.counts.clone(),
        }
    }

    fn figures(&self) -> EventFigures {
        EventFigures {
            event_id: self.event.id,
            name: self.event.name.clone(),
            starts_at: self.event.starts_at,
            currency: self.event.currency,
            sections: self.counts.clone(),
            stats: self.stats,
        }
    }
}

#[async_trait]
impl EventStore for NotebookStore {
    async fn event(&self, id: EventId) -> Result<Option<Listing>, StoreError> {
        self.read(id, Sheet::listing)
    }

    async fn events(
        &self,
        filter: &EventFilter,
        page: PageRequest<EventCursor>,
    ) -> Result<Page<Listing, EventCursor>, StoreError> {
        let sort = filter.sort;
        let is_after = |row: &Listing| {
            let after = page.after.as_ref();
            after.is_none_or(|after| in_order(sort, after, &row.cursor(sort)).is_lt())
        };
        let mut rows = self.read_all(|sheet| {
            let row = sheet.listing();
            (row.matches(filter) && is_after(&row)).then_some(row)
        })?;
        rows.sort_by(|one, other| in_order(sort, &one.cursor(sort), &other.cursor(sort)));
        Ok(Page::from_surplus(rows, page.limit, |row| row.cursor(sort)))
    }

    async fn event_ids(&self, after: Option<EventId>, limit: usize) -> Result<Vec<EventId>, StoreError> {
        let notebook = self.open()?;
        let later = notebook
            .events
            .range((after.map_or(Unbounded, Excluded), Unbounded));
        Ok(later.take(limit).map(|(id, _)| *id).collect())
    }

    async fn taken_seats(&self, id: EventId) -> Result<Option<(Listing, Vec<SeatLabel>)>, StoreError> {
        self.read(id, |sheet| {
            (sheet.listing(), sheet.seats.keys().cloned().collect())
        })
    }

    async fn changed(&self, id: EventId, seen: u64, at_most: Duration) -> Result<(), StoreError> {
        let version = || async { self.read(id, |sheet| sheet.revision.version) };
        // Nobody else commits to this notebook: whatever changes is told.
        self.signals.wait(id, seen, at_most, at_most, version).await
    }
}

/// Descending or not, ties are by id, ascending.
fn in_order(sort: EventSort, one: &EventCursor, other: &EventCursor) -> Ordering {
    let by_key = one.key.cmp(&other.key);
    let by_key = match sort {
        EventSort::StartsAt | EventSort::Name => by_key,
        EventSort::StartsAtDescending | EventSort::CreatedAtDescending => by_key.reverse(),
    };
    by_key.then(one.id.cmp(&other.id))
}

#[async_trait]
impl WaitlistStore for NotebookStore {
    async fn entry(&self, id: EntryId) -> Result<Option<PlacedEntry>, StoreError> {
        let found = self.read_all(|sheet| Some(sheet.placed(sheet.entry(id)?)))?;
        Ok(found.into_iter().next())
    }

    async fn entries_of_user(
        &self,
        user_id: UserId,
        page: PageRequest<EntryId>,
    ) -> Result<Page<PlacedEntry, EntryId>, StoreError> {
        let is_meant =
            |entry: &Entry| entry.user_id == user_id && page.after.is_none_or(|after| entry.id < after);
        let sheets = self.read_all(|sheet| Some(sheet.entries_that(is_meant)))?;
        let mut rows: Vec<PlacedEntry> = sheets.into_iter().flatten().collect();
        rows.sort_unstable_by_key(|row| Reverse(row.entry.id));
        Ok(Page::from_surplus(rows, page.limit, |row| row.entry.id))
    }

    async fn entries_of_event(
        &self,
        event_id: EventId,
        filter: EntryFilter,
        page: PageRequest<u64>,
    ) -> Result<Page<PlacedEntry, u64>, StoreError> {
        let is_meant = |entry: &Entry| {
            filter.status.is_none_or(|status| status == entry.status)
                && page.after.is_none_or(|after| entry.seq > after)
        };
        let rows = self.read(event_id, |sheet| sheet.entries_that(is_meant))?;
        Ok(Page::from_surplus(rows.unwrap_or_default(), page.limit, |row| {
            row.entry.seq
        }))
    }
}

#[async_trait]
impl AnalyticsStore for NotebookStore {
    async fn overview(&self, starts: Span) -> Result<Overview, StoreError> {
        let rows = self.read_all(|sheet| {
            let counts = starts.contains(sheet.event.starts_at);
            counts.then(|| (sheet.event.status, sheet.figures()))
        })?;
        let mut overview = Overview::default();
        let mut revenue = BTreeMap::new();
        for (status, row) in rows {
            if status == EventStatus::Published {
                overview.events += 1;
                overview.capacity += row.capacity();
            }
            overview.bookings += row.stats.bookings;
            overview.cancellations += row.stats.cancellations;
            overview.tickets_sold += row.tickets_sold();
            overview.tickets_cancelled += row.stats.tickets_cancelled;
            overview.waiting += row
                .sections
                .iter()
                .map(|section| u64::from(section.waiting))
                .sum::<u64>();
            let total = revenue.entry(row.currency.code()).or_insert((row.currency, 0));
            total.1 += row.stats.revenue_minor;
        }
        overview.revenue = revenue.into_values().filter(|(_, minor)| *minor != 0).collect();
        Ok(overview)
    }

    async fn popular(
        &self,
        by: Popularity,
        starts: Span,
        limit: u32,
    ) -> Result<Vec<EventFigures>, StoreError> {
        let mut rows = self.read_all(|sheet| {
            let event = &sheet.event;
            let counts = event.status != EventStatus::Draft && starts.contains(event.starts_at);
            counts.then(|| sheet.figures())
        })?;
        rows.sort_by(|one, other| match by {
            Popularity::Tickets => other.tickets_sold().cmp(&one.tickets_sold()),
            Popularity::Bookings => other.stats.bookings.cmp(&one.stats.bookings),
            Popularity::Utilization => other.utilization().total_cmp(&one.utilization()),
            Popularity::Revenue => other.stats.revenue_minor.cmp(&one.stats.revenue_minor),
        });
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn figures(&self, event_id: EventId) -> Result<Option<EventFigures>, StoreError> {
        self.read(event_id, Sheet::figures)
    }

    async fn sales(&self, event_id: EventId, span: Span) -> Result<Vec<SalesRow>, StoreError> {
        let hours = |sheet: &Sheet| {
            let rows = sheet.sales.values().filter(|row| span.contains(row.start));
            rows.copied().collect()
        };
        Ok(self.read(event_id, hours)?.unwrap_or_default())
    }

    async fn audit(&self, event_id: EventId) -> Result<Option<Audit>, StoreError> {
        self.read(event_id, |sheet| {
            let mut tally = Tally::new(&sheet.event);
            sheet.bookings.values().for_each(|booking| tally.booking(booking));
            sheet.entries.values().for_each(|entry| tally.entry(entry));
            let seats = sheet.seats.iter().map(|(seat, owner)| (seat.clone(), *owner));
            Audit {
                stored: Totals {
                    counts: sheet.counts.clone(),
                    stats: sheet.stats,
                    sales: sheet.sales.values().copied().collect(),
                    seats: seats.collect(),
                },
                counted: tally.finish(),
            }
        })
    }
}

#[async_trait]
impl UserStore for NotebookStore {
    async fn create_user(&self, user: &User) -> Result<UserWritten, StoreError> {
        let mut notebook = self.open()?;
        if notebook.users.values().any(|other| other.email == user.email) {
            return Ok(UserWritten::EmailTaken);
        }
        if notebook.users.contains_key(&user.id) {
            return Err(StoreError::permanent(NAME, "a new account's id is in use"));
        }
        notebook.users.insert(user.id, user.clone());
        Ok(UserWritten::Done)
    }

    async fn update_user(&self, user: &User) -> Result<(), StoreError> {
        let mut notebook = self.open()?;
        let Some(stored) = notebook.users.get_mut(&user.id) else {
            return Ok(());
        };
        let ends_sessions = stored.role != user.role || user.disabled;
        stored.name.clone_from(&user.name);
        stored.role = user.role;
        stored.password_hash.clone_from(&user.password_hash);
        stored.disabled = user.disabled;
        if ends_sessions {
            notebook.sessions.retain(|_, session| session.user_id != user.id);
        }
        Ok(())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.open()?.users.get(&id).cloned())
    }

    async fn user_by_email(&self, email: &Email) -> Result<Option<User>, StoreError> {
        let notebook = self.open()?;
        Ok(notebook.users.values().find(|user| user.email == *email).cloned())
    }

    async fn create_session(&self, session: &Session) -> Result<(), StoreError> {
        self.open()?.sessions.insert(session.id, session.clone());
        Ok(())
    }

    async fn rotate_session(
        &self,
        id: SessionId,
        presented: [u8; 32],
        next: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Rotation, StoreError> {
        let mut notebook = self.open()?;
        notebook.sessions.retain(|_, session| session.expires_at > now);
        let Some(session) = notebook.sessions.get_mut(&id) else {
            return Ok(Rotation::Unknown);
        };
        if session.token_hash != presented {
            notebook.sessions.remove(&id);
            return Ok(Rotation::Reused);
        }
        session.token_hash = next;
        session.expires_at = expires_at;
        Ok(Rotation::Rotated(session.user_id))
    }

    async fn end_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.open()?.sessions.remove(&id);
        Ok(())
    }
}

#[async_trait]
impl Store for NotebookStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn durability(&self) -> Durability {
        Durability::Volatile
    }

    fn connections(&self) -> Option<ConnectionFigures> {
        None
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.open().map(drop)
    }

    async fn close(&self) {
        if let Ok(mut notebook) = self.open() {
            notebook.is_closed = true;
        }
    }
}
