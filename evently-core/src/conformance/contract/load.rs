//! `load`: what a snapshot holds, need by need.

use super::raw::{Raw, fingerprint};
use crate::conformance::world::{World, key};
use crate::domain::{Booking, BookingStatus, Entry, EntryId, EntryStatus, EventId, EventStats, KeyUse};
use crate::ledger::{Need, Standing};
use std::sync::Arc;

pub(crate) async fn an_unknown_event_loads_as_nothing(world: World) {
    let need = Need::event(EventId::from_uuid(world.new_id()));
    assert_eq!(world.store.load(&[need]).await.unwrap(), vec![None]);
}

pub(crate) async fn no_needs_load_nothing(world: World) {
    assert_eq!(world.store.load(&[]).await.unwrap(), vec![]);
}

pub(crate) async fn snapshots_come_in_the_order_of_the_needs(world: World) {
    let (first, second) = (Raw::general(&world, 1).await, Raw::general(&world, 2).await);
    let nobody = Need::event(EventId::from_uuid(world.new_id()));
    for needs in [
        vec![first.need(), nobody.clone(), second.need()],
        vec![second.need(), first.need(), nobody],
    ] {
        let loaded = world.store.load(&needs).await.unwrap();
        assert_eq!(loaded.len(), needs.len());
        for (need, snapshot) in needs.iter().zip(&loaded) {
            let known = [first.event.id, second.event.id].contains(&need.event_id);
            assert_eq!(
                snapshot.as_ref().map(|it| it.event.id),
                known.then_some(need.event_id)
            );
        }
    }
}

pub(crate) async fn a_snapshot_has_event_version_counts_and_figures(world: World) {
    let mut raw = Raw::create(&world, &world.draft_of(&[("Floor", 10), ("Balcony", 5)])).await;
    let fresh = raw.load(raw.need()).await;
    assert_eq!((fresh.revision.version, &fresh.event), (1, &raw.event));
    assert_eq!(
        (fresh.due_at, fresh.next_seq, fresh.stats),
        (None, 1, EventStats::default())
    );

    let mut changes = raw.with_bookings(vec![raw.booking(&world, &world.user(), 3)]);
    changes.counts[1].waiting = 2;
    changes.counts[1].starved = 1;
    changes.stats = every_figure(&world);
    changes.due_at = Some(world.in_seconds(60));
    changes.next_seq = 9;
    raw.write(changes.clone()).await;

    let loaded = raw.load(raw.need()).await;
    assert_eq!(loaded.revision.version, 2);
    assert_eq!(loaded.counts, changes.counts);
    assert_eq!(loaded.stats, changes.stats);
    assert_eq!((loaded.due_at, loaded.next_seq), (changes.due_at, 9));
}

fn every_figure(world: &World) -> EventStats {
    EventStats {
        bookings: 1,
        cancellations: 2,
        tickets_cancelled: 3,
        revenue_minor: 4_000_000_000_000,
        offered: 5,
        converted: 6,
        lapsed: 7,
        declined: 8,
        left: 9,
        closed: 10,
        sold_out_at: Some(world.now()),
    }
}

pub(crate) async fn what_was_not_asked_for_is_not_loaded(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 4)])).await;
    let ada = world.user();
    let mut booking = raw.booking(&world, &ada, 1);
    booking.items[0].seats = vec!["A-1".into()];
    raw.write(raw.with_bookings(vec![booking])).await;
    let changes = raw.with_entries(vec![raw.entry(&world, &ada, 2, 1)]);
    raw.write(changes).await;

    let loaded = raw.load(raw.need()).await;
    assert!(loaded.users.is_empty() && loaded.keys.is_empty() && loaded.waitlist.is_empty());
    assert!(loaded.bookings.is_empty() && loaded.entries.is_empty());
    assert_eq!((loaded.taken_seats, loaded.due, loaded.live), (None, None, None));
}

pub(crate) async fn a_standing_counts_live_tickets_and_the_place_in_the_queue(world: World) {
    let mut raw = Raw::general(&world, 100).await;
    let (ada, bob, eve) = (world.user(), world.user(), world.user());
    let until = world.in_seconds(600);
    let ended = |status, booking: Booking| Booking { status, ..booking };
    raw.write(raw.with_bookings(vec![
        raw.booking(&world, &ada, 3),
        raw.hold(&world, &ada, 4, until),
        ended(BookingStatus::Cancelled, raw.booking(&world, &ada, 8)),
        ended(BookingStatus::Expired, raw.booking(&world, &ada, 16)),
        raw.booking(&world, &bob, 32),
    ]))
    .await;
    let left = Entry {
        status: EntryStatus::Left,
        ..raw.entry(&world, &ada, 1, 1)
    };
    let offered = Entry {
        status: EntryStatus::Offered,
        offer_expires_at: Some(until),
        ..raw.entry(&world, &bob, 1, 3)
    };
    let waiting = raw.entry(&world, &ada, 2, 2);
    raw.write(raw.with_entries(vec![left, waiting.clone(), offered.clone()]))
        .await;
    Raw::general(&world, 5).await;

    let users = vec![ada.user_id, bob.user_id, eve.user_id];
    let mut loaded = raw.load(Need { users, ..raw.need() }).await.users;
    loaded.sort_by_key(|(_, standing)| standing.tickets);
    let standing = |tickets, entry: Option<Entry>| Standing {
        tickets,
        entry: entry.map(Arc::new),
    };
    let expected = vec![
        (eve.user_id, standing(0, None)),
        (ada.user_id, standing(7, Some(waiting))),
        (bob.user_id, standing(32, Some(offered))),
    ];
    assert_eq!(loaded, expected);
}

pub(crate) async fn a_standing_is_of_one_event(world: World) {
    let (mut first, second) = (Raw::general(&world, 9).await, Raw::general(&world, 9).await);
    let ada = world.user();
    first
        .write(first.with_bookings(vec![first.booking(&world, &ada, 2)]))
        .await;
    first
        .write(first.with_entries(vec![first.entry(&world, &ada, 1, 1)]))
        .await;
    let need = Need {
        users: vec![ada.user_id],
        ..second.need()
    };
    assert_eq!(
        second.load(need).await.users,
        vec![(ada.user_id, Standing::default())]
    );
}

pub(crate) async fn a_key_leads_to_what_it_made(world: World) {
    let (mut raw, other) = (Raw::general(&world, 9).await, Raw::general(&world, 9).await);
    let (ada, bob) = (world.user(), world.user());
    let booking = Booking {
        key: Some((key("k-1"), fingerprint("one"))),
        ..raw.booking(&world, &ada, 2)
    };
    let entry = Entry {
        key: Some((key("k-2"), fingerprint("two"))),
        ..raw.entry(&world, &ada, 1, 1)
    };
    raw.write(raw.with_bookings(vec![booking.clone()])).await;
    raw.write(raw.with_entries(vec![entry.clone()])).await;

    let asked = [(ada, "k-1"), (ada, "k-2"), (ada, "k-3"), (bob, "k-1")];
    let keys: Vec<_> = asked.iter().map(|(by, text)| (by.user_id, key(text))).collect();
    let need = |raw: &Raw| Need {
        keys: keys.clone(),
        ..raw.need()
    };
    let loaded = raw.load(need(&raw)).await;
    let used = |index: usize| {
        let found = loaded.keys.iter().find(|(asked, _)| *asked == keys[index]);
        found.expect("every asked key is answered").1
    };
    assert_eq!(loaded.keys.len(), 4);
    assert_eq!(used(0), Some(KeyUse::Booking(booking.id)));
    assert_eq!(used(1), Some(KeyUse::Entry(entry.id)));
    assert_eq!((used(2), used(3)), (None, None), "keys are a user's own");
    assert_eq!(
        loaded.bookings,
        vec![Arc::new(booking)],
        "what a key made comes along"
    );
    assert_eq!(loaded.entries, vec![Arc::new(entry)]);

    let elsewhere = other.load(need(&other)).await;
    assert!(
        elsewhere.keys.iter().all(|(_, used)| used.is_none()),
        "keys are an event's own"
    );
}

pub(crate) async fn a_key_lives_as_long_as_its_booking(world: World) {
    let mut raw = Raw::general(&world, 9).await;
    let ada = world.user();
    let booking = Booking {
        key: Some((key("k-1"), fingerprint("one"))),
        ..raw.booking(&world, &ada, 2)
    };
    raw.write(raw.with_bookings(vec![booking.clone()])).await;
    let ended = Arc::new(Booking {
        status: BookingStatus::Cancelled,
        ended_at: Some(world.now()),
        ..booking
    });
    let mut changes = raw.changes();
    changes.counts[0].sold = 0;
    changes.changed_bookings.push(Arc::clone(&ended));
    raw.write(changes).await;
    let need = Need {
        keys: vec![(ada.user_id, key("k-1"))],
        ..raw.need()
    };
    assert_eq!(raw.load(need).await.bookings, vec![ended]);
}

pub(crate) async fn asked_bookings_and_entries_of_other_events_are_left_out(world: World) {
    let (mut first, mut second) = (Raw::general(&world, 9).await, Raw::general(&world, 9).await);
    let ada = world.user();
    let (here, there) = (first.booking(&world, &ada, 1), second.booking(&world, &ada, 1));
    let (waits, elsewhere) = (first.entry(&world, &ada, 1, 1), second.entry(&world, &ada, 1, 1));
    first.write(first.with_bookings(vec![here.clone()])).await;
    first.write(first.with_entries(vec![waits.clone()])).await;
    second.write(second.with_bookings(vec![there.clone()])).await;
    second.write(second.with_entries(vec![elsewhere.clone()])).await;

    let need = Need {
        bookings: vec![here.id, there.id],
        entries: vec![waits.id, elsewhere.id, EntryId::from_uuid(world.new_id())],
        ..first.need()
    };
    let loaded = first.load(need).await;
    assert_eq!(loaded.bookings, vec![Arc::new(here)]);
    assert_eq!(loaded.entries, vec![Arc::new(waits)]);
}

pub(crate) async fn asked_bookings_load_in_any_status(world: World) {
    let mut raw = Raw::general(&world, 90).await;
    let ada = world.user();
    let stored: Vec<Booking> = BookingStatus::ALL
        .into_iter()
        .map(|status| Booking {
            status,
            ..raw.booking(&world, &ada, 2)
        })
        .collect();
    raw.write(raw.with_bookings(stored.clone())).await;
    let need = Need {
        bookings: stored.iter().map(|booking| booking.id).collect(),
        ..raw.need()
    };
    let mut loaded = raw.load(need).await.bookings;
    loaded.sort_by_key(|booking| {
        BookingStatus::ALL
            .iter()
            .position(|status| *status == booking.status)
    });
    assert_eq!(loaded, stored.into_iter().map(Arc::new).collect::<Vec<_>>());
}

pub(crate) async fn taken_seats_are_loaded_when_asked_for(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 4), ("B", 4)])).await;
    let need = Need {
        seats: true,
        ..raw.need()
    };
    assert_eq!(raw.load(need.clone()).await.taken_seats, Some(vec![]));

    let mut booking = raw.booking(&world, &world.user(), 2);
    booking.items[0].seats = vec!["A-2".into(), "B-4".into()];
    raw.write(raw.with_bookings(vec![booking])).await;
    let mut taken = raw.load(need).await.taken_seats.expect("asked for");
    taken.sort_unstable();
    assert_eq!(taken, vec!["A-2".into(), "B-4".into()]);
}

pub(crate) async fn what_one_need_asks_at_once_comes_at_once(world: World) {
    let mut raw = Raw::create(&world, &world.draft_seated(&[("A", 8)])).await;
    let ada = world.user();
    let mut booking = Booking {
        key: Some((key("k"), fingerprint("k"))),
        ..raw.hold(&world, &ada, 1, world.in_seconds(5))
    };
    booking.items[0].seats = vec!["A-1".into()];
    raw.write(raw.with_bookings(vec![booking.clone()])).await;
    raw.write(raw.with_entries(vec![raw.entry(&world, &ada, 9, 1)]))
        .await;
    let need = Need {
        users: vec![ada.user_id],
        keys: vec![(ada.user_id, key("k"))],
        bookings: vec![booking.id],
        seats: true,
        due: Some(world.in_seconds(5)),
        live: true,
        ..raw.need()
    };
    let loaded = raw.load(need).await;
    let booking = Arc::new(booking);
    assert!(loaded.bookings.contains(&booking));
    assert_eq!(loaded.due.unwrap().bookings, vec![Arc::clone(&booking)]);
    assert_eq!(loaded.live.unwrap(), vec![booking]);
    assert_eq!(loaded.taken_seats.unwrap(), vec!["A-1".into()]);
    assert_eq!((loaded.users.len(), loaded.keys.len()), (1, 1));
}
