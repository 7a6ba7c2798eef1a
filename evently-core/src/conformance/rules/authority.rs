//! Nobody reads or changes what is another's, and only admins run events.

use crate::Refusal;
use crate::conformance::world::{World, refusal};
use crate::domain::{
    BookingFilter, BookingId, BookingStatus, EntryFilter, EntryId, EntryStatus, PageRequest,
};

pub(crate) async fn another_users_booking_is_not_found(world: World) {
    let (id, ada, eve) = (world.general(5).await, world.user(), world.user());
    let hold = world.held(&ada, id, 1).await;
    let evently = &world.evently;
    assert_eq!(refusal(evently.booking(&eve, hold.id).await), Refusal::NotFound);
    assert_eq!(
        refusal(evently.confirm(&eve, hold.id, None).await),
        Refusal::NotFound
    );
    assert_eq!(refusal(evently.extend(&eve, hold.id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.cancel(&eve, hold.id).await), Refusal::NotFound);
    let own = evently
        .bookings(&eve, BookingFilter::default(), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(own.items, vec![]);
    assert_eq!(world.booking(hold.id).await, hold);
}

pub(crate) async fn another_users_entry_is_not_found(world: World) {
    let (id, ada, eve) = (world.general(1).await, world.user(), world.user());
    world.booked(&world.user(), id, 1).await;
    let entry = world.joined(&ada, id, 1).await;
    let evently = &world.evently;
    assert_eq!(refusal(evently.entry(&eve, entry.id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.leave(&eve, entry.id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.accept(&eve, entry.id).await), Refusal::NotFound);
    assert_eq!(refusal(evently.decline(&eve, entry.id).await), Refusal::NotFound);
    assert_eq!(
        evently.entries(&eve, PageRequest::default()).await.unwrap().items,
        vec![]
    );
    assert_eq!(world.entry(entry.id).await.status, EntryStatus::Waiting);
}

pub(crate) async fn what_does_not_exist_is_not_found(world: World) {
    let (ada, evently) = (world.user(), &world.evently);
    let (booking, entry) = (
        BookingId::from_uuid(world.new_id()),
        EntryId::from_uuid(world.new_id()),
    );
    for by in [&ada, &world.admin] {
        assert_eq!(refusal(evently.booking(by, booking).await), Refusal::NotFound);
        assert_eq!(
            refusal(evently.confirm(by, booking, None).await),
            Refusal::NotFound
        );
        assert_eq!(refusal(evently.extend(by, booking).await), Refusal::NotFound);
        assert_eq!(refusal(evently.cancel(by, booking).await), Refusal::NotFound);
        assert_eq!(refusal(evently.entry(by, entry).await), Refusal::NotFound);
        assert_eq!(refusal(evently.leave(by, entry).await), Refusal::NotFound);
        assert_eq!(refusal(evently.accept(by, entry).await), Refusal::NotFound);
        assert_eq!(refusal(evently.decline(by, entry).await), Refusal::NotFound);
    }
}

pub(crate) async fn an_admin_sees_everybodys(world: World) {
    let (id, ada) = (world.general(1).await, world.user());
    let booking = world.booked(&ada, id, 1).await;
    let entry = world.joined(&world.user(), id, 1).await;
    assert_eq!(
        world.evently.booking(&world.admin, booking.id).await.unwrap(),
        booking
    );
    assert_eq!(
        world.evently.entry(&world.admin, entry.id).await.unwrap().entry,
        entry
    );
    let own = world
        .evently
        .bookings(&world.admin, BookingFilter::default(), PageRequest::default());
    assert_eq!(own.await.unwrap().items, vec![], "but lists their own bookings");
}

pub(crate) async fn only_admins_run_events(world: World) {
    let (id, ada, evently) = (world.general(5).await, world.user(), &world.evently);
    let forbidden = Refusal::Forbidden;
    assert_eq!(
        refusal(evently.create_event(&ada, world.draft(5)).await),
        forbidden
    );
    assert_eq!(
        refusal(evently.change_event(&ada, id, 1, world.draft(6)).await),
        forbidden
    );
    assert_eq!(refusal(evently.publish_event(&ada, id).await), forbidden);
    assert_eq!(refusal(evently.cancel_event(&ada, id).await), forbidden);
    assert_eq!(refusal(evently.delete_event(&ada, id).await), forbidden);
    let bookings = evently.bookings_of_event(&ada, id, BookingFilter::default(), PageRequest::default());
    assert_eq!(refusal(bookings.await), forbidden);
    let entries = evently.entries_of_event(&ada, id, EntryFilter::default(), PageRequest::default());
    assert_eq!(refusal(entries.await), forbidden);
    assert_eq!(world.listing(id).await.version, 1, "nothing of it had an effect");
}

pub(crate) async fn an_admin_confirms_and_extends_for_others(world: World) {
    let (id, ada) = (world.general(5).await, world.user());
    let hold = world.held(&ada, id, 1).await;
    world.advance(60);
    match world.evently.extend(&world.admin, hold.id).await {
        Ok(extended) => assert!(extended.hold_expires_at > hold.hold_expires_at),
        Err(error) => panic!("an admin may do what the owner may: {error}"),
    }
    let booking = world.evently.confirm(&world.admin, hold.id, None).await.unwrap();
    assert_eq!(
        (booking.status, booking.user_id),
        (BookingStatus::Confirmed, ada.user_id)
    );
}
