//! Rules 1 and 2: capacity, and all or nothing.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, ticket_type};
use crate::domain::{BookingFilter, BookingId, BookingStatus, EventDraft, PageRequest, Source};
use crate::ledger::{ItemRequest, Selection};
use crate::requests::BookRequest;

fn item(ticket_type_id: crate::domain::TicketTypeId, quantity: u32) -> ItemRequest {
    ItemRequest {
        ticket_type_id,
        quantity,
        seats: Vec::new(),
    }
}

pub(crate) async fn a_booking_is_confirmed_with_all_that_was_asked(world: World) {
    let draft = EventDraft {
        price_minor: 1250,
        currency: "EUR".parse().unwrap(),
        ..world.draft(10)
    };
    let (event, ada) = (world.create(draft).await, world.user());
    let placed = world
        .book(&ada, event.id, BookRequest::quantity(3))
        .await
        .unwrap();
    assert!(!placed.replayed);
    let booking = booking_of(placed);
    assert_eq!((booking.event_id, booking.user_id), (event.id, ada.user_id));
    assert_eq!(
        (booking.status, booking.source),
        (BookingStatus::Confirmed, Source::Direct)
    );
    assert_eq!((booking.quantity(), booking.total_minor()), (3, 3750));
    assert_eq!(booking.currency, event.currency);
    assert_eq!(booking.items[0].ticket_type_id, event.ticket_types[0].id);
    assert_eq!(booking.items[0].section_id, event.sections[0].id);
    assert_eq!(
        (booking.created_at, booking.confirmed_at),
        (world.now(), Some(world.now()))
    );
    assert_eq!(
        (booking.hold_expires_at, booking.ended_at, booking.reason),
        (None, None, None)
    );
    assert_eq!(
        world.booking(booking.id).await,
        booking,
        "what was answered is what is stored"
    );
}

pub(crate) async fn a_booking_takes_its_places(world: World) {
    let id = world.general(10).await;
    world.booked(&world.user(), id, 3).await;
    world.held(&world.user(), id, 2).await;
    let listing = world.listing(id).await;
    let count = listing.counts[0];
    assert_eq!(
        (count.capacity, count.sold, count.held, listing.available()),
        (10, 3, 2, 5)
    );
}

pub(crate) async fn a_booking_shows_at_once_in_every_read(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let booking = world.booked(&ada, id, 1).await;
    let (filter, page) = (BookingFilter::default(), PageRequest::default);
    let own = world.evently.bookings(&ada, filter, page()).await.unwrap();
    let all = world
        .evently
        .bookings_of_event(&world.admin, id, filter, page())
        .await
        .unwrap();
    assert_eq!(world.evently.booking(&ada, booking.id).await.unwrap(), booking);
    assert_eq!(own.items, vec![booking.clone()]);
    assert_eq!(all.items, vec![booking]);
}

pub(crate) async fn no_more_is_sold_than_there_is(world: World) {
    let id = world.general(5).await;
    for _ in 0..5 {
        world.booked(&world.user(), id, 1).await;
    }
    let refused = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    assert_eq!(world.available(id).await, 0);
}

pub(crate) async fn sold_out_tells_how_many_are_left(world: World) {
    let id = world.general(5).await;
    world.booked(&world.user(), id, 3).await;
    let refused = world.book(&world.user(), id, BookRequest::quantity(3)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 2 });
    world.booked(&world.user(), id, 2).await;
}

pub(crate) async fn what_frees_is_sold_again(world: World) {
    let id = world.general(2).await;
    let booking = world.booked(&world.user(), id, 2).await;
    world.cancelled(&booking).await;
    assert_eq!(world.available(id).await, 2);
    world.booked(&world.user(), id, 2).await;
}

pub(crate) async fn a_refused_booking_leaves_no_trace(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    let request = BookRequest {
        booking_id: Some(BookingId::from_uuid(world.new_id())),
        ..BookRequest::quantity(2)
    };
    let booking_id = request.booking_id.unwrap();
    assert!(world.book(&ada, id, request).await.is_err());
    assert_eq!(world.store.booking(booking_id).await.unwrap(), None);
    assert_eq!(world.bookings(id).await, vec![]);
    assert_eq!(world.available(id).await, 1);
}

pub(crate) async fn items_over_several_sections_are_all_or_nothing(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 5), ("Balcony", 2)]))
        .await;
    let [floor, balcony] = [event.ticket_types[0].id, event.ticket_types[1].id];
    let ask = |a, b| BookRequest::new(Selection::Items(vec![item(floor, a), item(balcony, b)]));
    let refused = world.book(&world.user(), event.id, ask(2, 3)).await;
    assert!(matches!(refused, Err(Refusal::SoldOut { .. })), "{refused:?}");
    assert_eq!(
        world.available(event.id).await,
        7,
        "the first item was not taken either"
    );

    let booking = booking_of(world.book(&world.user(), event.id, ask(2, 2)).await.unwrap());
    assert_eq!(booking.quantity(), 4);
    let sold: Vec<u32> = world
        .listing(event.id)
        .await
        .counts
        .iter()
        .map(|it| it.sold)
        .collect();
    assert_eq!(sold, [2, 2]);
    world.cancelled(&booking).await;
    assert_eq!(world.available(event.id).await, 7, "all items are given back");
}

pub(crate) async fn two_items_of_one_section_share_its_places(world: World) {
    let draft = EventDraft {
        ticket_types: vec![
            ticket_type("Adult", "Floor", 2000),
            ticket_type("Child", "Floor", 500),
        ],
        ..world.draft_of(&[("Floor", 5)])
    };
    let event = world.create(draft).await;
    let [adult, child] = [event.ticket_types[0].id, event.ticket_types[1].id];
    let ask = |a, b| BookRequest::new(Selection::Items(vec![item(adult, a), item(child, b)]));
    let refused = world.book(&world.user(), event.id, ask(3, 3)).await;
    assert!(
        matches!(refused, Err(Refusal::SoldOut { .. })),
        "each alone would fit: {refused:?}"
    );
    let booking = booking_of(world.book(&world.user(), event.id, ask(3, 2)).await.unwrap());
    assert_eq!(booking.total_minor(), 3 * 2000 + 2 * 500);
    for id in [adult, child] {
        let refused = world
            .book(&world.user(), event.id, BookRequest::of_type(id, 1))
            .await;
        assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    }
}

pub(crate) async fn sections_are_sold_apart(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 1), ("Balcony", 1)]))
        .await;
    let of = |index: usize| BookRequest::of_type(event.ticket_types[index].id, 1);
    world.book(&world.user(), event.id, of(0)).await.unwrap();
    let refused = world.book(&world.user(), event.id, of(0)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.book(&world.user(), event.id, of(1)).await.unwrap();
}

pub(crate) async fn the_price_is_that_of_the_booking(world: World) {
    let draft = EventDraft {
        price_minor: 1000,
        ..world.draft(10)
    };
    let event = world.create(draft).await;
    let before = world.booked(&world.user(), event.id, 1).await;
    world
        .change(event.id, |draft| draft.ticket_types[0].price_minor = 1500)
        .await
        .unwrap();
    let after = world.booked(&world.user(), event.id, 1).await;
    let (before, after) = (world.booking(before.id).await, world.booking(after.id).await);
    assert_eq!((before.total_minor(), after.total_minor()), (1000, 1500));
}

pub(crate) async fn a_booking_gets_the_id_that_was_chosen_for_it(world: World) {
    let (id, chosen) = (world.general(3).await, BookingId::from_uuid(world.new_id()));
    let request = BookRequest {
        booking_id: Some(chosen),
        ..BookRequest::quantity(1)
    };
    let booking = booking_of(world.book(&world.user(), id, request).await.unwrap());
    assert_eq!(booking.id, chosen);
}

pub(crate) async fn a_great_hall_sells_to_its_last_place(world: World) {
    let id = world.general(10_000_000).await;
    let booking = world.booked(&world.user(), id, 100).await;
    assert_eq!(world.available(id).await, 9_999_900);
    world.cancelled(&booking).await;
    assert_eq!(world.available(id).await, 10_000_000);
}
