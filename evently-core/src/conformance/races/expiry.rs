//! Holds whose time comes while somebody uses them.

use super::{ask, together};
use crate::conformance::world::{World, booking_of, settled};
use crate::domain::{Booking, BookingStatus, Caller, EventDraft, EventId, Policy, WaitlistPolicy};
use crate::requests::BookRequest;
use crate::{Evently, Refusal};
use std::{pin::Pin, sync::Arc};

type Step = Pin<Box<dyn Future<Output = Result<BookingStatus, Refusal>> + Send>>;

async fn held(world: &World, by: Caller, id: EventId, quantity: u32) -> Arc<Booking> {
    let request = BookRequest::quantity(quantity).held();
    booking_of(ask(world.evently.clone(), by, id, request).await.expect("a hold"))
}

fn confirm(evently: Evently, by: Caller, hold: &Booking) -> Step {
    let id = hold.id;
    Box::pin(async move {
        settled(|| evently.confirm(&by, id, None))
            .await
            .map(|it| it.status)
    })
}

fn sweep(evently: Evently, id: EventId) -> Step {
    Box::pin(async move {
        settled(|| evently.sweep(id)).await.expect("an event");
        Ok(BookingStatus::Expired)
    })
}

fn release(evently: Evently, by: Caller, hold: &Booking) -> Step {
    let id = hold.id;
    Box::pin(async move { settled(|| evently.cancel(&by, id)).await.map(|it| it.status) })
}

pub(crate) async fn confirm_against_expire_has_one_winner(world: World) {
    let other = world.second_engine();
    for _ in 0..12 {
        let (id, by) = (world.general(3).await, world.user());
        let hold = held(&world, by, id, 3).await;
        world.advance(599);
        let clock = Arc::clone(&world.clock);
        let tick: Step = Box::pin(async move {
            clock.advance(std::time::Duration::from_secs(1));
            Ok(BookingStatus::Held)
        });
        let mut steps = vec![confirm(world.evently.clone(), by, &hold), tick];
        steps.extend((0..3).map(|_| sweep(other.clone(), id)));
        steps.push(confirm(other.clone(), by, &hold));
        together(steps).await;
        world.sweep(id).await;
        let status = world.status(hold.id).await;
        let count = world.listing(id).await.counts[0];
        match status {
            BookingStatus::Confirmed => assert_eq!((count.sold, count.held), (3, 0)),
            BookingStatus::Expired => assert_eq!((count.sold, count.held), (0, 0)),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) async fn an_expired_place_goes_to_one_of_many(world: World) {
    let other = world.second_engine();
    for _ in 0..8 {
        let (id, by) = (world.general(1).await, world.user());
        let hold = held(&world, by, id, 1).await;
        world.advance(600);
        let mut steps: Vec<Step> = vec![confirm(world.evently.clone(), by, &hold)];
        for turn in 0..10 {
            let engine = if turn % 2 == 0 {
                world.evently.clone()
            } else {
                other.clone()
            };
            let by = world.user();
            steps.push(Box::pin(async move {
                let answer = ask(engine, by, id, BookRequest::quantity(1)).await;
                answer.map(|placed| booking_of(placed).status)
            }));
        }
        let answers = together(steps).await;
        let sold = answers
            .iter()
            .flatten()
            .filter(|it| **it == BookingStatus::Confirmed)
            .count();
        assert_eq!(sold, 1, "{answers:?}");
        world.sweep(id).await;
        assert_eq!(world.status(hold.id).await, BookingStatus::Expired);
    }
}

pub(crate) async fn confirm_against_release_has_one_winner(world: World) {
    let other = world.second_engine();
    for _ in 0..12 {
        let (id, by) = (world.general(2).await, world.user());
        let hold = held(&world, by, id, 2).await;
        let steps = [
            confirm(world.evently.clone(), by, &hold),
            release(other.clone(), by, &hold),
            confirm(other.clone(), by, &hold),
            release(world.evently.clone(), by, &hold),
        ];
        together(steps).await;
        // A release after the confirm cancels the booking; either way the place is free, once.
        assert_eq!(world.status(hold.id).await, BookingStatus::Cancelled);
        assert_eq!(world.available(id).await, 2);
    }
}

pub(crate) async fn accept_against_lapse_has_one_winner(world: World) {
    let policy = Policy {
        waitlist: WaitlistPolicy::Offer,
        offer_seconds: 100,
        ..Policy::default()
    };
    let other = world.second_engine();
    for _ in 0..8 {
        let id = world
            .create(EventDraft {
                policy: policy.clone(),
                ..world.draft(1)
            })
            .await
            .id;
        let sold = super::sold(&world, &world.user(), id, 1).await;
        let (first, second) = (world.user(), world.user());
        let mut entries = Vec::new();
        for by in [first, second] {
            let placed = ask(
                world.evently.clone(),
                by,
                id,
                BookRequest::quantity(1).or_waitlist(),
            )
            .await;
            entries.push(placed.unwrap().entry().unwrap().id);
        }
        super::cancel(world.evently.clone(), world.admin, sold).await;
        world.advance(99);
        let (clock, evently, entry) = (Arc::clone(&world.clock), world.evently.clone(), entries[0]);
        let tick: Step = Box::pin(async move {
            clock.advance(std::time::Duration::from_secs(1));
            Ok(BookingStatus::Held)
        });
        let accept: Step = Box::pin(async move {
            settled(|| evently.accept(&first, entry))
                .await
                .map(|it| it.status)
        });
        together([
            accept,
            tick,
            sweep(other.clone(), id),
            sweep(world.evently.clone(), id),
        ])
        .await;
        world.sweep(id).await;
        let statuses = (
            world.entry(entries[0]).await.status,
            world.entry(entries[1]).await.status,
        );
        use crate::domain::EntryStatus::{Converted, Lapsed, Offered, Waiting};
        assert!(
            matches!(statuses, (Converted, Waiting) | (Lapsed, Offered)),
            "{statuses:?}"
        );
    }
}
