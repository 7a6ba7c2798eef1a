//! What outlives an abrupt end: the storage is opened again while nothing was closed.

use super::rules::event_cancel::half_cancelled;
use super::world::{World, entry_of, key};
use crate::domain::{BookingStatus, EntryStatus, Role, Session, SessionId, User, UserId};
use crate::requests::{BookRequest, JoinRequest};
use crate::store::{Rotation, UserWritten};

pub(crate) async fn acknowledged_bookings_survive(world: World) {
    let id = world.general(500).await;
    let mut kept = Vec::new();
    for turn in 0..100 {
        let booking = world.booked(&world.user(), id, turn % 3 + 1).await;
        kept.push(if turn % 4 == 0 {
            world.cancelled(&booking).await
        } else {
            booking
        });
    }
    let before = world.listing(id).await;
    let world = world.restarted().await;
    assert_eq!(world.listing(id).await, before);
    for booking in kept {
        assert_eq!(world.booking(booking.id).await, booking);
    }
    world.booked(&world.user(), id, 1).await;
}

pub(crate) async fn keys_survive(world: World) {
    let (id, ada) = (world.general(5).await, world.user());
    let ask = || BookRequest::quantity(2).with_key(key("k"));
    let first = world.book(&ada, id, ask()).await.unwrap();
    let world = world.restarted().await;
    let again = world.book(&ada, id, ask()).await.unwrap();
    assert!(again.replayed);
    assert_eq!(again.outcome, first.outcome);
    assert_eq!(world.available(id).await, 3);
}

pub(crate) async fn holds_expire_after_a_restart(world: World) {
    let id = world.general(2).await;
    let hold = world.held(&world.user(), id, 2).await;
    let world = world.restarted().await;
    assert_eq!(world.available(id).await, 0);
    world.advance(600);
    assert_eq!(world.store.due_events(world.now(), 10).await.unwrap(), vec![id]);
    world.sweep(id).await;
    assert_eq!(world.status(hold.id).await, BookingStatus::Expired);
    world.booked(&world.user(), id, 2).await;
}

pub(crate) async fn the_waitlist_keeps_its_order_and_its_passes(world: World) {
    let id = world.general(4).await;
    let mut sold = Vec::new();
    for _ in 0..4 {
        sold.push(world.booked(&world.user(), id, 1).await);
    }
    let head = world.joined(&world.user(), id, 2).await;
    let (first, second) = (
        world.joined(&world.user(), id, 1).await,
        world.joined(&world.user(), id, 1).await,
    );
    world.cancelled(&sold[0]).await;
    let world = world.restarted().await;
    assert_eq!(world.entry(first.id).await.status, EntryStatus::Converted);
    assert_eq!(world.entry(head.id).await.passes, 1);
    assert_eq!(world.placed(second.id).await.position, Some(2));
    world.cancelled(&sold[1]).await;
    assert_eq!(world.entry(second.id).await.status, EntryStatus::Converted);
    let late = entry_of(
        world
            .join(&world.user(), id, JoinRequest::quantity(1))
            .await
            .unwrap(),
    );
    assert!(late.seq > second.seq, "places are never given twice");
}

pub(crate) async fn seats_stay_taken(world: World) {
    let id = world.create(world.draft_seated(&[("A", 3)])).await.id;
    world
        .book(&world.user(), id, BookRequest::seats(["A-2"]))
        .await
        .unwrap();
    let world = world.restarted().await;
    let refused = world.book(&world.user(), id, BookRequest::seats(["A-2"])).await;
    assert!(refused.is_err());
    let (_, taken) = world.evently.taken_seats(None, id).await.unwrap();
    assert_eq!(taken, vec!["A-2".into()]);
}

pub(crate) async fn an_event_cancel_goes_on_after_a_restart(world: World) {
    let id = half_cancelled(&world).await;
    let world = world.restarted().await;
    assert_eq!(world.store.due_events(world.now(), 10).await.unwrap(), vec![id]);
    world.sweep(id).await;
    let bookings = world.bookings(id).await;
    assert!(bookings.iter().all(|it| it.status == BookingStatus::Cancelled));
    assert_eq!(world.listing(id).await.counts[0].sold, 0);
}

pub(crate) async fn figures_survive(world: World) {
    let id = world.general(9).await;
    let booking = world.booked(&world.user(), id, 2).await;
    world.booked(&world.user(), id, 3).await;
    world.cancelled(&booking).await;
    let before = world.evently.figures(&world.admin, id).await.unwrap();
    let sales = world
        .store
        .sales(id, crate::store::Span::default())
        .await
        .unwrap();
    let world = world.restarted().await;
    assert_eq!(world.evently.figures(&world.admin, id).await.unwrap(), before);
    assert_eq!(
        world
            .store
            .sales(id, crate::store::Span::default())
            .await
            .unwrap(),
        sales
    );
}

pub(crate) async fn accounts_and_sessions_survive(world: World) {
    let user = User {
        id: UserId::from_uuid(world.new_id()),
        email: "ada@example.org".parse().unwrap(),
        name: None,
        role: Role::Admin,
        password_hash: "$argon2id$hash".to_owned(),
        disabled: false,
        created_at: world.now(),
    };
    assert_eq!(world.store.create_user(&user).await.unwrap(), UserWritten::Done);
    let session = Session {
        id: SessionId::from_uuid(world.new_id()),
        user_id: user.id,
        token_hash: [1; 32],
        expires_at: world.in_seconds(60),
    };
    world.store.create_session(&session).await.unwrap();
    let world = world.restarted().await;
    assert_eq!(
        world.store.user_by_email(&user.email).await.unwrap(),
        Some(user.clone())
    );
    let rotated = world
        .store
        .rotate_session(session.id, [1; 32], [2; 32], world.in_seconds(60), world.now());
    assert_eq!(rotated.await.unwrap(), Rotation::Rotated(user.id));
    let world = world.restarted().await;
    let reused = world
        .store
        .rotate_session(session.id, [1; 32], [3; 32], world.in_seconds(60), world.now());
    assert_eq!(reused.await.unwrap(), Rotation::Reused);
}

pub(crate) async fn two_open_stores_do_not_oversell(world: World) {
    let other = world.restarted().await;
    for _ in 0..5 {
        let id = world.general(20).await;
        let callers = (0..60_usize).map(|turn| {
            let engine = if turn % 2 == 0 {
                &world.evently
            } else {
                &other.evently
            };
            super::races::ask(engine.clone(), world.user(), id, BookRequest::quantity(1))
        });
        let answers = super::races::together(callers).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 20);
        assert_eq!(other.listing(id).await.counts[0].sold, 20);
    }
}
