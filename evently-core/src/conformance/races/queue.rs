//! The waitlist while others book, cancel, join and leave.

use super::{ask, cancel, sold, together};
use crate::conformance::world::{World, settled};
use crate::domain::{Booking, BookingStatus, Caller, EntryStatus, EventId};
use crate::requests::{BookRequest, JoinRequest};
use std::{pin::Pin, sync::Arc};

type Step = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Fails if a place lies idle beside somebody who waits, fits and is not behind one for whom it is saved.
pub(crate) async fn assert_no_idle_place(world: &World, id: EventId) {
    let available = world.available(id).await;
    for placed in world.entries(id).await {
        if placed.entry.status != EntryStatus::Waiting {
            continue;
        }
        assert!(
            placed.entry.quantity > available,
            "{available} places lie idle beside {:?}",
            placed.entry
        );
        if placed.entry.is_starved() {
            return;
        }
    }
}

/// Fails if somebody was served while one who joined earlier and wanted no more still waits.
async fn assert_in_order(world: &World, id: EventId) {
    let entries = world.entries(id).await;
    for (index, late) in entries.iter().enumerate() {
        let waits = |early: &&crate::store::PlacedEntry| {
            early.entry.status == EntryStatus::Waiting && early.entry.quantity <= late.entry.quantity
        };
        if late.entry.status == EntryStatus::Converted {
            let passed = entries[..index].iter().find(waits);
            assert!(passed.is_none(), "{late:?} was served before {passed:?}");
        }
    }
}

pub(crate) async fn nobody_who_joins_is_passed_and_no_place_lies_idle(world: World) {
    let other = world.second_engine();
    for _ in 0..3 {
        let id = world.general(12).await;
        let mut live: Vec<Arc<Booking>> = Vec::new();
        for _ in 0..12 {
            live.push(sold(&world, &world.user(), id, 1).await);
        }
        let mut steps: Vec<Step> = Vec::new();
        for turn in 0..30_u32 {
            let engine = if turn % 2 == 0 {
                world.evently.clone()
            } else {
                other.clone()
            };
            let by = world.user();
            let request = BookRequest::quantity(turn % 3 + 1).or_waitlist();
            steps.push(Box::pin(async move {
                ask(engine, by, id, request)
                    .await
                    .expect("a booking or a place on the waitlist");
            }));
        }
        for booking in live {
            let (engine, owner) = (other.clone(), Caller::user(booking.user_id));
            steps.push(Box::pin(async move {
                cancel(engine, owner, booking).await;
            }));
        }
        together(steps).await;
        assert_no_idle_place(&world, id).await;
        assert_in_order(&world, id).await;
    }
}

pub(crate) async fn who_leaves_while_being_served_is_either(world: World) {
    let other = world.second_engine();
    for _ in 0..10 {
        let (id, by) = (world.general(1).await, world.user());
        let booking = sold(&world, &world.user(), id, 1).await;
        let mut entries = Vec::new();
        for by in [by, world.user()] {
            let placed = ask(
                world.evently.clone(),
                by,
                id,
                BookRequest::quantity(1).or_waitlist(),
            )
            .await;
            entries.push(placed.unwrap().entry().unwrap().id);
        }
        let (engine, entry) = (world.evently.clone(), entries[0]);
        let leave: Step = Box::pin(async move {
            let _ = settled(|| engine.leave(&by, entry)).await;
        });
        let (engine, owner) = (other.clone(), Caller::user(booking.user_id));
        let free: Step = Box::pin(async move {
            cancel(engine, owner, booking).await;
        });
        together([leave, free]).await;
        let statuses = (
            world.entry(entries[0]).await.status,
            world.entry(entries[1]).await.status,
        );
        use EntryStatus::{Converted, Left, Waiting};
        assert!(
            matches!(statuses, (Left, Converted) | (Converted, Waiting)),
            "{statuses:?}"
        );
        assert_eq!(world.available(id).await, 0);
    }
}

pub(crate) async fn a_user_joins_once_however_hurried(world: World) {
    let engines = [world.evently.clone(), world.second_engine()];
    let id = world.general(1).await;
    sold(&world, &world.user(), id, 1).await;
    for _ in 0..6 {
        let by = world.user();
        let callers = (0..10).map(|turn: usize| {
            let engine = engines[turn % 2].clone();
            async move {
                let request = JoinRequest {
                    key: Some(crate::conformance::world::key(&format!("j-{turn}"))),
                    ..JoinRequest::quantity(1)
                };
                settled(|| engine.join(&by, id, request.clone())).await.is_ok()
            }
        });
        let joined = together(callers)
            .await
            .into_iter()
            .filter(|joined| *joined)
            .count();
        assert_eq!(joined, 1);
    }
    assert_eq!(world.entries(id).await.len(), 6);
}

pub(crate) async fn growing_and_cancelling_serve_nobody_twice(world: World) {
    let id = world.general(6).await;
    let mut live = Vec::new();
    for _ in 0..6 {
        live.push(sold(&world, &world.user(), id, 1).await);
    }
    for _ in 0..20 {
        ask(
            world.evently.clone(),
            world.user(),
            id,
            BookRequest::quantity(1).or_waitlist(),
        )
        .await
        .unwrap();
    }
    let mut steps: Vec<Step> = Vec::new();
    for booking in live {
        let (engine, owner) = (world.second_engine(), Caller::user(booking.user_id));
        steps.push(Box::pin(async move {
            cancel(engine, owner, booking).await;
        }));
    }
    let grower = world.clone();
    steps.push(Box::pin(async move {
        for capacity in 7..=10 {
            let draft = |event: &crate::domain::Event| {
                let mut draft = crate::domain::EventDraft::of(event);
                draft.sections[0].seating = crate::domain::SeatingDraft::General { capacity };
                draft
            };
            let event = grower.listing(id).await.event;
            // Whether this or an unanswered earlier try did it, the capacity is what it should be then.
            let changed = settled(|| {
                grower
                    .evently
                    .change_event(&grower.admin, id, event.version, draft(&event))
            });
            let _ = changed.await;
            assert_eq!(grower.listing(id).await.counts[0].capacity, capacity);
        }
    }));
    together(steps).await;
    let entries = world.entries(id).await;
    let served = entries
        .iter()
        .filter(|it| it.entry.status == EntryStatus::Converted)
        .count();
    assert_eq!((served, world.available(id).await), (10, 0));
    let live = world.bookings(id).await;
    assert_eq!(
        live.iter()
            .filter(|it| it.status == BookingStatus::Confirmed)
            .count(),
        10
    );
    assert_in_order(&world, id).await;
}
