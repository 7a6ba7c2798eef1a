//! Rule 4 and the form of a request: per-user limits, quantities, what a request must name.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, ticket_type};
use crate::domain::{EventDraft, EventId, Policy, TicketTypeId};
use crate::ledger::{ItemRequest, Selection};
use crate::requests::{BookRequest, JoinRequest};

async fn limited(world: &World, capacity: u32, limit: u32) -> EventId {
    let policy = Policy {
        per_user_limit: Some(limit),
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

pub(crate) async fn the_limit_counts_all_live_tickets_of_a_user(world: World) {
    let (id, ada, bob) = (limited(&world, 50, 4).await, world.user(), world.user());
    world.booked(&ada, id, 2).await;
    world.held(&ada, id, 1).await;
    let refused = world.book(&ada, id, BookRequest::quantity(2)).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 4, tickets: 3 }
    );
    world.booked(&ada, id, 1).await;
    let refused = world.book(&ada, id, BookRequest::quantity(1).held()).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 4, tickets: 4 }
    );
    world.booked(&bob, id, 4).await;
}

pub(crate) async fn the_limit_holds_over_items_and_sections(world: World) {
    let draft = EventDraft {
        policy: Policy {
            per_user_limit: Some(3),
            ..Policy::default()
        },
        ..world.draft_of(&[("Floor", 9), ("Balcony", 9)])
    };
    let (event, ada) = (world.create(draft).await, world.user());
    let item = |index: usize, quantity| ItemRequest {
        ticket_type_id: event.ticket_types[index].id,
        quantity,
        seats: Vec::new(),
    };
    let both = BookRequest::new(Selection::Items(vec![item(0, 2), item(1, 2)]));
    let refused = world.book(&ada, event.id, both).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 3, tickets: 0 }
    );
    let both = BookRequest::new(Selection::Items(vec![item(0, 2), item(1, 1)]));
    world.book(&ada, event.id, both).await.unwrap();
}

pub(crate) async fn what_ended_does_not_count_to_the_limit(world: World) {
    let (id, ada) = (limited(&world, 50, 2).await, world.user());
    let booking = world.booked(&ada, id, 2).await;
    world.cancelled(&booking).await;
    let hold = world.held(&ada, id, 2).await;
    world.cancelled(&hold).await;
    world.held(&ada, id, 2).await;
    world.advance(600);
    world.booked(&ada, id, 2).await;
}

pub(crate) async fn admins_are_limited_like_everybody(world: World) {
    let id = limited(&world, 50, 2).await;
    let refused = world.book(&world.admin, id, BookRequest::quantity(3)).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 2, tickets: 0 }
    );
}

pub(crate) async fn nobody_waits_for_more_than_the_limit(world: World) {
    let (id, ada) = (limited(&world, 3, 2).await, world.user());
    world.booked(&ada, id, 1).await;
    world.booked(&world.user(), id, 2).await;
    let refused = world.join(&ada, id, JoinRequest::quantity(2)).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 2, tickets: 1 }
    );
    let refused = world.book(&ada, id, BookRequest::quantity(2).or_waitlist()).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 2, tickets: 1 }
    );
    world.joined(&ada, id, 1).await;
}

pub(crate) async fn a_lower_limit_takes_nothing_away(world: World) {
    let (id, ada) = (limited(&world, 50, 4).await, world.user());
    let hold = world.held(&ada, id, 4).await;
    world
        .change(id, |draft| draft.policy.per_user_limit = Some(1))
        .await
        .unwrap();
    world.evently.confirm(&ada, hold.id, None).await.unwrap();
    let refused = world.book(&ada, id, BookRequest::quantity(1)).await;
    assert_eq!(
        refused.unwrap_err(),
        Refusal::LimitExceeded { limit: 1, tickets: 4 }
    );
}

async fn assert_invalid(world: &World, id: EventId, request: BookRequest) {
    let answer = world.book(&world.user(), id, request.clone()).await;
    match answer {
        Err(Refusal::Invalid(errors)) => assert!(!errors.is_empty(), "it says what is wrong"),
        other => panic!("{request:?}: {other:?}"),
    }
}

pub(crate) async fn a_type_bounds_the_tickets_of_a_booking(world: World) {
    let mut family = ticket_type("Family", "Floor", 0);
    (family.min_per_booking, family.max_per_booking) = (2, Some(4));
    let draft = EventDraft {
        ticket_types: vec![family],
        ..world.draft_of(&[("Floor", 500)])
    };
    let id = world.create(draft).await.id;
    for quantity in [0, 1, 5, u32::MAX] {
        assert_invalid(&world, id, BookRequest::quantity(quantity)).await;
    }
    for quantity in 2..=4 {
        world.booked(&world.user(), id, quantity).await;
    }
}

pub(crate) async fn a_booking_has_one_to_a_hundred_tickets_of_a_type(world: World) {
    let id = world.general(500).await;
    for quantity in [0, 101, u32::MAX] {
        assert_invalid(&world, id, BookRequest::quantity(quantity)).await;
    }
    world.booked(&world.user(), id, 100).await;
    assert_eq!(world.available(id).await, 400);
}

pub(crate) async fn a_type_is_named_where_there_are_several(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 9), ("Balcony", 9)]))
        .await;
    assert_invalid(&world, event.id, BookRequest::quantity(1)).await;
    let named = BookRequest::of_type(event.ticket_types[1].id, 1);
    let booking = booking_of(world.book(&world.user(), event.id, named).await.unwrap());
    assert_eq!(booking.items[0].section_id, event.sections[1].id);
}

pub(crate) async fn a_type_must_be_the_events(world: World) {
    let (id, other) = (world.general(9).await, world.create(world.draft(9)).await);
    assert_invalid(&world, id, BookRequest::of_type(other.ticket_types[0].id, 1)).await;
    let nothing = TicketTypeId::from_uuid(world.new_id());
    assert_invalid(&world, id, BookRequest::of_type(nothing, 1)).await;
}

pub(crate) async fn a_booking_has_an_item(world: World) {
    let id = world.general(9).await;
    assert_invalid(&world, id, BookRequest::new(Selection::Items(Vec::new()))).await;
}
