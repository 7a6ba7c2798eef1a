//! `commit`: everything or nothing, only on the version that was decided on.

use super::raw::{KEY_CONFLICT, Raw, VERSION_CONFLICT, fingerprint, key_need};
use crate::conformance::world::{World, key};
use crate::domain::{
    Booking, BookingFilter, BookingStatus, Entry, EntryFilter, EntryStatus, Event, EventDraft, EventFilter,
    EventStatus, PageRequest, WriterId,
};
use crate::ledger::{Changes, EventWrite, Revision};
use crate::store::Committed;
use std::sync::Arc;

pub(crate) async fn a_commit_raises_the_version_by_one(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    for version in 1..5 {
        assert_eq!(raw.load(raw.need()).await.revision.version, version);
        assert_eq!(
            world.store.event(raw.event.id).await.unwrap().unwrap().version,
            version
        );
        raw.write(raw.changes()).await;
    }
}

pub(crate) async fn a_commit_says_who_made_it(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let owner = raw.writer;
    for writer in [owner, WriterId::from_uuid(world.new_id()), owner] {
        let version = raw.revision.version + 1;
        let changes = Changes {
            writer,
            ..raw.with_bookings(vec![raw.booking(&world, &world.user(), 1)])
        };
        raw.write(changes).await;
        assert_eq!(raw.load(raw.need()).await.revision, Revision { version, writer });
    }
}

/// What a storage that lost a commit and went on would otherwise let happen: the number is right, the rest is not.
pub(crate) async fn another_writers_commit_of_the_same_number_is_another(world: World) {
    let mut raw = Raw::general(&world, 9).await;
    raw.write(raw.changes()).await;
    let before = everything(&raw).await;
    let expected = Revision {
        writer: WriterId::from_uuid(world.new_id()),
        ..raw.revision
    };
    let booking = |raw: &Raw| raw.booking(&world, &world.user(), 1);
    let sale = raw.with_bookings(vec![booking(&raw)]);
    let change = Changes {
        event: Some(EventWrite::Put(Arc::clone(&raw.event))),
        ..raw.with_entries(vec![raw.entry(&world, &world.user(), 1, 1)])
    };
    for changes in [sale, change] {
        let changes = Changes { expected, ..changes };
        assert_eq!(raw.try_write(changes).await, VERSION_CONFLICT);
        assert_eq!(everything(&raw).await, before, "a conflict leaves no trace");
    }
}

pub(crate) async fn an_event_is_created_once(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let again = Raw::unwritten(&world, &world.draft(7)).creation();
    let mut usurper = (*raw.event).clone();
    usurper.name = "Another".to_owned();
    let changes = Changes {
        event_id: raw.event.id,
        event: Some(EventWrite::Put(Arc::new(usurper))),
        ..again
    };
    assert_eq!(raw.try_write(changes).await, VERSION_CONFLICT);
    assert_eq!(raw.load(raw.need()).await.event, raw.event);
}

pub(crate) async fn nothing_is_committed_to_an_unknown_event(world: World) {
    let mut raw = Raw::unwritten(&world, &world.draft(5));
    raw.revision.version = 3;
    let changes = raw.with_bookings(vec![raw.booking(&world, &world.user(), 1)]);
    let booking_id = changes.new_bookings[0].id;
    assert_eq!(raw.try_write(changes).await, VERSION_CONFLICT);
    assert_eq!(world.store.booking(booking_id).await.unwrap(), None);
    assert_eq!(world.store.event(raw.event.id).await.unwrap(), None);
}

pub(crate) async fn a_stale_version_writes_nothing(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 9)])).await;
    let (ada, stale) = (world.user(), raw.clone());
    let mut first = raw.booking(&world, &ada, 1);
    first.items[0].seats = vec!["A-1".into()];
    raw.write(raw.with_bookings(vec![first.clone()])).await;
    let before = everything(&raw).await;

    let mut booking = stale.booking(&world, &ada, 1);
    booking.items[0].seats = vec!["A-2".into()];
    let mut changes = stale.with_bookings(vec![booking]);
    changes
        .new_entries
        .push(Arc::new(stale.entry(&world, &ada, 2, 1)));
    changes.event = Some(EventWrite::Put(Arc::new(Event {
        name: "Renamed".to_owned(),
        ..(*stale.event).clone()
    })));
    changes.changed_bookings.push(Arc::new(Booking {
        status: BookingStatus::Cancelled,
        ..first.clone()
    }));
    changes.freed.push(("A-1".into(), first.id));
    changes.due_at = Some(world.now());
    changes.next_seq = 2;
    for version in [1, 3, 100] {
        let changes = Changes {
            expected: Revision {
                version,
                ..raw.revision
            },
            ..changes.clone()
        };
        assert_eq!(raw.try_write(changes).await, VERSION_CONFLICT);
        assert_eq!(everything(&raw).await, before, "a conflict leaves no trace");
    }
}

/// All that is stored of an event.
async fn everything(raw: &Raw) -> impl PartialEq + std::fmt::Debug + use<> {
    let (id, store) = (raw.event.id, &raw.store);
    let bookings = store.bookings_of_event(id, BookingFilter::default(), PageRequest::first(100));
    let entries = store.entries_of_event(id, EntryFilter::default(), PageRequest::first(100));
    let (bookings, entries) = (bookings.await.unwrap(), entries.await.unwrap());
    let audit = store.audit(id).await.unwrap();
    (raw.load(raw.need()).await, bookings, entries, audit)
}

pub(crate) async fn the_same_changes_twice_are_a_conflict(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let changes = raw.with_bookings(vec![raw.booking(&world, &world.user(), 2)]);
    raw.write(changes.clone()).await;
    assert_eq!(raw.try_write(changes).await, VERSION_CONFLICT);
    assert_eq!(raw.load(raw.need()).await.counts[0].sold, 2);
}

pub(crate) async fn a_used_key_is_a_conflict_and_writes_nothing(world: World) {
    let mut raw = Raw::general(&world, 50).await;
    let ada = world.user();
    let keyed = |text: &str, booking: Booking| Booking {
        key: Some((key(text), fingerprint(text))),
        ..booking
    };
    let waits = Entry {
        key: Some((key("k-2"), fingerprint("k-2"))),
        ..raw.entry(&world, &ada, 1, 1)
    };
    raw.write(raw.with_bookings(vec![keyed("k-1", raw.booking(&world, &ada, 1))]))
        .await;
    raw.write(raw.with_entries(vec![waits])).await;
    let before = everything(&raw).await;

    for text in ["k-1", "k-2"] {
        let fresh = raw.booking(&world, &ada, 1);
        let twin = keyed(text, raw.booking(&world, &ada, 1));
        assert_eq!(
            raw.try_write(raw.with_bookings(vec![fresh, twin])).await,
            KEY_CONFLICT
        );
        let twin = Entry {
            key: Some((key(text), fingerprint("other"))),
            ..raw.entry(&world, &ada, 1, 2)
        };
        assert_eq!(raw.try_write(raw.with_entries(vec![twin])).await, KEY_CONFLICT);
        assert_eq!(everything(&raw).await, before, "a conflict leaves no trace");
    }
}

pub(crate) async fn a_key_is_free_to_other_users_and_on_other_events(world: World) {
    let (mut raw, mut other) = (Raw::general(&world, 50).await, Raw::general(&world, 50).await);
    let (ada, bob) = (world.user(), world.user());
    let keyed = |booking: Booking| Booking {
        key: Some((key("same"), fingerprint("same"))),
        ..booking
    };
    raw.write(raw.with_bookings(vec![keyed(raw.booking(&world, &ada, 1))]))
        .await;
    raw.write(raw.with_bookings(vec![keyed(raw.booking(&world, &bob, 1))]))
        .await;
    other
        .write(other.with_bookings(vec![keyed(other.booking(&world, &ada, 1))]))
        .await;
    for (raw, by) in [(&raw, ada), (&raw, bob), (&other, ada)] {
        let loaded = raw.load(key_need(raw.need(), by.user_id, &key("same"))).await;
        assert_eq!(loaded.bookings.len(), 1);
        assert_eq!(loaded.bookings[0].user_id, by.user_id);
    }
}

pub(crate) async fn events_of_one_call_stand_apart(world: World) {
    let mut events = Vec::new();
    for _ in 0..4 {
        events.push(Raw::general(&world, 5).await);
    }
    let ada = world.user();
    let used = |raw: &Raw| Booking {
        key: Some((key("used"), fingerprint("used"))),
        ..raw.booking(&world, &ada, 1)
    };
    let first_use = events[3].with_bookings(vec![used(&events[3])]);
    events[3].write(first_use).await;

    let mut changes: Vec<_> = events[..3]
        .iter()
        .map(|raw| raw.with_bookings(vec![raw.booking(&world, &ada, 1)]))
        .collect();
    changes[1].expected.version = 9;
    changes.push(events[3].with_bookings(vec![used(&events[3])]));
    let fresh = Raw::unwritten(&world, &world.draft(3));
    changes.push(fresh.creation());

    let answers = world.store.commit(&changes).await.unwrap();
    let done = Committed::Done;
    assert_eq!(answers, vec![done, VERSION_CONFLICT, done, KEY_CONFLICT, done]);
    for (raw, sold) in events.iter().zip([1, 0, 1, 1]) {
        assert_eq!(raw.load(raw.need()).await.counts[0].sold, sold);
    }
    assert_eq!(fresh.load(fresh.need()).await.revision.version, 1);
}

pub(crate) async fn no_changes_commit_nothing(world: World) {
    assert_eq!(world.store.commit(&[]).await.unwrap(), vec![]);
}

pub(crate) async fn changed_bookings_and_entries_are_stored(world: World) {
    let mut raw = Raw::general(&world, 9).await;
    let ada = world.user();
    let hold = raw.hold(&world, &ada, 2, world.in_seconds(600));
    let entry = raw.entry(&world, &ada, 1, 1);
    raw.write(raw.with_bookings(vec![hold.clone()])).await;
    raw.write(raw.with_entries(vec![entry.clone()])).await;

    let confirmed = Arc::new(Booking {
        status: BookingStatus::Confirmed,
        hold_expires_at: None,
        payment_reference: Some("Überweisung 7/€".to_owned()),
        confirmed_at: Some(world.in_seconds(3)),
        ..hold
    });
    let offered = Arc::new(Entry {
        status: EntryStatus::Offered,
        passes: 4,
        booking_id: Some(confirmed.id),
        offer_expires_at: Some(world.in_seconds(900)),
        ..entry
    });
    let mut changes = raw.changes();
    (
        changes.counts[0].sold,
        changes.counts[0].held,
        changes.counts[0].waiting,
    ) = (2, 0, 0);
    changes.changed_bookings.push(Arc::clone(&confirmed));
    changes.changed_entries.push(Arc::clone(&offered));
    raw.write(changes).await;

    assert_eq!(world.booking(confirmed.id).await, confirmed);
    assert_eq!(world.entry(offered.id).await, offered);
}

pub(crate) async fn a_booking_may_be_made_and_ended_in_one_life(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 2)])).await;
    let ada = world.user();
    let mut first = raw.booking(&world, &ada, 1);
    first.items[0].seats = vec!["A-1".into()];
    raw.write(raw.with_bookings(vec![first.clone()])).await;

    // One commit gives the seat back and away again: freed comes before taken.
    let mut second = raw.booking(&world, &world.user(), 1);
    second.items[0].seats = vec!["A-1".into()];
    let mut changes = raw.changes();
    changes.freed.push(("A-1".into(), first.id));
    changes.taken.push(("A-1".into(), second.id));
    changes.changed_bookings.push(Arc::new(Booking {
        status: BookingStatus::Cancelled,
        ended_at: Some(world.now()),
        ..first
    }));
    changes.new_bookings.push(Arc::new(second.clone()));
    raw.write(changes).await;
    let audit = world.store.audit(raw.event.id).await.unwrap().unwrap();
    assert_eq!(audit.stored.seats, vec![("A-1".into(), second.id)]);
}

pub(crate) async fn a_changed_event_shows_everywhere(world: World) {
    let mut raw = Raw::general(&world, 9).await;
    let event = Arc::new(Event {
        name: "Harbour concert, second night".to_owned(),
        version: 2,
        updated_at: world.advance(5),
        ..(*raw.event).clone()
    });
    let mut changes = raw.changes();
    changes.event = Some(EventWrite::Put(Arc::clone(&event)));
    raw.write(changes).await;
    assert_eq!(raw.load(raw.need()).await.event, event);
    assert_eq!(world.store.event(event.id).await.unwrap().unwrap().event, event);
    let filter = EventFilter {
        text: Some("second night".to_owned()),
        ..EventFilter::all(world.now())
    };
    let found = world.store.events(&filter, PageRequest::default()).await.unwrap();
    assert_eq!(found.items.len(), 1);
    assert_eq!(found.items[0].event, event);
}

pub(crate) async fn a_deleted_draft_is_gone(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft_seated(&[("A", 9)])
    };
    let mut raw = Raw::create(&world, &draft).await;
    let mut changes = raw.changes();
    changes.event = Some(EventWrite::Delete);
    raw.write(changes.clone()).await;

    let id = raw.event.id;
    assert_eq!(world.store.load(&[raw.need()]).await.unwrap(), vec![None]);
    assert_eq!(world.store.event(id).await.unwrap(), None);
    assert_eq!(world.store.taken_seats(id).await.unwrap(), None);
    assert_eq!(world.store.audit(id).await.unwrap(), None);
    assert_eq!(world.store.figures(id).await.unwrap(), None);
    assert_eq!(world.store.event_ids(None, 10).await.unwrap(), vec![]);
    let filter = EventFilter {
        include_drafts: true,
        ..EventFilter::all(world.now())
    };
    let listed = world.store.events(&filter, PageRequest::default()).await.unwrap();
    assert_eq!(listed.items, vec![]);
    changes.expected.version = 2;
    assert_eq!(raw.try_write(changes).await, VERSION_CONFLICT);
}
