//! Rule 3: the sales window.

use crate::Refusal;
use crate::conformance::world::{World, definite, refusal};
use crate::domain::{EventDraft, EventId, EventStatus, Phase};
use crate::requests::{BookRequest, JoinRequest};

const NOT_ON_SALE: fn(Phase) -> Refusal = |phase| Refusal::NotOnSale { phase };

async fn windowed(world: &World) -> EventId {
    let draft = EventDraft {
        sales_open_at: Some(world.in_seconds(100)),
        sales_close_at: Some(world.in_seconds(200)),
        ..world.draft(10)
    };
    world.create(draft).await.id
}

async fn assert_closed(world: &World, id: EventId, phase: Phase) {
    let by = world.user();
    let expected = NOT_ON_SALE(phase);
    for request in [
        BookRequest::quantity(1),
        BookRequest::quantity(1).held(),
        BookRequest::quantity(1).or_waitlist(),
    ] {
        assert_eq!(world.book(&by, id, request).await.unwrap_err(), expected);
    }
    assert_eq!(
        world.join(&by, id, JoinRequest::quantity(1)).await.unwrap_err(),
        expected
    );
    assert_eq!(world.listing(id).await.phase(world.now()), phase);
}

pub(crate) async fn sales_are_open_from_the_first_instant_to_before_the_last(world: World) {
    let id = windowed(&world).await;
    assert_closed(&world, id, Phase::Scheduled).await;
    world.advance(99);
    assert_closed(&world, id, Phase::Scheduled).await;
    world.advance(1);
    world.booked(&world.user(), id, 1).await;
    world.clock.advance(std::time::Duration::from_micros(99_999_999));
    world.held(&world.user(), id, 1).await;
    world.clock.advance(std::time::Duration::from_micros(1));
    assert_closed(&world, id, Phase::Closed).await;
}

pub(crate) async fn sales_close_at_the_start_unless_said_otherwise(world: World) {
    let event = world.create(world.draft(10)).await;
    world.booked(&world.user(), event.id, 1).await;
    world.clock.set(event.starts_at);
    assert_closed(&world, event.id, Phase::Closed).await;
    world.clock.set(event.ends_at);
    assert_closed(&world, event.id, Phase::Ended).await;
}

pub(crate) async fn sales_may_go_on_after_the_start(world: World) {
    let draft = world.draft(10);
    let close = draft.starts_at + std::time::Duration::from_secs(60);
    let event = world
        .create(EventDraft {
            sales_close_at: Some(close),
            ..draft
        })
        .await;
    world.clock.set(event.starts_at);
    world.booked(&world.user(), event.id, 1).await;
}

pub(crate) async fn a_cancelled_event_sells_nothing(world: World) {
    let id = world.general(10).await;
    world.evently.cancel_event(&world.admin, id).await.unwrap();
    assert_closed(&world, id, Phase::Cancelled).await;
}

pub(crate) async fn a_draft_sells_nothing(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(10)
    };
    let id = world.create(draft).await.id;
    let by_user = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    assert_eq!(by_user.unwrap_err(), Refusal::NotFound);
    let by_admin = world.book(&world.admin, id, BookRequest::quantity(1)).await;
    assert_eq!(by_admin.unwrap_err(), NOT_ON_SALE(Phase::Draft));
    world.evently.publish_event(&world.admin, id).await.unwrap();
    world.booked(&world.user(), id, 1).await;
}

pub(crate) async fn an_unknown_event_is_not_found(world: World) {
    let id = EventId::from_uuid(world.new_id());
    let by = world.user();
    assert_eq!(
        world.book(&by, id, BookRequest::quantity(1)).await.unwrap_err(),
        Refusal::NotFound
    );
    assert_eq!(
        world.join(&by, id, JoinRequest::quantity(1)).await.unwrap_err(),
        Refusal::NotFound
    );
    assert_eq!(refusal(world.evently.event(None, id).await), Refusal::NotFound);
}

pub(crate) async fn a_hold_may_be_confirmed_after_sales_closed(world: World) {
    let (id, ada) = (windowed(&world).await, world.user());
    world.advance(199);
    let hold = world.held(&ada, id, 1).await;
    world.advance(1);
    definite(world.evently.confirm(&ada, hold.id, None).await).unwrap();
}

pub(crate) async fn a_closed_window_may_be_opened_again(world: World) {
    let id = windowed(&world).await;
    world.advance(200);
    assert_closed(&world, id, Phase::Closed).await;
    let later = world.in_seconds(100);
    world
        .change(id, |draft| draft.sales_close_at = Some(later))
        .await
        .unwrap();
    world.booked(&world.user(), id, 1).await;
}
