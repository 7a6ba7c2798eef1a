//! Waiting for an event's next change.

use super::raw::Raw;
use crate::conformance::world::World;
use crate::domain::{EventDraft, EventId, EventStatus};
use crate::ledger::{Changes, EventWrite};
use crate::store::Store;
use std::{future::Future, sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Longer than any case may take: a wait of so long ends by what it waits for, or not at all.
const FOREVER: Duration = Duration::from_secs(3600);
/// Long after what comes at once on a busy machine, and long before a case counts as stuck.
const SOON: Duration = Duration::from_secs(20);

async fn soon<T>(what: &str, answer: impl Future<Output = T>) -> T {
    let answered = tokio::time::timeout(SOON, answer).await;
    answered.unwrap_or_else(|_| panic!("{what}: not within {SOON:?}"))
}

fn waiting(store: &Arc<dyn Store>, id: EventId, seen: u64, count: usize) -> JoinSet<()> {
    let wait = || {
        let store = Arc::clone(store);
        async move { store.changed(id, seen, FOREVER).await.unwrap() }
    };
    (0..count).map(|_| wait()).collect()
}

fn one_more(world: &World, raw: &Raw) -> Changes {
    raw.with_bookings(vec![raw.booking(world, &world.user(), 1)])
}

/// Lets those who wait begin to.
async fn settle(world: &World, raw: &Raw) {
    for _ in 0..10 {
        tokio::task::yield_now().await;
        world.store.event(raw.event.id).await.unwrap();
    }
}

pub(crate) async fn a_commit_wakes_who_waits_for_its_event(world: World) {
    let mut raw = Raw::general(&world, 10).await;
    for _ in 0..3 {
        let waiting = waiting(&world.store, raw.event.id, raw.revision.version, 3);
        settle(&world, &raw).await;
        raw.write(one_more(&world, &raw)).await;
        soon("woken", waiting.join_all()).await;
    }
}

pub(crate) async fn a_commit_through_another_handle_wakes_too(world: World) {
    let mut raw = Raw::general(&world, 10).await;
    let other = world.restarted().await;
    let waiting = waiting(&other.store, raw.event.id, raw.revision.version, 3);
    settle(&other, &raw).await;
    raw.write(one_more(&world, &raw)).await;
    soon("woken", waiting.join_all()).await;
}

pub(crate) async fn a_version_that_has_passed_is_not_waited_for(world: World) {
    let mut raw = Raw::general(&world, 10).await;
    let seen = raw.revision.version;
    raw.write(one_more(&world, &raw)).await;
    for seen in [0, seen, raw.revision.version + 1] {
        let changed = world.store.changed(raw.event.id, seen, FOREVER);
        soon("a version that is another", changed).await.unwrap();
    }
}

pub(crate) async fn waiting_for_a_change_ends_in_time(world: World) {
    let raw = Raw::general(&world, 10).await;
    for at_most in [Duration::ZERO, Duration::from_millis(30)] {
        let changed = world.store.changed(raw.event.id, raw.revision.version, at_most);
        soon("the time's end", changed).await.unwrap();
    }
}

pub(crate) async fn an_event_that_is_not_there_is_not_waited_for(world: World) {
    let draft = EventDraft {
        status: EventStatus::Draft,
        ..world.draft(5)
    };
    let never = EventId::from_uuid(world.new_id());
    for seen in [0, 1] {
        soon(
            "an event that never was",
            world.store.changed(never, seen, FOREVER),
        )
        .await
        .unwrap();
    }
    let mut raw = Raw::create(&world, &draft).await;
    let waiting = waiting(&world.store, raw.event.id, raw.revision.version, 2);
    settle(&world, &raw).await;
    let mut deletion = raw.changes();
    deletion.event = Some(EventWrite::Delete);
    raw.write(deletion).await;
    soon("a deletion", waiting.join_all()).await;
}

pub(crate) async fn those_who_wait_hinder_nobody(world: World) {
    let mut raw = Raw::general(&world, 1000).await;
    let waiting = waiting(&world.store, raw.event.id, raw.revision.version, 300);
    settle(&world, &raw).await;
    let elsewhere = Raw::general(&world, 10).await;
    soon("a read elsewhere", world.store.event(elsewhere.event.id))
        .await
        .unwrap();
    raw.write(one_more(&world, &raw)).await;
    soon("everybody woken", waiting.join_all()).await;
}
