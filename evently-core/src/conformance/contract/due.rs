//! What is due: holds that are over, events with something due, bookings that still take capacity.

use super::raw::Raw;
use crate::conformance::world::World;
use crate::domain::{Booking, BookingId, BookingStatus};
use crate::ledger::Need;
use std::{collections::BTreeSet, sync::Arc};

pub(crate) async fn holds_are_due_first_over_first(world: World) {
    let mut raw = Raw::general(&world, 90).await;
    let ada = world.user();
    let over_in = [30, 10, 20, 10, 40, 50];
    let holds: Vec<Booking> = over_in
        .iter()
        .map(|seconds| raw.hold(&world, &ada, 1, world.in_seconds(*seconds)))
        .collect();
    let mut others = vec![raw.booking(&world, &ada, 1)];
    for status in [BookingStatus::Expired, BookingStatus::Cancelled] {
        others.push(Booking {
            status,
            ..raw.hold(&world, &ada, 1, world.in_seconds(5))
        });
    }
    raw.write(raw.with_bookings([holds.clone(), others].concat()))
        .await;

    let due = |seconds| Need {
        due: Some(world.in_seconds(seconds)),
        ..raw.need()
    };
    let nothing = raw.load(due(9)).await.due.expect("asked for");
    assert_eq!(
        (nothing.bookings, nothing.later),
        (vec![], Some(world.in_seconds(10)))
    );

    // An instant that has come counts as over.
    let some = raw.load(due(30)).await.due.expect("asked for");
    let mut expected: Vec<_> = [0, 1, 2, 3].map(|index| Arc::new(holds[index].clone())).into();
    expected.sort_by_key(|hold| (hold.hold_expires_at, hold.id));
    assert_eq!(
        (some.bookings, some.later),
        (expected, Some(world.in_seconds(40)))
    );

    let all = raw.load(due(50)).await.due.expect("asked for");
    assert_eq!((all.bookings.len(), all.later), (6, None));
}

pub(crate) async fn due_holds_come_a_batch_at_a_time(world: World) {
    let mut raw = Raw::general(&world, 1000).await;
    let many = Need::BATCH + 8;
    let at = world.in_seconds(60);
    let holds: Vec<Booking> = (0..many)
        .map(|_| raw.hold(&world, &world.user(), 1, at))
        .collect();
    let mut ids: Vec<BookingId> = holds.iter().map(|hold| hold.id).collect();
    raw.write(raw.with_bookings(holds)).await;

    let need = Need {
        due: Some(at),
        ..raw.need()
    };
    let due = raw.load(need).await.due.expect("asked for");
    ids.sort_unstable();
    ids.truncate(Need::BATCH);
    assert_eq!(due.bookings.iter().map(|hold| hold.id).collect::<Vec<_>>(), ids);
    assert_eq!(due.later, Some(at), "the rest is due at once");
}

pub(crate) async fn live_bookings_are_those_that_take_capacity(world: World) {
    let mut raw = Raw::general(&world, 90).await;
    let ada = world.user();
    let bookings: Vec<Booking> = BookingStatus::ALL
        .into_iter()
        .map(|status| Booking {
            status,
            ..raw.booking(&world, &ada, 1)
        })
        .collect();
    raw.write(raw.with_bookings(bookings)).await;
    let need = Need {
        live: true,
        ..raw.need()
    };
    let live = raw.load(need).await.live.expect("asked for");
    assert_eq!(live.len(), 2);
    assert!(live.iter().all(|booking| booking.status.takes_capacity()));
}

pub(crate) async fn live_bookings_come_a_batch_at_a_time(world: World) {
    let mut raw = Raw::general(&world, 1000).await;
    let many = Need::BATCH + 8;
    let made: Vec<Booking> = (0..many).map(|_| raw.booking(&world, &world.user(), 1)).collect();
    let ids: BTreeSet<BookingId> = made.iter().map(|booking| booking.id).collect();
    raw.write(raw.with_bookings(made)).await;
    let need = Need {
        live: true,
        ..raw.need()
    };
    let live = raw.load(need).await.live.expect("asked for");
    assert_eq!(live.len(), Need::BATCH, "so many that there may be more");
    let listed: BTreeSet<BookingId> = live.iter().map(|booking| booking.id).collect();
    assert!(listed.len() == live.len() && listed.is_subset(&ids));
}

pub(crate) async fn events_are_due_first_due_first(world: World) {
    let mut ids = Vec::new();
    for seconds in [Some(30), Some(10), None, Some(20), Some(40)] {
        let mut raw = Raw::general(&world, 5).await;
        let mut changes = raw.changes();
        changes.due_at = seconds.map(|seconds| world.in_seconds(seconds));
        raw.write(changes).await;
        ids.push(raw.event.id);
    }
    let due = |seconds: u64, limit| world.store.due_events(world.in_seconds(seconds), limit);
    assert_eq!(due(9, 10).await.unwrap(), vec![]);
    assert_eq!(due(30, 10).await.unwrap(), vec![ids[1], ids[3], ids[0]]);
    assert_eq!(due(90, 2).await.unwrap(), vec![ids[1], ids[3]]);
    assert_eq!(due(90, 10).await.unwrap().len(), 4);
}

pub(crate) async fn an_event_is_due_by_its_last_commit(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    for (due_in, listed) in [
        (Some(10), true),
        (Some(90), false),
        (None, false),
        (Some(5), true),
    ] {
        let mut changes = raw.changes();
        changes.due_at = due_in.map(|seconds| world.in_seconds(seconds));
        raw.write(changes).await;
        let due = world.store.due_events(world.in_seconds(60), 10).await.unwrap();
        assert_eq!(due.contains(&raw.event.id), listed, "due in {due_in:?}");
    }
}
