//! Long mixed histories: what is kept must add up at the end, and nothing may be lost on the way.

use super::{ask, cancel, together};
use crate::Evently;
use crate::conformance::draw::Draw;
use crate::conformance::world::{World, settled};
use crate::domain::{Booking, BookingStatus, Caller, EventDraft, EventId, Policy};
use crate::requests::BookRequest;
use std::sync::Arc;

/// Books, holds, confirms and cancels for a while; answers with the bookings that it has, as acknowledged.
async fn customer(evently: Evently, by: Caller, id: EventId, seed: u64) -> Vec<Arc<Booking>> {
    let draw = Draw::from_seed(seed);
    let mut own: Vec<Arc<Booking>> = Vec::new();
    for _ in 0..12 {
        let quantity = u32::try_from(draw.below(3)).unwrap_or(0) + 1;
        match draw.below(4) {
            0 if !own.is_empty() => {
                let index = usize::try_from(draw.below(own.len() as u64)).unwrap_or(0);
                let booking = own.swap_remove(index);
                cancel(evently.clone(), by, booking).await;
            }
            1 => {
                let request = BookRequest::quantity(quantity).held();
                let Ok(placed) = ask(evently.clone(), by, id, request).await else {
                    continue;
                };
                let hold = placed.booking().expect("a hold").id;
                own.push(
                    settled(|| evently.confirm(&by, hold, None))
                        .await
                        .expect("a live hold"),
                );
            }
            _ => {
                let placed = ask(evently.clone(), by, id, BookRequest::quantity(quantity)).await;
                own.extend(placed.ok().and_then(|placed| placed.booking().cloned()));
            }
        }
    }
    own
}

pub(crate) async fn after_booking_and_cancelling_everything_adds_up(world: World) {
    let policy = Policy {
        per_user_limit: Some(9),
        ..Policy::default()
    };
    let id = world
        .create(EventDraft {
            policy,
            ..world.draft(40)
        })
        .await
        .id;
    let engines = [world.evently.clone(), world.second_engine()];
    let customers =
        (0..16).map(|turn: usize| customer(engines[turn % 2].clone(), world.user(), id, turn as u64));
    let acknowledged: Vec<Arc<Booking>> = together(customers).await.into_iter().flatten().collect();
    for booking in &acknowledged {
        let stored = world.booking(booking.id).await;
        assert_eq!(
            (stored.status, stored.quantity()),
            (BookingStatus::Confirmed, booking.quantity())
        );
    }
    let kept: u32 = acknowledged.iter().map(|booking| booking.quantity()).sum();
    let count = world.listing(id).await.counts[0];
    assert_eq!(
        (count.sold, count.held),
        (kept, 0),
        "what was acknowledged, and nothing else"
    );
}

pub(crate) async fn many_events_at_once_keep_apart(world: World) {
    let engines = [world.evently.clone(), world.second_engine()];
    let mut events = Vec::new();
    for _ in 0..6 {
        events.push(world.general(10).await);
    }
    let customers = (0..18).map(|turn: usize| {
        customer(
            engines[turn % 2].clone(),
            world.user(),
            events[turn % 6],
            100 + turn as u64,
        )
    });
    let kept = together(customers).await;
    for (index, id) in events.into_iter().enumerate() {
        let own = kept.iter().skip(index).step_by(6).flatten();
        let sold: u32 = own.map(|booking| booking.quantity()).sum();
        assert_eq!(world.listing(id).await.counts[0].sold, sold);
    }
}

pub(crate) async fn a_cancelled_event_ends_every_booking_of_a_rush(world: World) {
    for _ in 0..4 {
        let id = world.general(200).await;
        let mut steps: Vec<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> = Vec::new();
        for _ in 0..40 {
            let (evently, by) = (world.evently.clone(), world.user());
            steps.push(Box::pin(async move {
                let _ = ask(evently, by, id, BookRequest::quantity(2)).await;
            }));
        }
        let (evently, admin) = (world.second_engine(), world.admin);
        steps.push(Box::pin(async move {
            settled(|| evently.cancel_event(&admin, id))
                .await
                .expect("an event");
        }));
        together(steps).await;
        world.sweep(id).await;
        let left = world.bookings(id).await;
        assert!(
            left.iter().all(|it| it.status == BookingStatus::Cancelled),
            "{left:?}"
        );
        assert_eq!(world.available(id).await, 200);
    }
}
