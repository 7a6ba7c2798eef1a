//! Rule 9: cancelling an event, in bounded steps that any process can resume.

use crate::Refusal;
use crate::conformance::world::{World, refusal};
use crate::domain::{
    BookingStatus, EndReason, EntryStatus, EventDraft, EventStatus, Phase, Policy, WaitlistPolicy,
};
use crate::ledger::Need;
use crate::requests::BookRequest;

pub(crate) async fn a_cancelled_event_ends_all_that_was_taken(world: World) {
    let (id, ada) = (world.general(3).await, world.user());
    let booking = world.booked(&ada, id, 2).await;
    let hold = world.held(&world.user(), id, 1).await;
    let entry = world.joined(&world.user(), id, 1).await;
    let at = world.advance(60);
    let listing = world.evently.cancel_event(&world.admin, id).await.unwrap();
    assert_eq!(listing.event.status, EventStatus::Cancelled);
    assert_eq!(listing.phase(world.now()), Phase::Cancelled);
    for id in [booking.id, hold.id] {
        let ended = world.booking(id).await;
        assert_eq!(
            (ended.status, ended.ended_at),
            (BookingStatus::Cancelled, Some(at))
        );
        assert_eq!(ended.reason, Some(EndReason::EventCancelled));
    }
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Closed);
    let count = world.listing(id).await.counts[0];
    assert_eq!((count.sold, count.held, count.waiting), (0, 0, 0));
    let figures = world.evently.figures(&world.admin, id).await.unwrap();
    assert_eq!((figures.stats.bookings, figures.stats.cancellations), (0, 1));
}

pub(crate) async fn an_offer_ends_with_its_event(world: World) {
    let policy = Policy {
        waitlist: WaitlistPolicy::Offer,
        ..Policy::default()
    };
    let id = world
        .create(EventDraft {
            policy,
            ..world.draft(1)
        })
        .await
        .id;
    let booking = world.booked(&world.user(), id, 1).await;
    let ada = world.user();
    let entry = world.joined(&ada, id, 1).await;
    world.cancelled(&booking).await;
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    let entry = world.entry(entry.id).await;
    assert_eq!(entry.status, EntryStatus::Closed);
    assert_eq!(
        world.status(entry.booking_id.unwrap()).await,
        BookingStatus::Cancelled
    );
    assert_eq!(
        refusal(world.evently.accept(&ada, entry.id).await),
        Refusal::NotOffered
    );
}

pub(crate) async fn cancelling_an_event_again_answers_the_same(world: World) {
    let id = world.general(3).await;
    let first = world.evently.cancel_event(&world.admin, id).await.unwrap();
    world.advance(60);
    let again = world.evently.cancel_event(&world.admin, id).await.unwrap();
    assert_eq!(again.event, first.event);
}

pub(crate) async fn nothing_is_served_while_an_event_is_cancelled(world: World) {
    let id = world.general(2).await;
    world.booked(&world.user(), id, 2).await;
    let entry = world.joined(&world.user(), id, 1).await;
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    world.sweep(id).await;
    assert_eq!(world.entry(entry.id).await.booking_id, None);
    assert_eq!(world.bookings(id).await.len(), 1);
}

pub(crate) async fn an_event_with_many_bookings_is_cancelled_step_by_step(world: World) {
    let count = u32::try_from(Need::BATCH).unwrap() + 90;
    let id = world.general(count).await;
    for _ in 0..count {
        world.booked(&world.user(), id, 1).await;
    }
    for _ in 0..40 {
        world.joined(&world.user(), id, 1).await;
    }
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    // From the first step on nothing is sold, whatever steps are still to come.
    let refused = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::NotOnSale {
            phase: Phase::Cancelled
        }
    );
    world.sweep(id).await;
    assert!(
        world
            .bookings(id)
            .await
            .iter()
            .all(|it| it.status == BookingStatus::Cancelled)
    );
    assert!(
        world
            .entries(id)
            .await
            .iter()
            .all(|it| it.entry.status == EntryStatus::Closed)
    );
    let figures = world.evently.figures(&world.admin, id).await.unwrap();
    assert_eq!(figures.stats.cancellations, u64::from(count));
    assert_eq!(figures.stats.closed, 40);
}

pub(crate) async fn a_half_cancelled_event_is_due_for_any_process(world: World) {
    let count = u32::try_from(Need::BATCH).unwrap() + 90;
    let id = world.general(count).await;
    for _ in 0..count {
        world.booked(&world.user(), id, 1).await;
    }
    // The process that began ends right after its first step.
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    let other = world.in_a_second_process();
    let live = world
        .bookings(id)
        .await
        .iter()
        .any(|it| it.status.takes_capacity());
    let due = world.store.due_events(world.now(), 10).await.unwrap();
    assert!(!live || due.contains(&id), "what is left to do is due");
    other.sweep(id).await;
    assert!(
        !world
            .bookings(id)
            .await
            .iter()
            .any(|it| it.status.takes_capacity())
    );
    assert_eq!(world.listing(id).await.counts[0].sold, 0);
}

pub(crate) async fn a_draft_may_be_cancelled_or_the_refusal_is_clear(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(3)
    };
    let id = world.create(draft).await.id;
    match world.evently.cancel_event(&world.admin, id).await {
        Ok(listing) => assert_eq!(listing.event.status, EventStatus::Cancelled),
        Err(error) => assert!(matches!(error, crate::Error::Refused(_)), "{error}"),
    }
}
