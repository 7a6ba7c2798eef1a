//! Accounts and sign-in sessions.

use crate::conformance::world::World;
use crate::domain::{Email, Role, Session, SessionId, Timestamp, User, UserId};
use crate::store::{Rotation, UserWritten};
use std::sync::Arc;
use tokio::{sync::Barrier, task::JoinSet};

const DAY: u64 = 86_400;

fn account(world: &World, email: &str) -> User {
    User {
        id: UserId::from_uuid(world.new_id()),
        email: email.parse().expect("an address"),
        name: Some("Ada Łovelace".to_owned()),
        role: Role::User,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
        disabled: false,
        created_at: world.now(),
    }
}

async fn stored(world: &World, email: &str) -> User {
    let user = account(world, email);
    assert_eq!(world.store.create_user(&user).await.unwrap(), UserWritten::Done);
    user
}

/// Signs a user in with the refresh token `[1; 32]`, good for thirty days.
async fn signed_in(world: &World, user: &User) -> SessionId {
    let session = Session {
        id: SessionId::from_uuid(world.new_id()),
        user_id: user.id,
        token_hash: [1; 32],
        expires_at: world.in_seconds(30 * DAY),
    };
    world.store.create_session(&session).await.unwrap();
    session.id
}

async fn rotate(world: &World, id: SessionId, presented: u8, next: u8) -> Rotation {
    let until: Timestamp = world.in_seconds(30 * DAY);
    let rotated = world
        .store
        .rotate_session(id, [presented; 32], [next; 32], until, world.now());
    rotated.await.unwrap()
}

pub(crate) async fn an_account_is_found_by_id_and_address(world: World) {
    let user = stored(&world, "Ada@Example.org").await;
    let plain = User {
        name: None,
        ..account(&world, "bob@example.org")
    };
    world.store.create_user(&plain).await.unwrap();
    for user in [user, plain] {
        assert_eq!(world.store.user(user.id).await.unwrap().as_ref(), Some(&user));
        assert_eq!(world.store.user_by_email(&user.email).await.unwrap(), Some(user));
    }
    let nobody: Email = "eve@example.org".parse().unwrap();
    assert_eq!(world.store.user_by_email(&nobody).await.unwrap(), None);
    assert_eq!(
        world.store.user(UserId::from_uuid(world.new_id())).await.unwrap(),
        None
    );
}

pub(crate) async fn an_address_has_one_account(world: World) {
    let first = stored(&world, "ada@example.org").await;
    let second = account(&world, "ADA@example.org");
    assert_eq!(
        world.store.create_user(&second).await.unwrap(),
        UserWritten::EmailTaken
    );
    assert_eq!(world.store.user(second.id).await.unwrap(), None);
    assert_eq!(
        world.store.user_by_email(&second.email).await.unwrap(),
        Some(first)
    );
}

pub(crate) async fn twins_at_sign_up_make_one_account(world: World) {
    let barrier = Arc::new(Barrier::new(8));
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let (barrier, store) = (Arc::clone(&barrier), Arc::clone(&world.store));
        let user = account(&world, "twin@example.org");
        tasks.spawn(async move {
            barrier.wait().await;
            store.create_user(&user).await.unwrap()
        });
    }
    let written = tasks.join_all().await;
    let done = written.iter().filter(|it| **it == UserWritten::Done).count();
    assert_eq!(done, 1, "{written:?}");
}

pub(crate) async fn an_update_replaces_the_account(world: World) {
    let user = stored(&world, "ada@example.org").await;
    let session = signed_in(&world, &user).await;
    let updated = User {
        name: None,
        password_hash: "$argon2id$other".to_owned(),
        ..user.clone()
    };
    world.store.update_user(&updated).await.unwrap();
    assert_eq!(world.store.user(user.id).await.unwrap(), Some(updated));
    assert_eq!(
        rotate(&world, session, 1, 2).await,
        Rotation::Rotated(user.id),
        "still signed in"
    );
}

pub(crate) async fn a_changed_role_or_a_disabled_account_ends_its_sessions(world: World) {
    let changes: [fn(&mut User); 2] = [|user| user.role = Role::Admin, |user| user.disabled = true];
    for (change, email) in changes.iter().zip(["ada@example.org", "bob@example.org"]) {
        let mut user = stored(&world, email).await;
        let sessions = [signed_in(&world, &user).await, signed_in(&world, &user).await];
        let bystander = stored(&world, &format!("not-{email}")).await;
        let other = signed_in(&world, &bystander).await;
        change(&mut user);
        world.store.update_user(&user).await.unwrap();
        for session in sessions {
            assert_eq!(rotate(&world, session, 1, 2).await, Rotation::Unknown);
        }
        assert_eq!(rotate(&world, other, 1, 2).await, Rotation::Rotated(bystander.id));
        assert_eq!(world.store.user(user.id).await.unwrap(), Some(user));
    }
}

pub(crate) async fn a_refresh_token_is_good_once(world: World) {
    let user = stored(&world, "ada@example.org").await;
    let session = signed_in(&world, &user).await;
    assert_eq!(rotate(&world, session, 1, 2).await, Rotation::Rotated(user.id));
    assert_eq!(rotate(&world, session, 2, 3).await, Rotation::Rotated(user.id));
    assert_eq!(rotate(&world, session, 3, 4).await, Rotation::Rotated(user.id));
}

pub(crate) async fn a_reused_refresh_token_ends_its_session(world: World) {
    let user = stored(&world, "ada@example.org").await;
    let (session, other) = (signed_in(&world, &user).await, signed_in(&world, &user).await);
    rotate(&world, session, 1, 2).await;
    assert_eq!(rotate(&world, session, 1, 9).await, Rotation::Reused);
    assert_eq!(
        rotate(&world, session, 2, 3).await,
        Rotation::Unknown,
        "the good one ended with it"
    );
    assert_eq!(
        rotate(&world, other, 1, 2).await,
        Rotation::Rotated(user.id),
        "another sign-in goes on"
    );
}

pub(crate) async fn a_session_runs_out(world: World) {
    let user = stored(&world, "ada@example.org").await;
    let session = signed_in(&world, &user).await;
    world.advance(30 * DAY - 1);
    assert_eq!(rotate(&world, session, 1, 2).await, Rotation::Rotated(user.id));
    // A rotation gives it thirty days more; at that instant it is over.
    world.advance(30 * DAY);
    assert_eq!(rotate(&world, session, 2, 3).await, Rotation::Unknown);
}

pub(crate) async fn an_ended_session_is_unknown(world: World) {
    let user = stored(&world, "ada@example.org").await;
    let session = signed_in(&world, &user).await;
    world.store.end_session(session).await.unwrap();
    world.store.end_session(session).await.unwrap();
    assert_eq!(rotate(&world, session, 1, 2).await, Rotation::Unknown);
    let nobody = SessionId::from_uuid(world.new_id());
    assert_eq!(rotate(&world, nobody, 1, 2).await, Rotation::Unknown);
}

pub(crate) async fn of_twins_with_one_refresh_token_one_is_rotated(world: World) {
    let user = stored(&world, "ada@example.org").await;
    let session = signed_in(&world, &user).await;
    let barrier = Arc::new(Barrier::new(6));
    let mut tasks = JoinSet::new();
    for next in 2..8 {
        let (barrier, world) = (Arc::clone(&barrier), world.clone());
        tasks.spawn(async move {
            barrier.wait().await;
            rotate(&world, session, 1, next).await
        });
    }
    let answers = tasks.join_all().await;
    let rotated = answers
        .iter()
        .filter(|it| matches!(it, Rotation::Rotated(_)))
        .count();
    let reused = answers.iter().filter(|it| **it == Rotation::Reused).count();
    assert!(rotated == 1 && reused >= 1, "{answers:?}");
    for next in 2..8 {
        assert_eq!(
            rotate(&world, session, next, 99).await,
            Rotation::Unknown,
            "the session has ended"
        );
    }
}
