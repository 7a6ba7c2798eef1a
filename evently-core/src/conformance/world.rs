//! What every case starts from: an engine over the storage under test, a clock that the case moves, people.

use super::{Harness, ManualClock, SeededIds};
use crate::clock::{Clock, IdSource};
use crate::domain::{
    Booking, BookingFilter, BookingId, BookingStatus, Caller, Entry, EntryFilter, EntryId, Event, EventDraft,
    EventId, IdempotencyKey, PageRequest, RowDraft, SeatingDraft, SectionDraft, TicketTypeDraft, Timestamp,
    UserId,
};
use crate::requests::{BookRequest, JoinRequest, Placed};
use crate::store::{Listing, PlacedEntry, Store};
use crate::{Error, Evently, Refusal};
use std::{future::Future, sync::Arc, time::Duration};
use uuid::Uuid;

/// A storage with one engine on it, and what a case needs to tell a story.
#[derive(Debug, Clone)]
pub(crate) struct World {
    harness: Arc<dyn Harness>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) ids: Arc<SeededIds>,
    /// Has no sweeper: what a case sees is judged at use, unless it sweeps.
    pub(crate) evently: Evently,
    pub(crate) admin: Caller,
}

impl World {
    pub(crate) async fn open(harness: Arc<dyn Harness>) -> Self {
        let store = harness.open().await;
        let clock = Arc::new(ManualClock::default());
        let ids = Arc::new(SeededIds::from_seed(7));
        let admin = Caller::admin(UserId::from_uuid(ids.next(clock.now())));
        let evently = engine(&store, &clock, &ids);
        Self {
            harness,
            store,
            clock,
            ids,
            evently,
            admin,
        }
    }

    /// The same storage opened anew, with a new engine, as after the process was killed: nothing was closed.
    pub(crate) async fn restarted(&self) -> Self {
        let store = self.harness.open().await;
        let evently = engine(&store, &self.clock, &self.ids);
        Self {
            store,
            evently,
            ..self.clone()
        }
    }

    /// Another engine over the same store, as a second process has it.
    pub(crate) fn second_engine(&self) -> Evently {
        engine(&self.store, &self.clock, &self.ids)
    }

    /// An engine over a store around this one.
    pub(crate) fn engine_over(&self, store: Arc<dyn Store>) -> Evently {
        engine(&store, &self.clock, &self.ids)
    }

    /// The same world as a second process sees it.
    pub(crate) fn in_a_second_process(&self) -> Self {
        Self {
            evently: self.second_engine(),
            ..self.clone()
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn in_seconds(&self, seconds: u64) -> Timestamp {
        self.now() + Duration::from_secs(seconds)
    }

    pub(crate) fn advance(&self, seconds: u64) -> Timestamp {
        self.clock.advance(Duration::from_secs(seconds))
    }

    pub(crate) fn new_id(&self) -> Uuid {
        self.ids.next(self.now())
    }

    pub(crate) fn user(&self) -> Caller {
        Caller::user(UserId::from_uuid(self.new_id()))
    }

    pub(crate) fn users(&self, count: usize) -> Vec<Caller> {
        (0..count).map(|_| self.user()).collect()
    }

    /// A published event in thirty days with one general section and one free ticket type.
    pub(crate) fn draft(&self, capacity: u32) -> EventDraft {
        let starts_at = self.in_seconds(30 * 86_400);
        EventDraft::general(
            "Harbour concert",
            "Harbour hall",
            starts_at,
            starts_at + Duration::from_secs(7200),
            capacity,
        )
    }

    /// The same with general sections of these names and capacities, a "Standard" type each.
    pub(crate) fn draft_of(&self, sections: &[(&str, u32)]) -> EventDraft {
        let section = |&(name, capacity): &(&str, u32)| SectionDraft {
            id: None,
            name: name.to_owned(),
            seating: SeatingDraft::General { capacity },
        };
        EventDraft {
            sections: sections.iter().map(section).collect(),
            ..self.draft(1)
        }
    }

    /// The same with one reserved section "Stalls" of rows with so many seats.
    pub(crate) fn draft_seated(&self, rows: &[(&str, u32)]) -> EventDraft {
        EventDraft {
            sections: vec![stalls(
                rows.iter().map(|&(label, seats)| row(label, seats)).collect(),
            )],
            ..self.draft(1)
        }
    }

    /// Makes an event.
    pub(crate) async fn create(&self, draft: EventDraft) -> Arc<Event> {
        let made = settled(|| self.evently.create_event(&self.admin, draft.clone())).await;
        made.expect("an event that may be made").event
    }

    /// Makes an event with one general section.
    pub(crate) async fn general(&self, capacity: u32) -> EventId {
        self.create(self.draft(capacity)).await.id
    }

    /// Changes an event's definition as it stands now.
    pub(crate) async fn change(
        &self,
        id: EventId,
        edit: impl FnOnce(&mut EventDraft),
    ) -> Result<Listing, Refusal> {
        let event = self.listing(id).await.event;
        let mut draft = EventDraft::of(&event);
        edit(&mut draft);
        let changed = self
            .evently
            .change_event(&self.admin, id, event.version, draft)
            .await;
        definite(changed)
    }

    /// Changes the capacity of an event's first section, which is general.
    pub(crate) async fn resize(&self, id: EventId, capacity: u32) -> Result<Listing, Refusal> {
        self.change(id, |draft| {
            draft.sections[0].seating = SeatingDraft::General { capacity };
        })
        .await
    }

    pub(crate) async fn book(
        &self,
        by: &Caller,
        id: EventId,
        request: BookRequest,
    ) -> Result<Placed, Refusal> {
        definite(self.evently.book(by, id, request).await)
    }

    /// Books so many tickets of the event's one type.
    pub(crate) async fn booked(&self, by: &Caller, id: EventId, quantity: u32) -> Arc<Booking> {
        let placed = self.book(by, id, BookRequest::quantity(quantity)).await;
        booking_of(placed.expect("tickets that are to be had"))
    }

    /// Holds so many tickets of the event's one type.
    pub(crate) async fn held(&self, by: &Caller, id: EventId, quantity: u32) -> Arc<Booking> {
        let placed = self.book(by, id, BookRequest::quantity(quantity).held()).await;
        booking_of(placed.expect("tickets that are to be had"))
    }

    pub(crate) async fn join(
        &self,
        by: &Caller,
        id: EventId,
        request: JoinRequest,
    ) -> Result<Placed, Refusal> {
        definite(self.evently.join(by, id, request).await)
    }

    /// Joins the waitlist for so many tickets of the event's one type.
    pub(crate) async fn joined(&self, by: &Caller, id: EventId, quantity: u32) -> Arc<Entry> {
        let placed = self.join(by, id, JoinRequest::quantity(quantity)).await;
        entry_of(placed.expect("a place on the waitlist"))
    }

    /// Cancels a booking as its owner.
    pub(crate) async fn cancelled(&self, booking: &Booking) -> Arc<Booking> {
        let owner = Caller::user(booking.user_id);
        let cancelled = self.evently.cancel(&owner, booking.id).await;
        cancelled.expect("a booking that may be cancelled")
    }

    /// Sweeps an event until nothing is due in it.
    pub(crate) async fn sweep(&self, id: EventId) {
        for _ in 0..100 {
            settled(|| self.evently.sweep(id)).await.expect("an event");
            let due = settled(|| async { Ok(self.store.due_events(self.now(), 1000).await?) }).await;
            if !due.expect("an answer").contains(&id) {
                return;
            }
        }
        panic!("after a hundred sweeps something is still due");
    }

    /// A booking as it stands, read past any authority.
    pub(crate) async fn booking(&self, id: BookingId) -> Arc<Booking> {
        let found = settled(|| async { Ok(self.store.booking(id).await?) }).await;
        found.expect("an answer").expect("a booking of this id")
    }

    pub(crate) async fn status(&self, id: BookingId) -> BookingStatus {
        self.booking(id).await.status
    }

    /// An entry as it stands, read past any authority.
    pub(crate) async fn placed(&self, id: EntryId) -> PlacedEntry {
        let found = settled(|| async { Ok(self.store.entry(id).await?) }).await;
        found.expect("an answer").expect("an entry of this id")
    }

    pub(crate) async fn entry(&self, id: EntryId) -> Arc<Entry> {
        self.placed(id).await.entry
    }

    /// An event as it stands, drafts too.
    pub(crate) async fn listing(&self, id: EventId) -> Listing {
        let found = settled(|| self.evently.event(Some(&self.admin), id)).await;
        found.expect("an event of this id")
    }

    pub(crate) async fn available(&self, id: EventId) -> u32 {
        self.listing(id).await.available()
    }

    /// Every booking of an event, newest first.
    pub(crate) async fn bookings(&self, id: EventId) -> Vec<Arc<Booking>> {
        let mut all = Vec::new();
        let mut page = PageRequest::first(100);
        loop {
            let read = settled(|| async {
                let filter = BookingFilter::default();
                Ok(self.store.bookings_of_event(id, filter, page.clone()).await?)
            });
            let read = read.await.expect("a page");
            all.extend(read.items);
            match read.next {
                Some(next) => page.after = Some(next),
                None => return all,
            }
        }
    }

    /// Every waitlist entry of an event, in the order of joining.
    pub(crate) async fn entries(&self, id: EventId) -> Vec<PlacedEntry> {
        let mut all = Vec::new();
        let mut page = PageRequest::first(100);
        loop {
            let read = settled(|| async {
                let filter = EntryFilter::default();
                Ok(self.store.entries_of_event(id, filter, page.clone()).await?)
            });
            let read = read.await.expect("a page");
            all.extend(read.items);
            match read.next {
                Some(next) => page.after = Some(next),
                None => return all,
            }
        }
    }

    /// Fails if any event's kept figures differ from a recount, or if anything was sold twice.
    pub(crate) async fn assert_recount(&self) {
        let mut after = None;
        loop {
            let ids = settled(|| async { Ok(self.store.event_ids(after, 100).await?) }).await;
            let ids = ids.expect("a page");
            let Some(last) = ids.last() else { return };
            after = Some(*last);
            for id in ids {
                self.assert_recount_of(id).await;
            }
        }
    }

    /// The same for one event.
    pub(crate) async fn assert_recount_of(&self, id: EventId) {
        let audit = settled(|| async { Ok(self.store.audit(id).await?) }).await;
        let audit = audit.expect("an answer").expect("an event of this id");
        let differences = audit.differences();
        assert!(differences.is_empty(), "a recount differs: {differences:#?}");
    }
}

fn engine(store: &Arc<dyn Store>, clock: &Arc<ManualClock>, ids: &Arc<SeededIds>) -> Evently {
    let (clock, ids) = (Arc::clone(clock), Arc::clone(ids));
    Evently::builder(Arc::clone(store))
        .clock(clock)
        .ids(ids)
        .sweep_every(None)
        .build()
}

/// A reserved section "Stalls" of these rows.
pub(crate) fn stalls(rows: Vec<RowDraft>) -> SectionDraft {
    SectionDraft {
        id: None,
        name: "Stalls".to_owned(),
        seating: SeatingDraft::Reserved { rows },
    }
}

/// A row with seats 1 to `seats`.
pub(crate) fn row(label: &str, seats: u32) -> RowDraft {
    RowDraft {
        label: label.to_owned(),
        seats: (1..=seats).map(|number| number.to_string()).collect(),
        accessible: Vec::new(),
        blocked: Vec::new(),
    }
}

/// A ticket type of a section, one to a hundred a booking.
pub(crate) fn ticket_type(name: &str, section: &str, price_minor: i64) -> TicketTypeDraft {
    TicketTypeDraft {
        id: None,
        name: name.to_owned(),
        section: section.to_owned(),
        price_minor,
        min_per_booking: 1,
        max_per_booking: None,
    }
}

pub(crate) fn key(text: &str) -> IdempotencyKey {
    text.parse().expect("a key")
}

/// The booking that a request made.
pub(crate) fn booking_of(placed: Placed) -> Arc<Booking> {
    Arc::clone(placed.booking().expect("a booking, not a place on the waitlist"))
}

/// The waitlist entry that a request made.
pub(crate) fn entry_of(placed: Placed) -> Arc<Entry> {
    Arc::clone(placed.entry().expect("a place on the waitlist, not a booking"))
}

/// The answer of a call that must not end in anything but success or a refusal.
pub(crate) fn definite<T>(answer: Result<T, Error>) -> Result<T, Refusal> {
    match answer {
        Ok(done) => Ok(done),
        Err(Error::Refused(refusal)) => Err(refusal),
        Err(error) => panic!("{error}"),
    }
}

/// The refusal of a call that must be refused.
pub(crate) fn refusal<T>(answer: Result<T, Error>) -> Refusal {
    match answer {
        Ok(_) => panic!("it was not refused"),
        Err(Error::Refused(refusal)) => refusal,
        Err(error) => panic!("{error}"),
    }
}

/// Asks again until the answer is definite: the storage may fail now and then.
///
/// What it asks must have one effect however often it is asked: a read, or a change under a key.
pub(crate) async fn settled<T, F>(mut call: impl FnMut() -> F) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Error>>,
{
    for _ in 0..1000 {
        match call().await {
            Ok(done) => return Ok(done),
            Err(Error::Refused(refusal)) => return Err(refusal),
            Err(Error::Store(_) | Error::Overloaded { .. }) => tokio::task::yield_now().await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("a thousand times no definite answer");
}
