//! Many want the same: the last ticket, the same seat, the same key.

use super::{ask, cancel, sold, together};
use crate::conformance::world::{World, booking_of, key, row, stalls};
use crate::domain::{Booking, BookingStatus, Caller, EventDraft, EventId, Policy};
use crate::requests::{BookRequest, Placed};
use crate::{Evently, Refusal};
use std::{collections::BTreeSet, sync::Arc};

fn bookings(answers: &[Result<Placed, Refusal>]) -> Vec<Arc<Booking>> {
    answers
        .iter()
        .flatten()
        .filter_map(|placed| placed.booking().cloned())
        .collect()
}

async fn assert_sold(world: &World, id: EventId, places: u32) {
    let count = world.listing(id).await.counts[0];
    assert_eq!((count.sold, count.held), (places, 0));
    let live = world.bookings(id).await;
    let live = live.iter().filter(|it| it.status == BookingStatus::Confirmed);
    assert_eq!(live.map(|it| it.quantity()).sum::<u32>(), places);
}

pub(crate) async fn the_last_ticket_is_sold_once(world: World) {
    for _ in 0..10 {
        let id = world.general(1).await;
        let callers = (0..16).map(|_| ask(world.evently.clone(), world.user(), id, BookRequest::quantity(1)));
        let answers = together(callers).await;
        assert_eq!(bookings(&answers).len(), 1);
        let refused = answers.into_iter().filter_map(Result::err);
        assert!(
            refused
                .into_iter()
                .all(|it| it == Refusal::SoldOut { available: 0 })
        );
        assert_sold(&world, id, 1).await;
    }
}

pub(crate) async fn a_rush_sells_every_ticket_and_no_more(world: World) {
    let id = world.general(60).await;
    let callers = (0..150_u32).map(|turn| {
        let quantity = if turn % 3 == 0 { turn % 2 + 2 } else { 1 };
        ask(
            world.evently.clone(),
            world.user(),
            id,
            BookRequest::quantity(quantity),
        )
    });
    let answers = together(callers).await;
    let got: u32 = bookings(&answers).iter().map(|it| it.quantity()).sum();
    // A hundred wanted one ticket: had a place been left, one of those would have got it.
    assert_eq!(got, 60);
    assert_sold(&world, id, 60).await;
}

pub(crate) async fn a_request_that_fits_is_not_refused(world: World) {
    let id = world.general(64).await;
    let callers = (0..64).map(|_| ask(world.evently.clone(), world.user(), id, BookRequest::quantity(1)));
    let answers = together(callers).await;
    assert_eq!(bookings(&answers).len(), 64, "there was room for all");
    assert_sold(&world, id, 64).await;
}

pub(crate) async fn two_engines_on_one_store_do_not_oversell(world: World) {
    let engines = [
        world.evently.clone(),
        world.second_engine(),
        world.second_engine(),
    ];
    for _ in 0..4 {
        let id = world.general(30).await;
        let callers = (0..90).map(|turn: usize| {
            ask(
                engines[turn % 3].clone(),
                world.user(),
                id,
                BookRequest::quantity(1),
            )
        });
        let answers = together(callers).await;
        assert_eq!(bookings(&answers).len(), 30);
        assert_sold(&world, id, 30).await;
    }
}

pub(crate) async fn many_small_events_each_sell_out_exactly(world: World) {
    let mut events = Vec::new();
    for turn in 0..24 {
        events.push(world.general(turn % 3 + 1).await);
    }
    let engines = [world.evently.clone(), world.second_engine()];
    let callers = (0..192).map(|turn: usize| {
        let (engine, id) = (engines[turn % 2].clone(), events[turn % 24]);
        ask(engine, world.user(), id, BookRequest::quantity(1))
    });
    let answers = together(callers).await;
    assert_eq!(bookings(&answers).len(), 48);
    for (id, turn) in events.into_iter().zip(0..) {
        assert_sold(&world, id, turn % 3 + 1).await;
    }
}

async fn hall(world: &World, rows: &[(&str, u32)]) -> EventId {
    let rows = rows.iter().map(|&(label, seats)| row(label, seats)).collect();
    world
        .create(EventDraft {
            sections: vec![stalls(rows)],
            ..world.draft(1)
        })
        .await
        .id
}

fn seats_of(bookings: &[Arc<Booking>]) -> Vec<String> {
    let items = bookings.iter().flat_map(|booking| &booking.items);
    items
        .flat_map(|item| &item.seats)
        .map(ToString::to_string)
        .collect()
}

pub(crate) async fn a_seat_is_sold_once(world: World) {
    let engines = [world.evently.clone(), world.second_engine()];
    for _ in 0..6 {
        let id = hall(&world, &[("A", 4)]).await;
        let callers = (0..16).map(|turn: usize| {
            // Each pair overlaps with its neighbours.
            let wanted = [["A-1", "A-2"], ["A-2", "A-3"], ["A-3", "A-4"]][turn % 3];
            ask(
                engines[turn % 2].clone(),
                world.user(),
                id,
                BookRequest::seats(wanted),
            )
        });
        let answers = together(callers).await;
        let got = seats_of(&bookings(&answers));
        let distinct: BTreeSet<&String> = got.iter().collect();
        assert_eq!(distinct.len(), got.len(), "{got:?}");
        assert!(got.len() >= 2, "somebody got a pair");
        for answer in answers {
            assert!(
                matches!(answer, Ok(_) | Err(Refusal::SeatTaken { .. })),
                "{answer:?}"
            );
        }
    }
}

pub(crate) async fn best_seats_given_at_once_are_never_the_same(world: World) {
    let id = hall(&world, &[("A", 10), ("B", 10), ("C", 10)]).await;
    let engines = [world.evently.clone(), world.second_engine()];
    let callers = (0..24).map(|turn: usize| {
        ask(
            engines[turn % 2].clone(),
            world.user(),
            id,
            BookRequest::quantity(2),
        )
    });
    let answers = together(callers).await;
    let got = seats_of(&bookings(&answers));
    let distinct: BTreeSet<&String> = got.iter().collect();
    assert_eq!(
        (got.len(), distinct.len()),
        (30, 30),
        "fifteen pairs, every seat once"
    );
}

pub(crate) async fn twins_with_one_key_have_one_effect(world: World) {
    let engines = [world.evently.clone(), world.second_engine()];
    let id = world.general(100).await;
    for turn in 0..8 {
        let by = world.user();
        let request = BookRequest::quantity(2).with_key(key(&format!("twin-{turn}")));
        let callers = (0..12).map(|turn: usize| ask(engines[turn % 2].clone(), by, id, request.clone()));
        let answers = together(callers).await;
        let made: BTreeSet<_> = answers
            .into_iter()
            .map(|answer| booking_of(answer.expect("a booking")).id)
            .collect();
        assert_eq!(made.len(), 1, "all twins are answered the same booking");
    }
    assert_sold(&world, id, 16).await;
}

pub(crate) async fn of_different_requests_with_one_key_one_has_an_effect(world: World) {
    let id = world.general(100).await;
    for turn in 0..8 {
        let by = world.user();
        let callers = (1..=6).map(|quantity| {
            let request = BookRequest::quantity(quantity).with_key(key(&format!("k-{turn}")));
            ask(world.evently.clone(), by, id, request)
        });
        let answers = together(callers).await;
        assert_eq!(bookings(&answers).len(), 1);
        let refused = answers.into_iter().filter_map(Result::err);
        assert!(refused.into_iter().all(|it| it == Refusal::IdempotencyMismatch));
    }
}

pub(crate) async fn the_limit_holds_for_a_user_in_a_hurry(world: World) {
    let policy = Policy {
        per_user_limit: Some(5),
        ..Policy::default()
    };
    let id = world
        .create(EventDraft {
            policy,
            ..world.draft(500)
        })
        .await
        .id;
    let engines = [world.evently.clone(), world.second_engine()];
    let users: Vec<Caller> = world.users(4);
    let callers = (0..64).map(|turn: usize| {
        let mut request = BookRequest::quantity(u32::try_from(turn % 2 + 1).unwrap());
        if turn.is_multiple_of(5) {
            request = request.held();
        }
        let engine: Evently = engines[turn % 2].clone();
        ask(engine, users[turn % 4], id, request)
    });
    together(callers).await;
    for user in users {
        let own = world.bookings(id).await;
        let own = own
            .iter()
            .filter(|it| it.user_id == user.user_id && it.status.takes_capacity());
        let tickets: u32 = own.map(|it| it.quantity()).sum();
        assert!((4..=5).contains(&tickets), "{tickets} of at most five");
    }
}

pub(crate) async fn a_booking_cancelled_many_times_frees_once(world: World) {
    let engines = [world.evently.clone(), world.second_engine()];
    let id = world.general(20).await;
    sold(&world, &world.user(), id, 10).await;
    for _ in 0..6 {
        let by = world.user();
        let booking = sold(&world, &by, id, 4).await;
        let callers = (0..12).map(|turn: usize| {
            let by = if turn.is_multiple_of(3) { world.admin } else { by };
            cancel(engines[turn % 2].clone(), by, Arc::clone(&booking))
        });
        let answers = together(callers).await;
        let ends: BTreeSet<_> = answers
            .iter()
            .map(|it| (it.ended_at, it.reason.is_some()))
            .collect();
        assert_eq!(ends.len(), 1, "one cancel won, the others saw it");
        assert_eq!(world.available(id).await, 10);
    }
}
