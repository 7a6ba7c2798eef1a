//! Rule 5: holds, judged when they are used.

use crate::Refusal;
use crate::conformance::world::{World, refusal};
use crate::domain::{BookingStatus, EventDraft, EventId, Policy};
use crate::ledger::Need;
use crate::requests::BookRequest;
use std::time::Duration;

/// An event whose holds last 100 s, at most 250 s from their making.
async fn short_holds(world: &World, capacity: u32) -> EventId {
    let policy = Policy {
        hold_seconds: 100,
        hold_max_seconds: Some(250),
        ..Policy::default()
    };
    world
        .create(EventDraft {
            policy,
            ..world.draft(capacity)
        })
        .await
        .id
}

pub(crate) async fn a_hold_lasts_as_long_as_the_policy_says(world: World) {
    let (id, default) = (short_holds(&world, 5).await, world.general(5).await);
    let hold = world.held(&world.user(), id, 2).await;
    assert_eq!((hold.status, hold.confirmed_at), (BookingStatus::Held, None));
    assert_eq!(hold.hold_expires_at, Some(world.in_seconds(100)));
    assert_eq!(
        world.held(&world.user(), default, 1).await.hold_expires_at,
        Some(world.in_seconds(600))
    );
    assert_eq!(world.available(id).await, 3);
}

pub(crate) async fn a_confirmed_hold_is_a_booking(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 2).await;
    let at = world.advance(99);
    let booking = world
        .evently
        .confirm(&ada, hold.id, Some("pay-7".to_owned()))
        .await
        .unwrap();
    assert_eq!((booking.id, booking.status), (hold.id, BookingStatus::Confirmed));
    assert_eq!((booking.confirmed_at, booking.hold_expires_at), (Some(at), None));
    assert_eq!(
        (booking.created_at, booking.payment_reference.as_deref()),
        (hold.created_at, Some("pay-7"))
    );
    let count = world.listing(id).await.counts[0];
    assert_eq!((count.sold, count.held), (2, 0));
    world.advance(1000);
    world.sweep(id).await;
    assert_eq!(world.booking(hold.id).await, booking, "a booking does not expire");
}

pub(crate) async fn confirming_again_answers_the_same(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 2).await;
    let first = world
        .evently
        .confirm(&ada, hold.id, Some("pay-1".to_owned()))
        .await
        .unwrap();
    world.advance(5000);
    let again = world
        .evently
        .confirm(&ada, hold.id, Some("pay-2".to_owned()))
        .await
        .unwrap();
    assert_eq!(again, first);
    let direct = world.booked(&ada, id, 1).await;
    assert_eq!(
        world.evently.confirm(&ada, direct.id, None).await.unwrap(),
        direct
    );
}

pub(crate) async fn a_hold_is_over_at_its_last_instant(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let (early, late) = (world.held(&ada, id, 1).await, world.held(&ada, id, 1).await);
    world.clock.advance(Duration::from_micros(99_999_999));
    world.evently.confirm(&ada, early.id, None).await.unwrap();
    world.clock.advance(Duration::from_micros(1));
    assert_eq!(
        refusal(world.evently.confirm(&ada, late.id, None).await),
        Refusal::HoldExpired
    );
}

pub(crate) async fn an_expired_hold_cannot_be_used_swept_or_not(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    world.advance(100);
    for _ in 0..2 {
        assert_eq!(
            refusal(world.evently.confirm(&ada, hold.id, None).await),
            Refusal::HoldExpired
        );
        assert_eq!(
            refusal(world.evently.extend(&ada, hold.id).await),
            Refusal::HoldExpired
        );
        assert_eq!(
            refusal(world.evently.cancel(&ada, hold.id).await),
            Refusal::HoldExpired
        );
        world.sweep(id).await;
    }
    assert_eq!(world.status(hold.id).await, BookingStatus::Expired);
    assert_eq!(world.available(id).await, 5, "it freed its place once");
}

pub(crate) async fn an_expired_place_is_sold_before_any_sweep(world: World) {
    let id = short_holds(&world, 2).await;
    let hold = world.held(&world.user(), id, 2).await;
    let refused = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.advance(100);
    world.booked(&world.user(), id, 2).await;
    world.sweep(id).await;
    assert_eq!(world.status(hold.id).await, BookingStatus::Expired);
    let count = world.listing(id).await.counts[0];
    assert_eq!((count.sold, count.held), (2, 0));
}

pub(crate) async fn a_sweep_expires_what_is_over_and_nothing_else(world: World) {
    let id = short_holds(&world, 9).await;
    let first = world.held(&world.user(), id, 1).await;
    world.advance(50);
    let second = world.held(&world.user(), id, 2).await;
    world.advance(50);
    world.sweep(id).await;
    let expired = world.booking(first.id).await;
    assert_eq!(
        (expired.status, expired.hold_expires_at),
        (BookingStatus::Expired, None)
    );
    assert!(expired.ended_at.is_some());
    assert_eq!(world.status(second.id).await, BookingStatus::Held);
    assert_eq!(world.available(id).await, 7);
    world.advance(50);
    world.sweep(id).await;
    assert_eq!(world.available(id).await, 9);
}

pub(crate) async fn more_holds_than_a_batch_all_expire(world: World) {
    let count = u32::try_from(Need::BATCH).unwrap() + 40;
    let id = short_holds(&world, count).await;
    for _ in 0..count {
        world.held(&world.user(), id, 1).await;
    }
    world.advance(100);
    world.booked(&world.user(), id, 1).await;
    world.sweep(id).await;
    let count_now = world.listing(id).await.counts[0];
    assert_eq!((count_now.sold, count_now.held), (1, 0));
}

pub(crate) async fn the_sweeper_makes_expiry_prompt(world: World) {
    let _evently = crate::Evently::builder(world.store.clone())
        .clock(world.clock.clone())
        .ids(world.ids.clone())
        .sweep_every(Some(Duration::from_millis(1)))
        .build();
    let id = short_holds(&world, 5).await;
    let hold = world.held(&world.user(), id, 1).await;
    world.advance(100);
    while world.status(hold.id).await != BookingStatus::Expired {
        tokio::task::yield_now().await;
    }
}

pub(crate) async fn an_extension_starts_from_now(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    world.advance(60);
    let extended = world.evently.extend(&ada, hold.id).await.unwrap();
    assert_eq!(extended.hold_expires_at, Some(world.in_seconds(100)));
    world.advance(99);
    world.evently.confirm(&ada, hold.id, None).await.unwrap();
}

pub(crate) async fn extensions_end_at_the_policys_most(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    let most = world.in_seconds(250);
    world.advance(90);
    world.evently.extend(&ada, hold.id).await.unwrap();
    world.advance(90);
    let last = world.evently.extend(&ada, hold.id).await.unwrap();
    assert_eq!(last.hold_expires_at, Some(most));
    world.advance(10);
    assert_eq!(
        refusal(world.evently.extend(&ada, hold.id).await),
        Refusal::HoldLimit
    );
    world.clock.set(most);
    assert_eq!(
        refusal(world.evently.confirm(&ada, hold.id, None).await),
        Refusal::HoldExpired
    );
}

pub(crate) async fn an_extension_that_gains_nothing_is_refused(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    assert_eq!(
        refusal(world.evently.extend(&ada, hold.id).await),
        Refusal::HoldLimit
    );
    assert_eq!(world.booking(hold.id).await, hold);
}

pub(crate) async fn the_most_is_half_an_hour_or_one_hold(world: World) {
    for (hold_seconds, most) in [(600, 1800), (7200, 7200)] {
        let policy = Policy {
            hold_seconds,
            hold_max_seconds: None,
            ..Policy::default()
        };
        let id = world
            .create(EventDraft {
                policy,
                ..world.draft(5)
            })
            .await
            .id;
        let (ada, last) = (world.user(), world.in_seconds(most));
        let hold = world.held(&ada, id, 1).await;
        let mut until = hold.hold_expires_at;
        while until != Some(last) {
            world.advance(599);
            until = world.evently.extend(&ada, hold.id).await.unwrap().hold_expires_at;
        }
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(
            refusal(world.evently.extend(&ada, hold.id).await),
            Refusal::HoldLimit
        );
    }
}

pub(crate) async fn an_extended_hold_is_not_swept_at_its_first_instant(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    world.advance(60);
    world.evently.extend(&ada, hold.id).await.unwrap();
    world.advance(60);
    world.sweep(id).await;
    assert_eq!(world.status(hold.id).await, BookingStatus::Held);
    assert_eq!(world.available(id).await, 4);
}

pub(crate) async fn a_released_hold_is_cancelled_and_frees_its_place(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let hold = world.held(&ada, id, 2).await;
    let released = world.evently.cancel(&ada, hold.id).await.unwrap();
    assert_eq!(
        (released.status, released.confirmed_at),
        (BookingStatus::Cancelled, None)
    );
    assert_eq!((released.ended_at, released.reason), (Some(world.now()), None));
    assert_eq!(world.available(id).await, 5);
    assert_eq!(
        refusal(world.evently.confirm(&ada, hold.id, None).await),
        Refusal::NotHeld
    );
    assert_eq!(
        refusal(world.evently.extend(&ada, hold.id).await),
        Refusal::NotHeld
    );
    assert_eq!(world.evently.cancel(&ada, hold.id).await.unwrap(), released);
    world.advance(1000);
    world.sweep(id).await;
    assert_eq!(
        world.available(id).await,
        5,
        "it does not free again when its time comes"
    );
}

pub(crate) async fn a_confirmed_booking_cannot_be_extended(world: World) {
    let (id, ada) = (short_holds(&world, 5).await, world.user());
    let booking = world.booked(&ada, id, 1).await;
    assert_eq!(
        refusal(world.evently.extend(&ada, booking.id).await),
        Refusal::NotHeld
    );
}

pub(crate) async fn an_expired_hold_stays_so_when_the_clock_jumps_back(world: World) {
    let (id, ada) = (short_holds(&world, 1).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    let start = world.now();
    world.advance(100);
    world.sweep(id).await;
    world.clock.set(start);
    assert_eq!(
        refusal(world.evently.confirm(&ada, hold.id, None).await),
        Refusal::HoldExpired
    );
    world.booked(&world.user(), id, 1).await;
}
