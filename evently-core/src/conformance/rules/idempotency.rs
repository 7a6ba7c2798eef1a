//! Rule 10: one effect a key, and the same answer each time.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, definite, entry_of, key};
use crate::domain::{BookingId, BookingStatus, EntryStatus, EventDraft, EventId, Policy, WaitlistPolicy};
use crate::ledger::{ItemRequest, Selection};
use crate::requests::{BookRequest, JoinRequest};
use uuid::Uuid;

fn keyed(quantity: u32, text: &str) -> BookRequest {
    BookRequest::quantity(quantity).with_key(key(text))
}

fn keyed_join(quantity: u32, text: &str) -> JoinRequest {
    JoinRequest {
        key: Some(key(text)),
        ..JoinRequest::quantity(quantity)
    }
}

pub(crate) async fn the_same_key_and_request_is_one_booking(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let first = world.book(&ada, id, keyed(2, "k")).await.unwrap();
    assert!(!first.replayed);
    for _ in 0..3 {
        world.advance(60);
        let again = world.book(&ada, id, keyed(2, "k")).await.unwrap();
        assert!(again.replayed);
        assert_eq!(again.outcome, first.outcome);
    }
    assert_eq!(world.available(id).await, 8);
    assert_eq!(world.bookings(id).await.len(), 1);
}

pub(crate) async fn a_key_is_remembered_by_every_process(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let first = world.book(&ada, id, keyed(2, "k")).await.unwrap();
    let other = world.second_engine();
    let again = other.book(&ada, id, keyed(2, "k")).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.outcome, first.outcome);
}

pub(crate) async fn the_same_key_with_another_request_is_refused(world: World) {
    let (event, ada) = (world.create(world.draft(10)).await, world.user());
    let type_id = event.ticket_types[0].id;
    world.book(&ada, event.id, keyed(2, "k")).await.unwrap();
    let item = ItemRequest {
        ticket_type_id: type_id,
        quantity: 2,
        seats: Vec::new(),
    };
    for other in [
        keyed(3, "k"),
        keyed(2, "k").held(),
        keyed(2, "k").or_waitlist(),
        BookRequest::of_type(type_id, 2).with_key(key("k")),
        BookRequest::new(Selection::Items(vec![item])).with_key(key("k")),
    ] {
        let refused = world.book(&ada, event.id, other).await;
        assert_eq!(refused.unwrap_err(), Refusal::IdempotencyMismatch);
    }
    let refused = world.join(&ada, event.id, keyed_join(2, "k")).await;
    assert_eq!(refused.unwrap_err(), Refusal::IdempotencyMismatch);
    assert_eq!(world.available(event.id).await, 8);
}

pub(crate) async fn an_id_named_again_is_the_same_booking_and_nobody_elses(world: World) {
    let (id, other, ada) = (world.general(9).await, world.general(9).await, world.user());
    let chosen = || BookRequest {
        booking_id: Some(BookingId::from_uuid(Uuid::from_u128(7))),
        ..BookRequest::quantity(1)
    };
    let first = world.book(&ada, id, chosen()).await.unwrap();
    assert_eq!(
        world.book(&ada, id, chosen()).await.unwrap().outcome,
        first.outcome
    );
    let second = world.in_a_second_process();
    assert_eq!(
        second.book(&ada, id, chosen()).await.unwrap().outcome,
        first.outcome
    );
    for (by, id) in [(&world.user(), id), (&ada, other)] {
        let refused = world.book(by, id, chosen()).await.unwrap_err();
        assert!(
            matches!(&refused, Refusal::Invalid(errors) if errors[0].field == "booking_id"),
            "{refused:?}"
        );
    }
    assert_eq!((world.available(id).await, world.available(other).await), (8, 9));
}

pub(crate) async fn requests_without_a_key_are_all_new(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    world.booked(&ada, id, 2).await;
    world.booked(&ada, id, 2).await;
    assert_eq!(world.available(id).await, 6);
}

pub(crate) async fn a_key_is_of_one_user_and_one_event(world: World) {
    let (first, second) = (world.general(10).await, world.general(10).await);
    let (ada, bob) = (world.user(), world.user());
    let mut ids = std::collections::BTreeSet::new();
    for (by, event, quantity) in [(&ada, first, 1), (&bob, first, 2), (&ada, second, 3)] {
        let placed = world.book(by, event, keyed(quantity, "same")).await.unwrap();
        assert!(!placed.replayed);
        ids.insert(booking_of(placed).id);
    }
    assert_eq!(ids.len(), 3);
}

pub(crate) async fn a_refusal_leaves_the_key_free(world: World) {
    let (id, ada) = (world.general(2).await, world.user());
    let taken = world.booked(&world.user(), id, 1).await;
    let refused = world.book(&ada, id, keyed(2, "k")).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 1 });
    world.cancelled(&taken).await;
    let placed = world.book(&ada, id, keyed(2, "k")).await.unwrap();
    assert!(!placed.replayed);
    // Nor is a refused request what the key stands for.
    let refused = world.book(&ada, id, keyed(1, "j")).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.cancelled(&booking_of(placed)).await;
    assert!(!world.book(&ada, id, keyed(2, "j")).await.unwrap().replayed);
}

pub(crate) async fn a_mismatch_has_no_effect_and_the_key_stays(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let first = world.book(&ada, id, keyed(2, "k")).await.unwrap();
    assert!(world.book(&ada, id, keyed(3, "k")).await.is_err());
    assert_eq!(
        world.book(&ada, id, keyed(2, "k")).await.unwrap().outcome,
        first.outcome
    );
}

pub(crate) async fn a_replay_shows_the_booking_as_it_stands(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let hold = booking_of(world.book(&ada, id, keyed(2, "h").held()).await.unwrap());
    world
        .evently
        .confirm(&ada, hold.id, Some("pay".to_owned()))
        .await
        .unwrap();
    let replay = booking_of(world.book(&ada, id, keyed(2, "h").held()).await.unwrap());
    assert_eq!((replay.id, replay.status), (hold.id, BookingStatus::Confirmed));

    let cancelled = world.cancelled(&replay).await;
    let replay = world.book(&ada, id, keyed(2, "h").held()).await.unwrap();
    assert!(replay.replayed);
    assert_eq!(
        booking_of(replay),
        cancelled,
        "a key lives as long as its booking"
    );
    assert_eq!(world.available(id).await, 10, "and does not book again");
}

pub(crate) async fn a_replay_shows_an_expired_hold(world: World) {
    let (id, ada) = (world.general(10).await, world.user());
    let hold = booking_of(world.book(&ada, id, keyed(2, "h").held()).await.unwrap());
    world.advance(600);
    let replay = booking_of(world.book(&ada, id, keyed(2, "h").held()).await.unwrap());
    assert_eq!((replay.id, replay.status), (hold.id, BookingStatus::Expired));
}

pub(crate) async fn a_replay_asks_nothing_of_the_event(world: World) {
    let draft = EventDraft {
        sales_close_at: Some(world.in_seconds(100)),
        policy: Policy {
            per_user_limit: Some(2),
            ..Policy::default()
        },
        ..world.draft(2)
    };
    let (id, ada) = (world.create(draft).await.id, world.user());
    let first = world.book(&ada, id, keyed(2, "k")).await.unwrap();
    // Sold out, at the limit, and closed: the answer is what it was.
    assert_eq!(
        world.book(&ada, id, keyed(2, "k")).await.unwrap().outcome,
        first.outcome
    );
    world.advance(100);
    assert_eq!(
        world.book(&ada, id, keyed(2, "k")).await.unwrap().outcome,
        first.outcome
    );
}

pub(crate) async fn an_entry_has_one_place_a_key(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    let sold = world.booked(&world.user(), id, 1).await;
    let entry = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    let again = world.join(&ada, id, keyed_join(1, "w")).await.unwrap();
    assert!(again.replayed);
    assert_eq!(entry_of(again), entry);
    let refused = world.join(&ada, id, keyed_join(2, "w")).await;
    assert_eq!(refused.unwrap_err(), Refusal::IdempotencyMismatch);

    world.cancelled(&sold).await;
    let served = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    assert_eq!((served.id, served.status), (entry.id, EntryStatus::Converted));
    assert_eq!(world.bookings(id).await.len(), 2);
}

pub(crate) async fn a_booking_that_came_to_the_waitlist_is_replayed_as_its_entry(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    let sold = world.booked(&world.user(), id, 1).await;
    let ask = || keyed(1, "k").or_waitlist();
    let entry = entry_of(world.book(&ada, id, ask()).await.unwrap());
    let again = world.book(&ada, id, ask()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(entry_of(again).id, entry.id);
    world.cancelled(&sold).await;
    let served = world.book(&ada, id, ask()).await.unwrap();
    assert!(served.replayed);
    assert_eq!(world.bookings(id).await.len(), 2, "the place is not given twice");
}

pub(crate) async fn a_booking_made_for_an_entry_carries_no_key(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    let sold = world.booked(&world.user(), id, 1).await;
    let entry = entry_of(world.join(&ada, id, keyed_join(1, "k")).await.unwrap());
    world.cancelled(&sold).await;
    let booking = world
        .booking(world.entry(entry.id).await.booking_id.unwrap())
        .await;
    assert_eq!(booking.key, None, "the key stays the entry's");
}

pub(crate) async fn a_left_entry_is_replayed_as_left(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    world.booked(&world.user(), id, 1).await;
    let entry = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    world.evently.leave(&ada, entry.id).await.unwrap();
    let replay = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    assert_eq!((replay.id, replay.status), (entry.id, EntryStatus::Left));
    let fresh = entry_of(world.join(&ada, id, keyed_join(1, "w2")).await.unwrap());
    assert_ne!(fresh.id, entry.id);
}

pub(crate) async fn keys_may_use_every_visible_character(world: World) {
    let (id, ada) = (world.general(9).await, world.user());
    let visible: String = (0x21..=0x7e).map(char::from).collect();
    let longest = "k".repeat(255);
    for text in [visible.as_str(), longest.as_str(), "K", "k", "%", "_"] {
        assert!(
            !world.book(&ada, id, keyed(1, text)).await.unwrap().replayed,
            "{text}"
        );
        assert!(
            world.book(&ada, id, keyed(1, text)).await.unwrap().replayed,
            "{text}"
        );
    }
    assert_eq!(world.available(id).await, 3);
}

pub(crate) async fn a_key_on_an_offer_policy_has_one_effect_too(world: World) {
    let policy = Policy {
        waitlist: WaitlistPolicy::Offer,
        ..Policy::default()
    };
    let id: EventId = world
        .create(EventDraft {
            policy,
            ..world.draft(1)
        })
        .await
        .id;
    let ada = world.user();
    let sold = world.booked(&world.user(), id, 1).await;
    let entry = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    world.cancelled(&sold).await;
    let offered = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    assert_eq!((offered.id, offered.status), (entry.id, EntryStatus::Offered));
    let booking = definite(world.evently.accept(&ada, entry.id).await).unwrap();
    let replay = entry_of(world.join(&ada, id, keyed_join(1, "w")).await.unwrap());
    assert_eq!(
        (replay.status, replay.booking_id),
        (EntryStatus::Converted, Some(booking.id))
    );
}
