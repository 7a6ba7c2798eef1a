//! What needs a hand inside: a committer that dies before the indexes are written, a script that is not known.

use crate::commit::{self, Indexing};
use crate::connection::{Connection, Place};
use crate::data::Data;
use crate::keys::{self, Part};
use crate::{RedisOptions, RedisStore};
use evently_core::clock::{IdSource, RandomIds};
use evently_core::domain::{
    Booking, BookingFilter, Event, EventDraft, EventId, PageRequest, UserId, WriterId,
};
use evently_core::ledger::{self, Changes, Need};
use evently_core::requests::BookRequest;
use evently_core::store::{Committed, StoreError};
use evently_core::{Caller, Evently, Timestamp};
use evently_testing::redis::{Options, Server};
use std::sync::Arc;
use std::time::Duration;

/// A server, an engine on it, and an event with one booking.
struct Hall {
    server: Server,
    evently: Evently,
    event: EventId,
    booking: Arc<Booking>,
}

impl Hall {
    async fn open() -> Self {
        let server = Server::start(Options::default()).await;
        let store = RedisStore::open(server.url(), RedisOptions::default())
            .await
            .unwrap();
        let evently = Evently::builder(Arc::new(store)).build();
        let event = make_event(&evently).await;
        let ada = Caller::user(UserId::from_uuid(evently.new_id()));
        let placed = evently.book(&ada, event, BookRequest::quantity(1)).await.unwrap();
        let booking = Arc::clone(placed.booking().unwrap());
        Self {
            server,
            evently,
            event,
            booking,
        }
    }

    async fn make_event(&self) -> EventId {
        make_event(&self.evently).await
    }

    async fn connect(&self) -> Connection {
        let place = Place::parse(self.server.url()).unwrap();
        Connection::open(&place, Duration::from_secs(5)).await.unwrap()
    }

    /// Commits a booking as somebody does who dies at once: announced and stored, found only as `indexing` says.
    async fn booked_by_the_dead(&self, indexing: Indexing) -> Booking {
        let data = Data::new(self.connect().await);
        let snapshot = data
            .load(&[Need::event(self.event)])
            .await
            .unwrap()
            .pop()
            .unwrap()
            .unwrap();
        let id = RandomIds.next(Timestamp::UNIX_EPOCH);
        let booking = Booking {
            id: evently_core::domain::BookingId::from_uuid(id),
            ..(*self.booking).clone()
        };
        let mut counts = snapshot.counts;
        counts[0].sold += 1;
        let changes = Changes {
            event_id: self.event,
            expected: snapshot.revision,
            writer: WriterId::NOBODY,
            event: None,
            counts,
            stats: snapshot.stats,
            due_at: snapshot.due_at,
            next_seq: snapshot.next_seq,
            new_bookings: vec![Arc::new(booking.clone())],
            changed_bookings: Vec::new(),
            new_entries: Vec::new(),
            changed_entries: Vec::new(),
            freed: Vec::new(),
            taken: Vec::new(),
            sales: Vec::new(),
        };
        let announcement = data.announced.announce([self.event].into_iter()).unwrap();
        let commit = commit::command(&changes, indexing).unwrap();
        data.connection
            .ask_every(vec![announcement, commit])
            .await
            .unwrap();
        booking
    }

    /// Whether both indexes have it.
    async fn is_found(&self, booking: &Booking) -> bool {
        let store = self.evently.store();
        let listed =
            store.bookings_of_user(booking.user_id, BookingFilter::default(), PageRequest::default());
        let by_user = listed
            .await
            .unwrap()
            .items
            .iter()
            .any(|listed| listed.id == booking.id);
        let by_id = store.booking(booking.id).await.unwrap().is_some();
        by_user && by_id
    }
}

async fn make_event(evently: &Evently) -> EventId {
    let start = evently.now() + Duration::from_secs(86_400);
    let end = start + Duration::from_secs(60);
    let draft = EventDraft::general("Lighthouse", "Harbour hall", start, end, 9);
    let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
    evently.create_event(&admin, draft).await.unwrap().event.id
}

/// On one server a committer that dies at once leaves nothing to be written.
#[tokio::test]
async fn one_server_writes_what_is_found_by_user_and_id_in_the_commit() {
    let hall = Hall::open().await;
    let booking = hall.booked_by_the_dead(Indexing::Within).await;
    assert!(hall.is_found(&booking).await);
    let mut outbox = redis::cmd("EXISTS");
    outbox.arg(keys::event(hall.event, Part::Outbox));
    let answers = hall.connect().await.ask_every(vec![outbox]).await.unwrap();
    assert_eq!(answers, [redis::Value::Int(0)]);
}

#[tokio::test]
async fn whoever_loads_writes_what_a_dead_committer_left() {
    let hall = Hall::open().await;
    let booking = hall.booked_by_the_dead(Indexing::Afterwards).await;
    hall.evently
        .store()
        .load(&[Need::event(hall.event)])
        .await
        .unwrap();
    assert!(hall.is_found(&booking).await);
}

#[tokio::test]
async fn a_sweep_writes_what_a_dead_committer_left() {
    let hall = Hall::open().await;
    let booking = hall.booked_by_the_dead(Indexing::Afterwards).await;
    // The store's own sweep comes every few seconds.
    let found = async {
        while !hall.is_found(&booking).await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found)
        .await
        .expect("swept");
}

/// On a cluster an event is announced some time before it is stored, and may be swept in between.
#[tokio::test]
async fn a_sweep_takes_no_event_out_of_the_catalogue_that_is_just_made() {
    let hall = Hall::open().await;
    let data = Data::new(hall.connect().await);
    let store = hall.evently.store();
    let model = store.event(hall.event).await.unwrap().unwrap().event;
    let id = EventId::from_uuid(hall.evently.new_id());
    let left = data.left_over(id).await.unwrap();
    let event = Event {
        id,
        ..(*model).clone()
    };
    let (changes, _) = ledger::create(event);
    assert_eq!(store.commit(&[changes]).await.unwrap(), [Committed::Done]);
    data.write(id, left).await.unwrap();
    let listed = store.event_ids(None, 9).await.unwrap();
    assert_eq!(listed, [hall.event, id]);
}

/// What was deleted by somebody who died at once is taken out of the catalogue.
#[tokio::test]
async fn a_sweep_takes_out_of_the_catalogue_what_is_no_more() {
    let hall = Hall::open().await;
    let gone = hall.make_event().await;
    let data = Data::new(hall.connect().await);
    let mut delete = redis::cmd("DEL");
    delete.arg(keys::event_parts(gone).as_slice());
    data.connection.ask(delete).await.unwrap();
    data.sweep().await.unwrap();
    let listed = hall.evently.store().event_ids(None, 9).await.unwrap();
    assert_eq!(listed, [hall.event]);
}

#[tokio::test]
async fn a_script_that_the_server_forgot_is_loaded_again() {
    let hall = Hall::open().await;
    let place = Place::parse(hall.server.url()).unwrap();
    let other = Connection::open(&place, Duration::from_secs(5)).await.unwrap();
    let mut flush = redis::cmd("SCRIPT");
    flush.arg("FLUSH");
    other.ask(flush).await.unwrap();
    let ada = Caller::user(UserId::from_uuid(hall.evently.new_id()));
    hall.evently
        .book(&ada, hall.event, BookRequest::quantity(1))
        .await
        .unwrap();
}

/// The second wall: what no ledger may write is refused by the script, and nothing of it is written.
#[tokio::test]
async fn an_id_in_use_is_refused_for_good_and_leaves_no_trace() {
    let hall = Hall::open().await;
    let store = hall.evently.store();
    let load = async || {
        store
            .load(&[Need::event(hall.event)])
            .await
            .unwrap()
            .pop()
            .unwrap()
            .unwrap()
    };
    let before = load().await;
    let changes = Changes {
        event_id: hall.event,
        expected: before.revision,
        writer: WriterId::NOBODY,
        event: None,
        counts: before.counts.clone(),
        stats: before.stats,
        due_at: None,
        next_seq: before.next_seq,
        new_bookings: vec![Arc::clone(&hall.booking)],
        changed_bookings: Vec::new(),
        new_entries: Vec::new(),
        changed_entries: Vec::new(),
        freed: Vec::new(),
        taken: Vec::new(),
        sales: Vec::new(),
    };
    let refused: StoreError = store.commit(std::slice::from_ref(&changes)).await.unwrap_err();
    assert!(!refused.is_transient(), "{refused}");
    assert_eq!(refused.to_string(), "redis: the id of a new booking is in use");
    assert_eq!(load().await, before);
    let mut oversold = Changes {
        new_bookings: Vec::new(),
        ..changes
    };
    oversold.counts[0].sold = 10;
    assert!(
        !store
            .commit(&[oversold.clone()])
            .await
            .unwrap_err()
            .is_transient()
    );
    oversold.counts[0].sold = 1;
    assert_eq!(store.commit(&[oversold]).await.unwrap(), vec![Committed::Done]);
}

/// The server restarted, or ends connections that idle.
#[tokio::test]
async fn what_only_reads_is_asked_again_after_a_cut_connection() {
    let hall = Hall::open().await;
    let store = hall.evently.store();
    let place = Place::parse(hall.server.url()).unwrap();
    let knife = Connection::open(&place, Duration::from_secs(5)).await.unwrap();
    for _ in 0..3 {
        let mut cut = redis::cmd("CLIENT");
        cut.arg("KILL").arg("TYPE").arg("normal").arg("SKIPME").arg("yes");
        knife.ask(cut).await.unwrap();
        let event = store.event(hall.event).await.unwrap().unwrap().event;
        assert_eq!(event.id, hall.event);
        store.ping().await.unwrap();
    }
}

#[tokio::test]
async fn a_closed_store_refuses() {
    let hall = Hall::open().await;
    let store = hall.evently.store();
    store.close().await;
    let refused = store.ping().await.unwrap_err();
    assert!(!refused.is_transient());
    assert_eq!(refused.to_string(), "redis: the store is closed");
}
