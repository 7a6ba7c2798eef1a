//! Rule 6: cancelling bookings.

use crate::Refusal;
use crate::conformance::world::{World, refusal};
use crate::domain::{BookingStatus, EndReason, EventDraft, EventId, Policy};
use std::time::Duration;

async fn cancellable(world: &World, seconds: u64) -> EventId {
    let policy = Policy {
        cancel_until: Some(world.in_seconds(seconds)),
        ..Policy::default()
    };
    world
        .create(EventDraft {
            policy,
            ..world.draft(10)
        })
        .await
        .id
}

pub(crate) async fn a_cancelled_booking_frees_its_places(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let booking = world.booked(&ada, id, 4).await;
    let at = world.advance(60);
    let cancelled = world.evently.cancel(&ada, booking.id).await.unwrap();
    assert_eq!(
        (cancelled.status, cancelled.ended_at),
        (BookingStatus::Cancelled, Some(at))
    );
    assert_eq!(
        (cancelled.reason, cancelled.confirmed_at),
        (None, booking.confirmed_at)
    );
    assert_eq!(world.booking(booking.id).await, cancelled);
    assert_eq!(world.available(id).await, 10);
}

pub(crate) async fn cancelling_again_answers_the_same_and_frees_nothing(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let booking = world.booked(&ada, id, 4).await;
    world.booked(&world.user(), id, 3).await;
    let first = world.cancelled(&booking).await;
    world.advance(60);
    for _ in 0..3 {
        assert_eq!(world.evently.cancel(&ada, booking.id).await.unwrap(), first);
        assert_eq!(world.available(id).await, 7);
    }
}

pub(crate) async fn cancelling_again_is_no_matter_of_time(world: World) {
    let (id, ada) = (cancellable(&world, 100).await, world.user());
    let booking = world.booked(&ada, id, 4).await;
    let first = world.cancelled(&booking).await;
    world.advance(5000);
    assert_eq!(world.evently.cancel(&ada, booking.id).await.unwrap(), first);
}

pub(crate) async fn an_owner_may_cancel_until_the_policys_instant(world: World) {
    let (id, ada) = (cancellable(&world, 100).await, world.user());
    let (early, late) = (world.booked(&ada, id, 1).await, world.booked(&ada, id, 1).await);
    world.clock.advance(Duration::from_micros(99_999_999));
    world.evently.cancel(&ada, early.id).await.unwrap();
    world.clock.advance(Duration::from_micros(1));
    assert_eq!(
        refusal(world.evently.cancel(&ada, late.id).await),
        Refusal::CancelClosed
    );
    assert_eq!(world.status(late.id).await, BookingStatus::Confirmed);
    assert_eq!(world.available(id).await, 9);
}

pub(crate) async fn an_owner_may_cancel_until_the_start_unless_said_otherwise(world: World) {
    let (event, ada) = (world.create(world.draft(10)).await, world.user());
    let booking = world.booked(&ada, event.id, 1).await;
    world.clock.set(event.starts_at);
    assert_eq!(
        refusal(world.evently.cancel(&ada, booking.id).await),
        Refusal::CancelClosed
    );
}

pub(crate) async fn an_admin_may_always_cancel(world: World) {
    let (id, ada) = (cancellable(&world, 100).await, world.user());
    let booking = world.booked(&ada, id, 1).await;
    world.advance(60 * 86_400);
    let cancelled = world.evently.cancel(&world.admin, booking.id).await.unwrap();
    assert_eq!(cancelled.status, BookingStatus::Cancelled);
    assert_eq!(cancelled.reason, Some(EndReason::CancelledByAdmin));
    assert_eq!(cancelled.user_id, ada.user_id);
    assert_eq!(world.evently.cancel(&ada, booking.id).await.unwrap(), cancelled);
}

pub(crate) async fn an_admins_own_booking_is_cancelled_like_any(world: World) {
    let id = world.general(5).await;
    let booking = world.booked(&world.admin, id, 1).await;
    let cancelled = world.evently.cancel(&world.admin, booking.id).await.unwrap();
    assert_eq!(cancelled.reason, None);
}

pub(crate) async fn a_cancelled_booking_cannot_be_confirmed_or_extended(world: World) {
    let (id, ada) = (world.general(5).await, world.user());
    let booking = world.booked(&ada, id, 1).await;
    world.cancelled(&booking).await;
    assert_eq!(
        refusal(world.evently.confirm(&ada, booking.id, None).await),
        Refusal::NotHeld
    );
    assert_eq!(
        refusal(world.evently.extend(&ada, booking.id).await),
        Refusal::NotHeld
    );
    assert_eq!(world.available(id).await, 5);
}
