//! The contract when many call at once: one commit a version, snapshots of one instant, nothing half-stored.

use super::raw::Raw;
use crate::conformance::world::World;
use crate::domain::Booking;
use crate::ledger::{Changes, Need};
use crate::store::Committed;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Barrier, task::JoinSet};

pub(crate) async fn of_commits_on_one_version_one_is_done(world: World) {
    let mut raw = Raw::general(&world, 500).await;
    for round in 1..20_u32 {
        let barrier = Arc::new(Barrier::new(8));
        let mut tasks = JoinSet::new();
        for _ in 0..8 {
            let changes = raw.with_bookings(vec![raw.booking(&world, &world.user(), 1)]);
            let (barrier, store) = (Arc::clone(&barrier), Arc::clone(&world.store));
            tasks.spawn(async move {
                barrier.wait().await;
                store.commit(&[changes]).await.unwrap()[0]
            });
        }
        let answers = tasks.join_all().await;
        let done = answers.iter().filter(|it| **it == Committed::Done).count();
        assert_eq!(done, 1, "{answers:?}");
        let loaded = raw
            .load(Need {
                live: true,
                ..raw.need()
            })
            .await;
        assert_eq!(
            (loaded.counts[0].sold, loaded.live.unwrap().len()),
            (round, round as usize)
        );
        (raw.revision, raw.counts) = (loaded.revision, loaded.counts);
    }
}

pub(crate) async fn calls_over_the_same_events_in_any_order_all_end(world: World) {
    let mut events = Vec::new();
    for _ in 0..6 {
        events.push(Raw::general(&world, 900).await);
    }
    let barrier = Arc::new(Barrier::new(6));
    let mut tasks = JoinSet::new();
    for turn in 0..6 {
        // Each call names the events in another order: whoever locks them in that order waits for ever.
        let mut mine = events.clone();
        mine.rotate_left(turn);
        let (barrier, world) = (Arc::clone(&barrier), world.clone());
        tasks.spawn(async move {
            let mut done = 0_u32;
            barrier.wait().await;
            for _ in 0..20 {
                let mut changes: Vec<Changes> = Vec::new();
                for raw in &mut mine {
                    let loaded = raw.load(raw.need()).await;
                    (raw.revision, raw.counts) = (loaded.revision, loaded.counts);
                    changes.push(raw.with_bookings(vec![raw.booking(&world, &world.user(), 1)]));
                }
                let answers = world.store.commit(&changes).await.unwrap();
                done += answers
                    .iter()
                    .map(|it| u32::from(*it == Committed::Done))
                    .sum::<u32>();
            }
            done
        });
    }
    let done: u32 = tasks.join_all().await.iter().sum();
    let mut sold = 0;
    for raw in &events {
        sold += raw.load(raw.need()).await.counts[0].sold;
    }
    assert_eq!(sold, done, "what was acknowledged is stored, and nothing else");
}

pub(crate) async fn a_snapshot_is_of_one_version(world: World) {
    let mut raw = Raw::general(&world, 500).await;
    let (reader, done) = (raw.clone(), Arc::new(AtomicBool::new(false)));
    let over = Arc::clone(&done);
    let reading = tokio::spawn(async move {
        let mut loads = 0;
        while !over.load(Ordering::SeqCst) || loads == 0 {
            let loaded = reader
                .load(Need {
                    live: true,
                    ..reader.need()
                })
                .await;
            let live = loaded.live.expect("asked for").len() as u64;
            assert_eq!(
                u64::from(loaded.counts[0].sold),
                live,
                "counts and bookings of one instant"
            );
            assert_eq!(loaded.revision.version, live + 1);
            assert_eq!(loaded.stats.bookings, live);
            loads += 1;
        }
    });
    for _ in 0..200 {
        let mut changes = raw.with_bookings(vec![raw.booking(&world, &world.user(), 1)]);
        changes.stats.bookings += 1;
        raw.write(changes).await;
    }
    done.store(true, Ordering::SeqCst);
    reading.await.unwrap();
}

pub(crate) async fn a_load_sees_what_was_committed_before(world: World) {
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        let world = world.clone();
        tasks.spawn(async move {
            let mut raw = Raw::general(&world, 500).await;
            for sold in 1..50 {
                let changes = raw.with_bookings(vec![raw.booking(&world, &world.user(), 1)]);
                let booking_id = changes.new_bookings[0].id;
                raw.write(changes).await;
                assert_eq!(raw.load(raw.need()).await.counts[0].sold, sold);
                assert_eq!(world.booking(booking_id).await.id, booking_id);
                assert_eq!(world.listing(raw.event.id).await.counts[0].sold, sold);
            }
        });
    }
    tasks.join_all().await;
}

pub(crate) async fn an_abandoned_commit_is_stored_whole_or_not_at_all(world: World) {
    let mut raw = Raw::general(&world, 5000).await;
    for turn in 0..60 {
        let bookings: Vec<Booking> = (0..20).map(|_| raw.booking(&world, &world.user(), 1)).collect();
        let mut changes = raw.with_bookings(bookings);
        let sold = changes.counts[0].sold;
        changes
            .new_entries
            .push(Arc::new(raw.entry(&world, &world.user(), 1, raw.next_seq)));
        let entry_id = changes.new_entries[0].id;
        let ids: Vec<_> = changes.new_bookings.iter().map(|booking| booking.id).collect();
        let commit = [changes];
        let call = world.store.commit(&commit);
        let _ = tokio::time::timeout(Duration::from_micros(turn * 15), call).await;

        // Whatever became of it, the next commit on the same version tells, and ends what may still run.
        let probe = raw.changes();
        let stored = raw.try_write(probe).await != Committed::Done;
        let loaded = raw
            .load(Need {
                bookings: ids,
                entries: vec![entry_id],
                ..raw.need()
            })
            .await;
        let (bookings, entries) = if stored { (20, 1) } else { (0, 0) };
        assert_eq!((loaded.bookings.len(), loaded.entries.len()), (bookings, entries));
        assert_eq!(loaded.counts[0].sold == sold, stored);
        (raw.revision, raw.counts) = (loaded.revision, loaded.counts);
    }
}
