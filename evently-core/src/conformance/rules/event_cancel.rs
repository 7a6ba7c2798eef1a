//! Rule 9: cancelling an event, in bounded steps that any process can resume.

use crate::Refusal;
use crate::conformance::world::{World, refusal};
use crate::conformance::wrap::{Meddle, Wrapped};
use crate::domain::{
    BookingStatus, EndReason, EntryStatus, EventDraft, EventId, EventStatus, Phase, Policy, WaitlistPolicy,
};
use crate::ledger::{Changes, Need};
use crate::requests::BookRequest;
use crate::store::{Committed, Store, StoreError};
use async_trait::async_trait;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

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

pub(crate) async fn a_half_cancelled_event_is_finished_by_any_process(world: World) {
    let id = half_cancelled(&world).await;
    let live = world.bookings(id).await;
    let live = live.iter().filter(|it| it.status.takes_capacity()).count();
    assert_eq!(live, 90, "one step was done, the next was not");
    let refused = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    let phase = Phase::Cancelled;
    assert_eq!(refused.unwrap_err(), Refusal::NotOnSale { phase });
    let due = world.store.due_events(world.now(), 10).await.unwrap();
    assert_eq!(due, vec![id], "what is left to do is due");
    world.in_a_second_process().sweep(id).await;
    assert!(
        !world
            .bookings(id)
            .await
            .iter()
            .any(|it| it.status.takes_capacity())
    );
    assert_eq!(world.listing(id).await.counts[0].sold, 0);
    assert_eq!(world.store.due_events(world.now(), 10).await.unwrap(), vec![]);
}

/// Lets so many commits through and then nothing any more, as if the process had ended there.
#[derive(Debug)]
struct Dies(AtomicU64);

#[async_trait]
impl Meddle for Dies {
    async fn commit(&self, store: &dyn Store, changes: &[Changes]) -> Result<Vec<Committed>, StoreError> {
        let left = |left: u64| left.checked_sub(1);
        match self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left) {
            Ok(_) => store.commit(changes).await,
            Err(_) => Err(StoreError::permanent("dies", "made up: the process has ended")),
        }
    }
}

/// An event with more bookings than one step ends, whose cancelling process ended after the first one.
pub(crate) async fn half_cancelled(world: &World) -> EventId {
    let count = u32::try_from(Need::BATCH).unwrap() + 90;
    let id = world.general(count).await;
    for _ in 0..count {
        world.booked(&world.user(), id, 1).await;
    }
    // The first commit cancels the event, the second ends a batch of its bookings.
    let store = Wrapped::new(Arc::clone(&world.store), Dies(AtomicU64::new(2)));
    let dying = world.engine_over(Arc::new(store));
    dying.cancel_event(&world.admin, id).await.unwrap_err();
    id
}

pub(crate) async fn a_draft_is_not_cancelled(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(3)
    };
    let id = world.create(draft).await.id;
    let refused = refusal(world.evently.cancel_event(&world.admin, id).await);
    assert_eq!(refused, Refusal::NotPublished);
    assert_eq!(world.listing(id).await.event.status, EventStatus::Draft);
    world.evently.delete_event(&world.admin, id).await.unwrap();
}
