//! Rule 7: what frees goes to who waits, in order of joining, in the same commit. Policy `auto`.

use super::waitlist::sold_out;
use crate::conformance::world::{World, booking_of, entry_of, row, stalls};
use crate::domain::{
    BookingFilter, BookingStatus, EntryStatus, EventDraft, PageRequest, Policy, Source, WaitlistPolicy,
};
use crate::requests::{BookRequest, JoinRequest};
use crate::{Error, Refusal};

pub(crate) async fn a_freed_place_goes_to_who_waited_longest(world: World) {
    let (id, bookings) = sold_out(&world, 2).await;
    let mut entries = Vec::new();
    for _ in 0..3 {
        entries.push(world.joined(&world.user(), id, 1).await);
    }
    let at = world.advance(60);
    world.cancelled(&bookings[0]).await;
    let first = world.entry(entries[0].id).await;
    assert_eq!(first.status, EntryStatus::Converted);
    let booking = world.booking(first.booking_id.expect("its booking")).await;
    assert_eq!(
        (booking.status, booking.source),
        (BookingStatus::Confirmed, Source::Waitlist)
    );
    assert_eq!((booking.user_id, booking.quantity()), (first.user_id, 1));
    assert_eq!((booking.created_at, booking.confirmed_at), (at, Some(at)));
    assert_eq!(booking.entry_id, Some(first.id));
    assert_eq!(world.available(id).await, 0);

    world.cancelled(&bookings[1]).await;
    assert_eq!(world.entry(entries[1].id).await.status, EntryStatus::Converted);
    assert_eq!(world.entry(entries[2].id).await.status, EntryStatus::Waiting);
}

pub(crate) async fn who_waits_is_served_when_sales_open_again(world: World) {
    let (id, bookings) = sold_out(&world, 2).await;
    let entry = world.joined(&world.user(), id, 1).await;
    let opens_at = world.now() + std::time::Duration::from_secs(100);
    world
        .change(id, |draft| draft.sales_open_at = Some(opens_at))
        .await
        .unwrap();
    world.cancelled(&bookings[0]).await;
    world.sweep(id).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Waiting);
    world.advance(100);
    world.sweep(id).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn who_waits_is_served_when_nobody_may_join_any_more(world: World) {
    let (id, bookings) = sold_out(&world, 3).await;
    let (first, second) = (world.user(), world.user());
    let entries = [
        world.joined(&first, id, 1).await,
        world.joined(&second, id, 2).await,
    ];
    world
        .change(id, |draft| draft.policy.waitlist = WaitlistPolicy::Off)
        .await
        .unwrap();
    let late = JoinRequest::quantity(1);
    let refused = world.evently.join(&world.user(), id, late).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::WaitlistOff))));
    world.cancelled(&bookings[0]).await;
    assert_eq!(world.entry(entries[0].id).await.status, EntryStatus::Converted);
    world.cancelled(&bookings[1]).await;
    assert_eq!(world.entry(entries[1].id).await.status, EntryStatus::Waiting);
    world.cancelled(&bookings[2]).await;
    assert_eq!(world.entry(entries[1].id).await.status, EntryStatus::Converted);
    assert_eq!(world.available(id).await, 0);
}

pub(crate) async fn whoever_fits_next_is_served_until_nobody_fits(world: World) {
    let id = world.general(6).await;
    let six = world.booked(&world.user(), id, 6).await;
    let mut entries = Vec::new();
    for quantity in [3, 4, 2, 1, 1] {
        entries.push(world.joined(&world.user(), id, quantity).await.id);
    }
    world.cancelled(&six).await;
    let mut statuses = Vec::new();
    for id in &entries {
        statuses.push(world.entry(*id).await.status);
    }
    let (served, waits) = (EntryStatus::Converted, EntryStatus::Waiting);
    assert_eq!(statuses, [served, waits, served, served, waits]);
    assert_eq!(world.available(id).await, 0);
}

pub(crate) async fn a_released_hold_serves_the_waitlist(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    let entry = world.joined(&world.user(), id, 1).await;
    world.evently.cancel(&ada, hold.id).await.unwrap();
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn an_expired_hold_serves_the_waitlist(world: World) {
    let id = world.general(2).await;
    world.held(&world.user(), id, 1).await;
    world.held(&world.user(), id, 1).await;
    // Both places free at one instant: who wants two gets them.
    let entry = world.joined(&world.user(), id, 2).await;
    let late = world.joined(&world.user(), id, 1).await;
    let at = world.advance(600);
    world.sweep(id).await;
    let served = world.entry(entry.id).await;
    assert_eq!(served.status, EntryStatus::Converted);
    assert_eq!(world.booking(served.booking_id.unwrap()).await.created_at, at);
    assert_eq!(world.entry(late.id).await.status, EntryStatus::Waiting);
}

pub(crate) async fn a_newcomer_cannot_outrun_the_waitlist_at_an_expiry(world: World) {
    let id = world.general(1).await;
    world.held(&world.user(), id, 1).await;
    let entry = world.joined(&world.user(), id, 1).await;
    world.advance(600);
    // Nothing has been swept: the booking itself finds the hold over, and the place taken by who waited.
    let refused = world.book(&world.user(), id, BookRequest::quantity(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.sweep(id).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn higher_capacity_serves_the_waitlist(world: World) {
    let (id, _) = sold_out(&world, 1).await;
    let (first, second) = (
        world.joined(&world.user(), id, 2).await,
        world.joined(&world.user(), id, 2).await,
    );
    let listing = world.resize(id, 4).await.unwrap();
    assert_eq!(
        listing.available(),
        1,
        "the answer shows what is left after serving"
    );
    assert_eq!(world.entry(first.id).await.status, EntryStatus::Converted);
    assert_eq!(world.entry(second.id).await.status, EntryStatus::Waiting);
    world.booked(&world.user(), id, 1).await;
}

pub(crate) async fn who_leaves_is_not_served(world: World) {
    let (id, bookings) = sold_out(&world, 1).await;
    let ada = world.user();
    let (first, second) = (
        world.joined(&ada, id, 1).await,
        world.joined(&world.user(), id, 1).await,
    );
    let left = world.evently.leave(&ada, first.id).await.unwrap();
    assert_eq!(left.status, EntryStatus::Left);
    assert_eq!(
        world.evently.leave(&ada, first.id).await.unwrap(),
        left,
        "leaving again answers the same"
    );
    assert_eq!(
        world.evently.entry(&ada, first.id).await.unwrap().entry,
        left,
        "it can still be read"
    );
    world.cancelled(&bookings[0]).await;
    assert_eq!(world.entry(first.id).await.status, EntryStatus::Left);
    assert_eq!(world.entry(second.id).await.status, EntryStatus::Converted);
}

pub(crate) async fn the_waitlist_closes_with_the_sales(world: World) {
    let draft = EventDraft {
        sales_close_at: Some(world.in_seconds(100)),
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    let booking = world.booked(&world.user(), id, 1).await;
    let entry = world.joined(&world.user(), id, 1).await;
    world.advance(100);
    world.cancelled(&booking).await;
    world.sweep(id).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Closed);
    assert_eq!(world.available(id).await, 1, "nothing is given out any more");
    assert_eq!(world.listing(id).await.counts[0].waiting, 0);
    let late = world.join(&world.user(), id, JoinRequest::quantity(2)).await;
    assert!(matches!(late, Err(Refusal::NotOnSale { .. })), "{late:?}");
}

pub(crate) async fn a_close_of_sales_is_swept(world: World) {
    let draft = EventDraft {
        sales_close_at: Some(world.in_seconds(100)),
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    world.booked(&world.user(), id, 1).await;
    let entry = world.joined(&world.user(), id, 1).await;
    let due = async |seconds| {
        world
            .store
            .due_events(world.in_seconds(seconds), 10)
            .await
            .unwrap()
    };
    assert_eq!(due(99).await, vec![]);
    assert_eq!(due(100).await, vec![id], "the sweeper will come for it");
    world.advance(100);
    world.sweep(id).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Closed);
}

pub(crate) async fn reserved_seats_are_served_by_best_available(world: World) {
    let draft = EventDraft {
        sections: vec![stalls(vec![row("A", 6)])],
        ..world.draft(1)
    };
    let id = world.create(draft).await.id;
    let ada = world.user();
    let left = booking_of(
        world
            .book(&ada, id, BookRequest::seats(["A-1", "A-2", "A-3"]))
            .await
            .unwrap(),
    );
    world
        .book(&world.user(), id, BookRequest::seats(["A-4", "A-5", "A-6"]))
        .await
        .unwrap();
    let entry = world.joined(&world.user(), id, 2).await;
    world.evently.cancel(&ada, left.id).await.unwrap();
    let booking = world
        .booking(world.entry(entry.id).await.booking_id.unwrap())
        .await;
    let mut seats = booking.items[0].seats.clone();
    seats.sort_unstable();
    assert_eq!(seats.len(), 2);
    assert!(
        seats.contains(&"A-2".into()),
        "two of three in a row are adjacent: {seats:?}"
    );
    let (_, taken) = world.evently.taken_seats(None, id).await.unwrap();
    assert_eq!(taken.len(), 5);
}

pub(crate) async fn a_promotion_never_breaks_the_limit(world: World) {
    let draft = EventDraft {
        policy: Policy {
            per_user_limit: Some(2),
            ..Policy::default()
        },
        ..world.draft_of(&[("Floor", 1), ("Balcony", 5)])
    };
    let event = world.create(draft).await;
    let (ada, bob) = (world.user(), world.user());
    let of = |index: usize, quantity| BookRequest::of_type(event.ticket_types[index].id, quantity);
    let booking = booking_of(world.book(&world.user(), event.id, of(0, 1)).await.unwrap());
    for by in [&ada, &bob] {
        world.book(by, event.id, of(0, 1).or_waitlist()).await.unwrap();
    }
    // Who waits may still book elsewhere; if they do, the limit bounds what the waitlist can give them.
    let _ = world.book(&ada, event.id, of(1, 2)).await;
    world.cancelled(&booking).await;
    let filter = BookingFilter {
        event_id: Some(event.id),
        ..Default::default()
    };
    for by in [&ada, &bob] {
        let page = world
            .evently
            .bookings(by, filter, PageRequest::default())
            .await
            .unwrap();
        let live = page.items.iter().filter(|it| it.status.takes_capacity());
        assert!(live.map(|it| it.quantity()).sum::<u32>() <= 2);
    }
    assert_eq!(
        world.listing(event.id).await.counts[0].available(),
        0,
        "somebody was served"
    );
}

pub(crate) async fn who_falls_below_the_limit_is_served_in_another_section(world: World) {
    let draft = EventDraft {
        policy: Policy {
            per_user_limit: Some(2),
            ..Policy::default()
        },
        ..world.draft_of(&[("Floor", 1), ("Balcony", 5)])
    };
    let (event, ada) = (world.create(draft).await, world.user());
    let of = |index: usize, quantity| BookRequest::of_type(event.ticket_types[index].id, quantity);
    let sold = booking_of(world.book(&world.user(), event.id, of(0, 1)).await.unwrap());
    let entry = entry_of(world.book(&ada, event.id, of(0, 1).or_waitlist()).await.unwrap());
    let elsewhere = booking_of(world.book(&ada, event.id, of(1, 2)).await.unwrap());
    world.cancelled(&sold).await;
    assert_eq!(
        world.entry(entry.id).await.status,
        EntryStatus::Waiting,
        "kept out by the limit"
    );
    world.cancelled(&elsewhere).await;
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Converted);
}
