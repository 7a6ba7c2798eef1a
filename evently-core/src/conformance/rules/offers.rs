//! Rule 7, policy `offer`: a hold is made for who waited, to accept or to decline.

use crate::Refusal;
use crate::conformance::world::{World, refusal};
use crate::domain::{
    Booking, BookingStatus, Caller, EndReason, Entry, EntryStatus, EventDraft, EventId, Policy, Source,
    WaitlistPolicy,
};
use crate::requests::BookRequest;
use std::{sync::Arc, time::Duration};

const OFFER_SECONDS: u64 = 300;

/// An event with one place, whose holder just cancelled while so many waited.
struct Offered {
    id: EventId,
    users: Vec<Caller>,
    entries: Vec<Arc<Entry>>,
}

impl Offered {
    async fn new(world: &World, waiting: usize) -> Self {
        Self::of(world, waiting, world.draft(1)).await
    }

    async fn of(world: &World, waiting: usize, draft: EventDraft) -> Self {
        let policy = Policy {
            waitlist: WaitlistPolicy::Offer,
            offer_seconds: 300,
            ..draft.policy.clone()
        };
        let id = world.create(EventDraft { policy, ..draft }).await.id;
        let booking = world.booked(&world.user(), id, 1).await;
        let (users, mut entries) = (world.users(waiting), Vec::new());
        for user in &users {
            entries.push(world.joined(user, id, 1).await);
        }
        world.cancelled(&booking).await;
        Self { id, users, entries }
    }

    async fn entry(&self, world: &World, index: usize) -> Arc<Entry> {
        world.entry(self.entries[index].id).await
    }

    async fn status(&self, world: &World, index: usize) -> EntryStatus {
        self.entry(world, index).await.status
    }

    /// The hold of an entry's offer.
    async fn hold(&self, world: &World, index: usize) -> Arc<Booking> {
        let id = self
            .entry(world, index)
            .await
            .booking_id
            .expect("it was offered a hold");
        world.booking(id).await
    }
}

pub(crate) async fn a_freed_place_is_offered(world: World) {
    let offered = Offered::new(&world, 2).await;
    let entry = offered.entry(&world, 0).await;
    let until = Some(world.in_seconds(OFFER_SECONDS));
    assert_eq!(
        (entry.status, entry.offer_expires_at),
        (EntryStatus::Offered, until)
    );
    let hold = offered.hold(&world, 0).await;
    assert_eq!(
        (hold.status, hold.source),
        (BookingStatus::Held, Source::Waitlist)
    );
    assert_eq!((hold.hold_expires_at, hold.entry_id), (until, Some(entry.id)));
    assert_eq!(hold.user_id, offered.users[0].user_id);
    assert_eq!(world.placed(entry.id).await.position, None);
    assert_eq!(offered.status(&world, 1).await, EntryStatus::Waiting);
    assert_eq!(world.placed(offered.entries[1].id).await.position, Some(1));
}

pub(crate) async fn nobody_else_can_take_an_offer(world: World) {
    let offered = Offered::new(&world, 1).await;
    let newcomer = world.user();
    let refused = world.book(&newcomer, offered.id, BookRequest::quantity(1)).await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    let accept = world.evently.accept(&newcomer, offered.entries[0].id).await;
    assert_eq!(refusal(accept), Refusal::NotFound);
}

pub(crate) async fn an_accepted_offer_is_a_booking(world: World) {
    let offered = Offered::new(&world, 1).await;
    let (ada, id) = (offered.users[0], offered.entries[0].id);
    let at = world.advance(OFFER_SECONDS - 1);
    let booking = world.evently.accept(&ada, id).await.unwrap();
    assert_eq!(
        (booking.status, booking.confirmed_at),
        (BookingStatus::Confirmed, Some(at))
    );
    let entry = world.entry(id).await;
    assert_eq!(
        (entry.status, entry.booking_id),
        (EntryStatus::Converted, Some(booking.id))
    );
    world.advance(9999);
    assert_eq!(
        world.evently.accept(&ada, id).await.unwrap(),
        booking,
        "accepting again answers the same"
    );
    world.sweep(offered.id).await;
    assert_eq!(world.status(booking.id).await, BookingStatus::Confirmed);
}

pub(crate) async fn confirming_the_hold_of_an_offer_accepts_it(world: World) {
    let offered = Offered::new(&world, 1).await;
    let hold = offered.hold(&world, 0).await;
    let booking = world
        .evently
        .confirm(&offered.users[0], hold.id, Some("pay".to_owned()))
        .await
        .unwrap();
    assert_eq!(booking.status, BookingStatus::Confirmed);
    assert_eq!(offered.status(&world, 0).await, EntryStatus::Converted);
    let accepted = world
        .evently
        .accept(&offered.users[0], offered.entries[0].id)
        .await
        .unwrap();
    assert_eq!(accepted, booking);
}

pub(crate) async fn a_declined_offer_passes_to_the_next(world: World) {
    let offered = Offered::new(&world, 2).await;
    let (ada, id) = (offered.users[0], offered.entries[0].id);
    let hold = offered.hold(&world, 0).await;
    world.advance(10);
    let declined = world.evently.decline(&ada, id).await.unwrap();
    assert_eq!(declined.status, EntryStatus::Declined);
    assert_eq!(
        world.evently.decline(&ada, id).await.unwrap(),
        declined,
        "declining again answers the same"
    );
    let hold = world.booking(hold.id).await;
    assert_eq!(
        (hold.status, hold.reason),
        (BookingStatus::Cancelled, Some(EndReason::OfferDeclined))
    );
    let next = offered.entry(&world, 1).await;
    assert_eq!(next.status, EntryStatus::Offered);
    assert_eq!(
        next.offer_expires_at,
        Some(world.in_seconds(OFFER_SECONDS)),
        "a whole offer of its own"
    );
    assert_eq!(refusal(world.evently.accept(&ada, id).await), Refusal::NotOffered);
}

pub(crate) async fn a_lapsed_offer_passes_to_the_next(world: World) {
    let offered = Offered::new(&world, 2).await;
    let hold = offered.hold(&world, 0).await;
    let at = world.advance(OFFER_SECONDS);
    world.sweep(offered.id).await;
    assert_eq!(offered.status(&world, 0).await, EntryStatus::Lapsed);
    let hold = world.booking(hold.id).await;
    assert_eq!(
        (hold.status, hold.reason),
        (BookingStatus::Expired, Some(EndReason::OfferLapsed))
    );
    let next = offered.entry(&world, 1).await;
    let until = at + Duration::from_secs(OFFER_SECONDS);
    assert_eq!(
        (next.status, next.offer_expires_at),
        (EntryStatus::Offered, Some(until))
    );
    assert_eq!(offered.hold(&world, 1).await.created_at, at);
}

pub(crate) async fn an_offer_is_over_at_its_last_instant_swept_or_not(world: World) {
    let offered = Offered::new(&world, 1).await;
    let (ada, id) = (offered.users[0], offered.entries[0].id);
    let hold = offered.hold(&world, 0).await;
    world.advance(OFFER_SECONDS);
    for _ in 0..2 {
        assert_eq!(
            refusal(world.evently.accept(&ada, id).await),
            Refusal::OfferLapsed
        );
        assert_eq!(
            refusal(world.evently.decline(&ada, id).await),
            Refusal::OfferLapsed
        );
        assert_eq!(
            refusal(world.evently.confirm(&ada, hold.id, None).await),
            Refusal::HoldExpired
        );
        world.sweep(offered.id).await;
    }
    assert_eq!(world.available(offered.id).await, 1);
}

pub(crate) async fn a_lapsed_offer_goes_to_who_waited_and_not_to_a_newcomer(world: World) {
    let offered = Offered::new(&world, 2).await;
    world.advance(OFFER_SECONDS);
    let refused = world
        .book(&world.user(), offered.id, BookRequest::quantity(1))
        .await;
    assert_eq!(refused.unwrap_err(), Refusal::SoldOut { available: 0 });
    world.sweep(offered.id).await;
    assert_eq!(offered.status(&world, 1).await, EntryStatus::Offered);
}

pub(crate) async fn a_lapsed_offer_leaves_its_user_free_to_join_again(world: World) {
    let offered = Offered::new(&world, 2).await;
    world.advance(OFFER_SECONDS);
    world.sweep(offered.id).await;
    let again = world.joined(&offered.users[0], offered.id, 1).await;
    assert_eq!(world.placed(again.id).await.position, Some(1));
}

pub(crate) async fn leaving_an_offer_releases_it(world: World) {
    let offered = Offered::new(&world, 2).await;
    let hold = offered.hold(&world, 0).await;
    let left = world
        .evently
        .leave(&offered.users[0], offered.entries[0].id)
        .await
        .unwrap();
    assert_eq!(left.status, EntryStatus::Left);
    assert_eq!(world.status(hold.id).await, BookingStatus::Cancelled);
    assert_eq!(offered.status(&world, 1).await, EntryStatus::Offered);
}

pub(crate) async fn cancelling_the_hold_of_an_offer_ends_the_offer(world: World) {
    let offered = Offered::new(&world, 2).await;
    let hold = offered.hold(&world, 0).await;
    world.evently.cancel(&offered.users[0], hold.id).await.unwrap();
    assert!(
        !offered.status(&world, 0).await.is_active(),
        "the entry ends with its offer"
    );
    assert_eq!(offered.status(&world, 1).await, EntryStatus::Offered);
}

pub(crate) async fn who_has_an_offer_cannot_wait_as_well(world: World) {
    let offered = Offered::new(&world, 1).await;
    let again = world
        .book(
            &offered.users[0],
            offered.id,
            BookRequest::quantity(1).or_waitlist(),
        )
        .await;
    assert_eq!(again.unwrap_err(), Refusal::AlreadyWaitlisted);
}

pub(crate) async fn an_offer_ends_with_the_sales(world: World) {
    let closes_at = world.now() + Duration::from_secs(100);
    let draft = EventDraft {
        sales_close_at: Some(closes_at),
        ..world.draft(1)
    };
    let offered = Offered::of(&world, 1, draft).await;
    let offer = offered.entry(&world, 0).await;
    assert_eq!(
        (offer.status, offer.offer_expires_at),
        (EntryStatus::Offered, Some(closes_at))
    );
    world.advance(100);
    let late = world.evently.accept(&offered.users[0], offer.id).await;
    assert_eq!(refusal(late), Refusal::OfferLapsed);
}

pub(crate) async fn an_offer_ends_with_sales_that_close_earlier_than_they_should(world: World) {
    let offered = Offered::new(&world, 1).await;
    let (ada, hold) = (offered.users[0], offered.hold(&world, 0).await);
    world.resize(offered.id, 2).await.unwrap();
    let other = world.held(&world.user(), offered.id, 1).await;
    let closes_at = Some(world.in_seconds(100));
    let close = |draft: &mut EventDraft| draft.sales_close_at = closes_at;
    world.change(offered.id, close).await.unwrap();
    world.advance(99);
    assert_eq!(offered.status(&world, 0).await, EntryStatus::Offered);
    world.advance(1);
    let late = world.evently.accept(&ada, offered.entries[0].id).await;
    assert_eq!(refusal(late), Refusal::OfferLapsed);
    let confirmed = world.evently.confirm(&ada, hold.id, None).await;
    assert_eq!(refusal(confirmed), Refusal::HoldExpired);
    assert_eq!(world.available(offered.id).await, 1);
    assert_eq!(offered.status(&world, 0).await, EntryStatus::Lapsed);
    assert_eq!(world.booking(other.id).await.status, BookingStatus::Held);
}

pub(crate) async fn an_offer_is_not_extended_beyond_the_sales(world: World) {
    let draft = EventDraft {
        sales_close_at: Some(world.in_seconds(400)),
        ..world.draft(1)
    };
    let offered = Offered::of(&world, 1, draft).await;
    let (by, hold) = (offered.users[0], offered.hold(&world, 0).await);
    world.advance(200);
    let extended = world.evently.extend(&by, hold.id).await.unwrap();
    assert_eq!(extended.hold_expires_at, Some(world.in_seconds(200)));
    let again = world.evently.extend(&by, hold.id).await;
    assert_eq!(refusal(again), Refusal::HoldLimit);
}

pub(crate) async fn offers_stop_when_sales_close(world: World) {
    let draft = EventDraft {
        sales_close_at: Some(world.in_seconds(100)),
        ..world.draft(1)
    };
    let offered = Offered::of(&world, 2, draft).await;
    let ada = offered.users[0];
    assert_eq!(offered.status(&world, 0).await, EntryStatus::Offered);
    world.advance(100);
    world.sweep(offered.id).await;
    assert_eq!(offered.status(&world, 1).await, EntryStatus::Closed);
    let hold = offered.hold(&world, 0).await;
    if hold.status == BookingStatus::Held {
        world.evently.cancel(&ada, hold.id).await.unwrap();
    }
    world.sweep(offered.id).await;
    assert_eq!(
        world.available(offered.id).await,
        1,
        "nobody is offered it any more"
    );
    assert_eq!(offered.status(&world, 1).await, EntryStatus::Closed);
}

pub(crate) async fn offers_for_several_free_places_stand_side_by_side(world: World) {
    let policy = Policy {
        waitlist: WaitlistPolicy::Offer,
        ..Policy::default()
    };
    let id = world
        .create(EventDraft {
            policy,
            ..world.draft(3)
        })
        .await
        .id;
    let booking = world.booked(&world.user(), id, 3).await;
    let mut entries = Vec::new();
    for _ in 0..4 {
        entries.push(world.joined(&world.user(), id, 1).await.id);
    }
    world.cancelled(&booking).await;
    let mut offered = 0;
    for id in entries {
        offered += u32::from(world.entry(id).await.status == EntryStatus::Offered);
    }
    let count = world.listing(id).await.counts[0];
    assert_eq!((offered, count.held, count.waiting), (3, 3, 1));
}
