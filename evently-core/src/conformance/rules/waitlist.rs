//! Rule 7: who joins the waitlist, what becomes of an entry, who sees it. Policy `auto`.

use crate::Refusal;
use crate::conformance::world::{World, booking_of, definite, entry_of, refusal, row, stalls};
use crate::domain::{EntryFilter, EntryStatus, EventDraft, EventId, PageRequest, Policy, WaitlistPolicy};
use crate::requests::{BookRequest, JoinRequest};

/// An event with so many places, all sold in bookings of one.
pub(crate) async fn sold_out(
    world: &World,
    capacity: u32,
) -> (EventId, Vec<std::sync::Arc<crate::domain::Booking>>) {
    let id = world.general(capacity).await;
    let mut bookings = Vec::new();
    for _ in 0..capacity {
        bookings.push(world.booked(&world.user(), id, 1).await);
    }
    (id, bookings)
}

pub(crate) async fn a_full_event_may_be_waited_for(world: World) {
    let (id, _) = sold_out(&world, 1).await;
    let ada = world.user();
    let entry = world.joined(&ada, id, 2).await;
    assert_eq!(
        (entry.event_id, entry.user_id, entry.quantity),
        (id, ada.user_id, 2)
    );
    assert_eq!((entry.status, entry.passes), (EntryStatus::Waiting, 0));
    assert_eq!((entry.booking_id, entry.offer_expires_at), (None, None));
    assert_eq!(entry.joined_at, world.now());
    let placed = world.evently.entry(&ada, entry.id).await.unwrap();
    assert_eq!((placed.entry, placed.position), (entry, Some(1)));
    assert_eq!(world.listing(id).await.counts[0].waiting, 1);
}

pub(crate) async fn nobody_waits_for_what_is_to_be_had(world: World) {
    let id = world.general(3).await;
    world.booked(&world.user(), id, 1).await;
    let refused = world.join(&world.user(), id, JoinRequest::quantity(2)).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotFull);
    // Full is meant for the asked quantity.
    world.joined(&world.user(), id, 3).await;
}

pub(crate) async fn a_section_may_be_full_while_another_is_not(world: World) {
    let event = world
        .create(world.draft_of(&[("Floor", 1), ("Balcony", 5)]))
        .await;
    let of = |index: usize| JoinRequest {
        ticket_type_id: Some(event.ticket_types[index].id),
        ..JoinRequest::quantity(1)
    };
    let floor = BookRequest::of_type(event.ticket_types[0].id, 1);
    let booking = booking_of(world.book(&world.user(), event.id, floor).await.unwrap());
    let refused = world.join(&world.user(), event.id, of(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotFull);
    let entry = entry_of(world.join(&world.user(), event.id, of(0)).await.unwrap());
    assert_eq!(entry.section_id, event.sections[0].id);
    let unnamed = world
        .join(&world.user(), event.id, JoinRequest::quantity(1))
        .await;
    assert!(matches!(unnamed, Err(Refusal::Invalid(_))), "{unnamed:?}");
    world.cancelled(&booking).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn a_user_waits_once(world: World) {
    let (id, _) = sold_out(&world, 1).await;
    let ada = world.user();
    let entry = world.joined(&ada, id, 1).await;
    let again = world.join(&ada, id, JoinRequest::quantity(2)).await;
    assert_eq!(again.unwrap_err(), Refusal::AlreadyWaitlisted);
    let again = world.book(&ada, id, BookRequest::quantity(1).or_waitlist()).await;
    assert_eq!(again.unwrap_err(), Refusal::AlreadyWaitlisted);
    world.evently.leave(&ada, entry.id).await.unwrap();
    let second = world.joined(&ada, id, 1).await;
    assert!(second.seq > entry.seq, "who comes back stands at the end");
}

pub(crate) async fn an_event_without_waitlist_has_none(world: World) {
    let policy = Policy {
        waitlist: WaitlistPolicy::Off,
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
    let refused = world.join(&world.user(), id, JoinRequest::quantity(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::WaitlistOff);
    let refused = world
        .book(&world.user(), id, BookRequest::quantity(1).or_waitlist())
        .await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.cancelled(&booking).await;
    assert_eq!(world.available(id).await, 1);
}

pub(crate) async fn a_booking_may_fall_back_on_the_waitlist(world: World) {
    let id = world.general(2).await;
    let taken = world
        .book(&world.user(), id, BookRequest::quantity(2).or_waitlist())
        .await
        .unwrap();
    let booking = booking_of(taken);
    let placed = world
        .book(&world.user(), id, BookRequest::quantity(1).or_waitlist())
        .await
        .unwrap();
    let entry = entry_of(placed);
    assert_eq!((entry.status, entry.quantity), (EntryStatus::Waiting, 1));
    world.cancelled(&booking).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn named_seats_cannot_be_waited_for(world: World) {
    let draft = EventDraft {
        sections: vec![stalls(vec![row("A", 1)])],
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    world
        .book(&world.user(), id, BookRequest::seats(["A-1"]))
        .await
        .unwrap();
    let answer = world
        .book(&world.user(), id, BookRequest::seats(["A-1"]).or_waitlist())
        .await;
    assert!(matches!(answer, Err(Refusal::Invalid(_))), "{answer:?}");
}

pub(crate) async fn positions_move_up(world: World) {
    let (id, bookings) = sold_out(&world, 1).await;
    let users = world.users(3);
    let mut entries = Vec::new();
    for user in &users {
        entries.push(world.joined(user, id, 1).await.id);
    }
    let positions = async || {
        let mut found = Vec::new();
        for id in &entries {
            found.push(world.placed(*id).await.position);
        }
        found
    };
    assert_eq!(positions().await, [Some(1), Some(2), Some(3)]);
    world.evently.leave(&users[1], entries[1]).await.unwrap();
    assert_eq!(positions().await, [Some(1), None, Some(2)]);
    world.cancelled(&bookings[0]).await;
    assert_eq!(positions().await, [None, None, Some(1)]);
}

pub(crate) async fn a_served_entry_cannot_be_left(world: World) {
    let (id, bookings) = sold_out(&world, 1).await;
    let ada = world.user();
    let entry = world.joined(&ada, id, 1).await;
    world.cancelled(&bookings[0]).await;
    assert_eq!(
        refusal(world.evently.leave(&ada, entry.id).await),
        Refusal::NotWaiting
    );
    // But its booking can be cancelled, and its owner may wait again.
    let booking = world
        .booking(world.entry(entry.id).await.booking_id.unwrap())
        .await;
    world.cancelled(&booking).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
    assert_eq!(world.available(id).await, 1);
}

pub(crate) async fn without_an_offer_there_is_nothing_to_accept_or_decline(world: World) {
    let (id, _) = sold_out(&world, 1).await;
    let ada = world.user();
    let entry = world.joined(&ada, id, 1).await;
    assert_eq!(
        refusal(world.evently.accept(&ada, entry.id).await),
        Refusal::NotOffered
    );
    assert_eq!(
        refusal(world.evently.decline(&ada, entry.id).await),
        Refusal::NotOffered
    );
}

pub(crate) async fn the_admins_list_shows_every_entry_in_order(world: World) {
    let (id, bookings) = sold_out(&world, 1).await;
    let users = world.users(3);
    let mut entries = Vec::new();
    for user in &users {
        entries.push(world.joined(user, id, 1).await.id);
    }
    world.evently.leave(&users[1], entries[1]).await.unwrap();
    world.cancelled(&bookings[0]).await;
    let list = async |status| {
        let filter = EntryFilter { status };
        let page = world
            .evently
            .entries_of_event(&world.admin, id, filter, PageRequest::default())
            .await;
        page.unwrap()
            .items
            .iter()
            .map(|placed| placed.entry.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(list(None).await, entries);
    assert_eq!(list(Some(EntryStatus::Waiting)).await, entries[2..]);
    assert_eq!(list(Some(EntryStatus::Left)).await, entries[1..2]);
    let by_user =
        world
            .evently
            .entries_of_event(&users[0], id, EntryFilter::default(), PageRequest::default());
    assert_eq!(refusal(by_user.await), Refusal::Forbidden);
}

pub(crate) async fn the_waitlist_form_is_checked(world: World) {
    let (id, _) = sold_out(&world, 1).await;
    for quantity in [0, 101] {
        let answer = definite(
            world
                .evently
                .join(&world.user(), id, JoinRequest::quantity(quantity))
                .await,
        );
        assert!(
            matches!(answer, Err(Refusal::Invalid(_))),
            "{quantity}: {answer:?}"
        );
    }
}
