//! What only this backend does; what every backend does is the conformance suite's.

use super::MemoryStore;
use crate::clock::{Clock, IdSource, RandomIds, SystemClock};
use crate::domain::{
    Booking, BookingFilter, BookingId, BookingItem, BookingStatus, Currency, Event, EventDraft, EventId,
    EventStats, Fingerprint, IdempotencyKey, KeyUse, Limits, PageRequest, SeatLabel, SectionCount, Source,
    UserId, WriterId,
};
use crate::ledger::{Changes, EventWrite, Need, Revision};
use crate::store::{BookingStore, Committed, Conflict, EventStore, Store, StoreError};
use smallvec::smallvec;
use std::sync::{Arc, Barrier};
use std::time::Duration;

const CAPACITY: u32 = 1_000;

/// Makes changes to one event by hand, where a ledger would have decided on them.
struct Pen {
    event: Arc<Event>,
    revision: Revision,
    counts: Vec<SectionCount>,
}

/// A confirmed booking of one ticket.
pub(super) fn booking(event: &Event, user_id: UserId, key: Option<IdempotencyKey>) -> Booking {
    let now = SystemClock.now();
    let ticket_type = &event.ticket_types[0];
    Booking {
        id: BookingId::from_uuid(RandomIds.next(now)),
        event_id: event.id,
        user_id,
        status: BookingStatus::Confirmed,
        items: smallvec![BookingItem {
            ticket_type_id: ticket_type.id,
            section_id: ticket_type.section_id,
            quantity: 1,
            seats: Vec::new(),
            price_minor: 0,
        }],
        currency: Currency::USD,
        hold_expires_at: None,
        payment_reference: None,
        source: Source::Direct,
        entry_id: None,
        reason: None,
        key: key.map(|key| (key, Fingerprint::of(b"request"))),
        created_at: now,
        confirmed_at: Some(now),
        ended_at: None,
    }
}

/// An event that nobody has stored.
pub(super) fn event() -> Event {
    let now = SystemClock.now();
    let starts_at = now + Duration::from_secs(86_400);
    let ends_at = starts_at + Duration::from_secs(3_600);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", starts_at, ends_at, CAPACITY);
    draft.build(None, &Limits::default(), &RandomIds, now).unwrap()
}

pub(super) fn user() -> UserId {
    UserId::from_uuid(RandomIds.next(SystemClock.now()))
}

fn key(text: &str) -> IdempotencyKey {
    text.parse().unwrap()
}

impl Pen {
    async fn create(store: &MemoryStore) -> Self {
        let event = Arc::new(event());
        let counts = event.sections.iter().map(SectionCount::empty).collect();
        let mut pen = Self {
            event,
            revision: Revision::NONE,
            counts,
        };
        let event = Some(EventWrite::Put(Arc::clone(&pen.event)));
        let creation = Changes {
            event,
            ..pen.changes()
        };
        assert_eq!(pen.commit(store, creation).await.unwrap(), Committed::Done);
        pen
    }

    fn id(&self) -> EventId {
        self.event.id
    }

    fn changes(&self) -> Changes {
        Changes {
            event_id: self.id(),
            expected: self.revision,
            writer: WriterId::NOBODY,
            event: None,
            counts: self.counts.clone(),
            stats: EventStats::default(),
            due_at: None,
            next_seq: 1,
            new_bookings: Vec::new(),
            changed_bookings: Vec::new(),
            new_entries: Vec::new(),
            changed_entries: Vec::new(),
            freed: Vec::new(),
            taken: Vec::new(),
            sales: Vec::new(),
        }
    }

    fn booking(&self, user_id: UserId, key: Option<IdempotencyKey>) -> Arc<Booking> {
        Arc::new(booking(&self.event, user_id, key))
    }

    fn with_bookings(&self, new_bookings: Vec<Arc<Booking>>) -> Changes {
        Changes {
            new_bookings,
            ..self.changes()
        }
    }

    async fn commit(&mut self, store: &MemoryStore, changes: Changes) -> Result<Committed, StoreError> {
        let revision = changes.revision();
        let committed = store.commit(&[changes]).await?[0];
        if committed == Committed::Done {
            self.revision = revision;
        }
        Ok(committed)
    }

    async fn tickets(&self, store: &MemoryStore, user: UserId) -> u32 {
        let need = Need {
            users: vec![user],
            ..Need::event(self.id())
        };
        let snapshot = store.load(&[need]).await.unwrap().remove(0).unwrap();
        snapshot.users[0].1.tickets
    }

    async fn key_use(&self, store: &MemoryStore, user: UserId, key: IdempotencyKey) -> Option<KeyUse> {
        let need = Need {
            keys: vec![(user, key)],
            ..Need::event(self.id())
        };
        store.load(&[need]).await.unwrap().remove(0).unwrap().keys[0].1
    }

    async fn live(&self, store: &MemoryStore) -> Vec<Arc<Booking>> {
        let need = Need {
            live: true,
            ..Need::event(self.id())
        };
        let snapshot = store.load(&[need]).await.unwrap().remove(0).unwrap();
        snapshot.live.unwrap()
    }
}

async fn bookings_of(store: &MemoryStore, user: UserId) -> usize {
    let page = store.bookings_of_user(user, BookingFilter::default(), PageRequest::first(100));
    page.await.unwrap().items.len()
}

fn ended(booking: &Arc<Booking>) -> Arc<Booking> {
    let mut booking = Booking::clone(booking);
    booking.status = BookingStatus::Cancelled;
    Arc::new(booking)
}

#[tokio::test]
async fn a_permanent_error_of_one_event_leaves_every_event_as_it_was() {
    let store = MemoryStore::new();
    let (fine, full) = (Pen::create(&store).await, Pen::create(&store).await);
    let ada = user();
    let booking = fine.booking(ada, Some(key("one")));
    let sound = fine.with_bookings(vec![Arc::clone(&booking)]);
    let mut oversold = full.changes();
    oversold.counts[0].sold = CAPACITY;
    oversold.counts[0].held = 1;
    let error = store.commit(&[sound.clone(), oversold]).await.unwrap_err();
    assert!(!error.is_transient());
    assert_eq!(store.event(fine.id()).await.unwrap().unwrap().version, 1);
    assert_eq!(store.booking(booking.id).await.unwrap(), None);
    assert_eq!(bookings_of(&store, ada).await, 0);
    assert_eq!(store.commit(&[sound]).await.unwrap(), [Committed::Done]);
}

#[tokio::test]
async fn an_id_in_use_leaves_every_event_as_it_was() {
    let store = MemoryStore::new();
    let (mut first, second) = (Pen::create(&store).await, Pen::create(&store).await);
    let ada = user();
    let booking = first.booking(ada, None);
    let changes = first.with_bookings(vec![Arc::clone(&booking)]);
    first.commit(&store, changes).await.unwrap();
    let other = second.booking(ada, Some(key("one")));
    let sound = second.with_bookings(vec![Arc::clone(&other)]);
    let again = first.with_bookings(vec![first.booking(ada, None), booking]);
    assert!(!store.commit(&[sound, again]).await.unwrap_err().is_transient());
    assert_eq!(store.booking(other.id).await.unwrap(), None);
    assert_eq!(second.key_use(&store, ada, key("one")).await, None);
    assert_eq!(bookings_of(&store, ada).await, 1);
}

#[tokio::test]
async fn a_key_used_before_takes_the_rest_of_the_batch_back() {
    let store = MemoryStore::new();
    let mut pen = Pen::create(&store).await;
    let ada = user();
    let changes = pen.with_bookings(vec![pen.booking(ada, Some(key("one")))]);
    pen.commit(&store, changes).await.unwrap();
    let fresh = pen.booking(ada, Some(key("two")));
    let twin = pen.booking(ada, Some(key("one")));
    let batch = pen.with_bookings(vec![Arc::clone(&fresh), twin]);
    assert_eq!(
        pen.commit(&store, batch).await.unwrap(),
        Committed::Conflict(Conflict::Key)
    );
    assert_eq!(pen.key_use(&store, ada, key("two")).await, None);
    assert_eq!(store.booking(fresh.id).await.unwrap(), None);
    let batch = pen.with_bookings(vec![Arc::clone(&fresh)]);
    assert_eq!(pen.commit(&store, batch).await.unwrap(), Committed::Done);
    assert_eq!(
        pen.key_use(&store, ada, key("two")).await,
        Some(KeyUse::Booking(fresh.id))
    );
}

#[tokio::test]
async fn a_key_used_twice_in_one_batch_is_a_conflict() {
    let store = MemoryStore::new();
    let mut pen = Pen::create(&store).await;
    let ada = user();
    let twins = vec![
        pen.booking(ada, Some(key("one"))),
        pen.booking(ada, Some(key("one"))),
    ];
    let batch = pen.with_bookings(twins);
    assert_eq!(
        pen.commit(&store, batch).await.unwrap(),
        Committed::Conflict(Conflict::Key)
    );
    assert_eq!(bookings_of(&store, ada).await, 0);
}

#[tokio::test]
async fn keys_and_tickets_are_right_however_many_bookings_a_user_has() {
    let store = MemoryStore::new();
    let (mut pen, mut other) = (Pen::create(&store).await, Pen::create(&store).await);
    let ada = user();
    let mut bookings = Vec::new();
    for number in 0..20_u32 {
        assert_eq!(pen.tickets(&store, ada).await, number);
        let booking = pen.booking(ada, Some(key(&format!("key-{number}"))));
        let changes = pen.with_bookings(vec![Arc::clone(&booking)]);
        assert_eq!(pen.commit(&store, changes).await.unwrap(), Committed::Done);
        bookings.push(booking);
        for (used, booking) in bookings.iter().enumerate() {
            let found = pen.key_use(&store, ada, key(&format!("key-{used}"))).await;
            assert_eq!(found, Some(KeyUse::Booking(booking.id)));
        }
        let twin = pen.with_bookings(vec![pen.booking(ada, Some(key("key-0")))]);
        assert_eq!(
            pen.commit(&store, twin).await.unwrap(),
            Committed::Conflict(Conflict::Key)
        );
    }
    let elsewhere = other.with_bookings(vec![other.booking(ada, Some(key("key-0")))]);
    assert_eq!(other.commit(&store, elsewhere).await.unwrap(), Committed::Done);
    for (gone, booking) in bookings.iter().enumerate() {
        let changes = Changes {
            changed_bookings: vec![ended(booking)],
            ..pen.changes()
        };
        pen.commit(&store, changes).await.unwrap();
        let left = 20 - u32::try_from(gone).unwrap() - 1;
        assert_eq!(pen.tickets(&store, ada).await, left);
    }
    assert_eq!(other.tickets(&store, ada).await, 1);
    assert_eq!(bookings_of(&store, ada).await, 21);
}

#[tokio::test]
async fn live_bookings_are_found_in_whatever_order_others_end() {
    let store = MemoryStore::new();
    let mut pen = Pen::create(&store).await;
    let bookings: Vec<_> = (0..9).map(|_| pen.booking(user(), None)).collect();
    let changes = pen.with_bookings(bookings.clone());
    pen.commit(&store, changes).await.unwrap();
    let mut left = bookings.clone();
    left.sort_by_key(|booking| booking.id);
    for place in [3, 0, 0, 5, 1, 0, 0, 0, 0] {
        assert_eq!(pen.live(&store).await, left);
        let changes = Changes {
            changed_bookings: vec![ended(&left.remove(place))],
            ..pen.changes()
        };
        pen.commit(&store, changes).await.unwrap();
    }
    assert_eq!(pen.live(&store).await, []);
}

#[tokio::test]
async fn a_seat_passes_on_in_one_commit_and_is_never_taken_twice() {
    let store = MemoryStore::new();
    let mut pen = Pen::create(&store).await;
    let seat = SeatLabel::from("A-1");
    let [first, second, third] = [(); 3].map(|()| BookingId::from_uuid(RandomIds.next(SystemClock.now())));
    let taken = |pen: &Pen, by: &[BookingId]| Changes {
        taken: by.iter().map(|id| (seat.clone(), *id)).collect(),
        ..pen.changes()
    };
    let twice = taken(&pen, &[first, second]);
    assert!(!pen.commit(&store, twice).await.unwrap_err().is_transient());
    let once = taken(&pen, &[first]);
    pen.commit(&store, once).await.unwrap();
    let stolen = taken(&pen, &[second]);
    assert!(pen.commit(&store, stolen).await.is_err());
    let not_theirs = Changes {
        freed: vec![(seat.clone(), third)],
        ..taken(&pen, &[second])
    };
    assert!(pen.commit(&store, not_theirs).await.is_err());
    let passed_on = Changes {
        freed: vec![(seat.clone(), first)],
        ..taken(&pen, &[second])
    };
    assert_eq!(pen.commit(&store, passed_on).await.unwrap(), Committed::Done);
    let (_, seats) = store.taken_seats(pen.id()).await.unwrap().unwrap();
    assert_eq!(seats, [seat]);
}

#[tokio::test]
async fn a_deleted_draft_takes_no_late_commit_and_is_listed_nowhere() {
    let store = MemoryStore::new();
    let (mut pen, other) = (Pen::create(&store).await, Pen::create(&store).await);
    let late = pen.with_bookings(vec![pen.booking(user(), None)]);
    let deletion = Changes {
        event: Some(EventWrite::Delete),
        ..pen.changes()
    };
    assert_eq!(pen.commit(&store, deletion).await.unwrap(), Committed::Done);
    let outcome = pen.commit(&store, late).await.unwrap();
    assert_eq!(outcome, Committed::Conflict(Conflict::Version));
    assert_eq!(store.event(pen.id()).await.unwrap(), None);
    assert_eq!(store.event_ids(None, 1).await.unwrap(), [other.id()]);
}

#[tokio::test]
async fn an_event_with_bookings_is_not_deleted() {
    let store = MemoryStore::new();
    let mut pen = Pen::create(&store).await;
    let changes = pen.with_bookings(vec![pen.booking(user(), None)]);
    pen.commit(&store, changes).await.unwrap();
    let deletion = Changes {
        event: Some(EventWrite::Delete),
        ..pen.changes()
    };
    assert!(pen.commit(&store, deletion).await.is_err());
    assert!(store.event(pen.id()).await.unwrap().is_some());
}

#[tokio::test]
async fn an_event_is_named_once_in_a_commit() {
    let store = MemoryStore::new();
    let pen = Pen::create(&store).await;
    assert!(store.commit(&[pen.changes(), pen.changes()]).await.is_err());
}

#[tokio::test]
async fn a_closed_handle_fails_and_another_finds_what_was_kept() {
    let store = MemoryStore::new();
    let pen = Pen::create(&store).await;
    store.close().await;
    assert!(store.ping().await.is_err());
    assert!(store.event(pen.id()).await.is_err());
    let again = store.reopen();
    assert!(again.ping().await.is_ok());
    assert!(again.event(pen.id()).await.unwrap().is_some());
}

/// Runs a closure on each of some threads, all at once.
fn race<T: Send>(racers: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(racers);
    std::thread::scope(|scope| {
        let (run, barrier) = (&run, &barrier);
        let racers: Vec<_> = (0..racers)
            .map(|number| {
                scope.spawn(move || {
                    barrier.wait();
                    run(number)
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

/// Runs a future that never waits.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("the memory store never waits"),
    }
}

/// Where an event stands that only pens have written.
fn revision(store: &MemoryStore, pen: &Pen) -> Revision {
    Revision {
        version: now(store.event(pen.id())).unwrap().unwrap().version,
        writer: WriterId::NOBODY,
    }
}

#[test]
fn of_racing_commits_at_one_version_one_is_done() {
    let store = MemoryStore::new();
    let pen = now(Pen::create(&store));
    let outcomes = race(4, |_| {
        let changes = pen.with_bookings(vec![pen.booking(user(), None)]);
        now(store.commit(&[changes])).unwrap()[0]
    });
    let done = outcomes.iter().filter(|outcome| **outcome == Committed::Done);
    assert_eq!(done.count(), 1);
}

#[test]
fn commits_that_name_events_in_opposite_orders_do_not_wait_for_each_other_for_ever() {
    let store = MemoryStore::new();
    let (one, other) = (now(Pen::create(&store)), now(Pen::create(&store)));
    let done = race(2, |racer| {
        let mut done = 0;
        for _ in 0..2_000 {
            let read = |pen: &Pen| Changes {
                expected: revision(&store, pen),
                ..pen.changes()
            };
            let mut both = [read(&one), read(&other)];
            both.rotate_left(racer);
            let outcomes = now(store.commit(&both)).unwrap();
            done += outcomes
                .iter()
                .filter(|outcome| **outcome == Committed::Done)
                .count();
        }
        done as u64
    });
    let version = |pen: &Pen| now(store.event(pen.id())).unwrap().unwrap().version - 1;
    assert_eq!(done.iter().sum::<u64>(), version(&one) + version(&other));
}

#[test]
fn a_key_has_one_effect_whichever_of_its_owners_requests_comes_first() {
    let store = MemoryStore::new();
    let pen = now(Pen::create(&store));
    let ada = user();
    let done = race(4, |_| {
        for _ in 0..10_000 {
            let changes = Changes {
                expected: revision(&store, &pen),
                ..pen.with_bookings(vec![pen.booking(ada, Some(key("one")))])
            };
            match now(store.commit(&[changes])).unwrap()[0] {
                Committed::Done => return true,
                Committed::Conflict(Conflict::Key) => return false,
                Committed::Conflict(Conflict::Version) => {}
            }
        }
        false
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 1);
    assert_eq!(now(bookings_of(&store, ada)), 1);
}
