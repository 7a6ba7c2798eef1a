//! Reads of the waitlist: one entry, a user's, an event's.

use super::raw::{Raw, fingerprint};
use crate::conformance::world::{World, key};
use crate::domain::{BookingId, Entry, EntryFilter, EntryId, EntryStatus, PageRequest};
use std::cmp::Reverse;

pub(crate) async fn an_entry_reads_as_it_was_written(world: World) {
    let mut raw = Raw::general(&world, 9).await;
    let plain = raw.entry(&world, &world.user(), 1, 1);
    let full = Entry {
        status: EntryStatus::Offered,
        passes: 11,
        booking_id: Some(BookingId::from_uuid(world.new_id())),
        offer_expires_at: Some(world.in_seconds(900)),
        key: Some((key("k"), fingerprint("k"))),
        ..raw.entry(&world, &world.user(), 100, 2)
    };
    let mut written = vec![plain, full];
    for (status, seq) in EntryStatus::ALL.into_iter().zip(3..) {
        written.push(Entry {
            status,
            ..raw.entry(&world, &world.user(), 1, seq)
        });
    }
    raw.write(raw.with_entries(written.clone())).await;
    for entry in written {
        assert_eq!(*world.entry(entry.id).await, entry);
    }
    let nobody = EntryId::from_uuid(world.new_id());
    assert_eq!(world.store.entry(nobody).await.unwrap(), None);
}

/// An event with entries in many statuses, in the order of joining.
async fn queue(world: &World) -> (Raw, Vec<Entry>) {
    let mut raw = Raw::general(world, 9).await;
    let status = |seq| {
        if seq % 3 == 0 {
            EntryStatus::Left
        } else {
            EntryStatus::Waiting
        }
    };
    let entries: Vec<Entry> = (1..=24)
        .map(|seq| Entry {
            status: status(seq),
            ..raw.entry(world, &world.user(), 1, seq)
        })
        .collect();
    raw.write(raw.with_entries(entries.clone())).await;
    (raw, entries)
}

pub(crate) async fn a_position_counts_those_who_wait(world: World) {
    let (_, entries) = queue(&world).await;
    let mut ahead = 0;
    for entry in entries {
        let position = world.placed(entry.id).await.position;
        if entry.status == EntryStatus::Waiting {
            ahead += 1;
            assert_eq!(position, Some(ahead));
        } else {
            assert_eq!(position, None);
        }
    }
}

pub(crate) async fn positions_count_over_all_sections(world: World) {
    let mut raw = Raw::create(&world, &world.draft_of(&[("Floor", 1), ("Balcony", 1)])).await;
    let entries: Vec<Entry> = (1..=4)
        .map(|seq| Entry {
            section_id: raw.event.sections[usize::from(seq % 2 == 0)].id,
            ..raw.entry(&world, &world.user(), 1, seq)
        })
        .collect();
    raw.write(raw.with_entries(entries.clone())).await;
    for (entry, position) in entries.iter().zip(1..) {
        assert_eq!(world.placed(entry.id).await.position, Some(position));
    }
}

pub(crate) async fn an_events_entries_page_in_order_of_joining(world: World) {
    let (raw, entries) = queue(&world).await;
    Raw::general(&world, 1).await;
    for status in [
        None,
        Some(EntryStatus::Waiting),
        Some(EntryStatus::Left),
        Some(EntryStatus::Closed),
    ] {
        let wanted = |entry: &&Entry| status.is_none_or(|status| entry.status == status);
        let expected: Vec<_> = entries.iter().filter(wanted).map(|entry| entry.id).collect();
        for limit in [1, 5, 8, 100] {
            let (mut found, mut page) = (Vec::new(), PageRequest::first(limit));
            loop {
                let filter = EntryFilter { status };
                let read = world
                    .store
                    .entries_of_event(raw.event.id, filter, page.clone())
                    .await
                    .unwrap();
                assert!(read.items.len() <= limit as usize);
                for placed in read.items {
                    assert_eq!(placed, world.placed(placed.entry.id).await);
                    found.push(placed.entry.id);
                }
                match read.next {
                    Some(next) => page.after = Some(next),
                    None => break,
                }
            }
            assert_eq!(found, expected, "{status:?} by {limit}");
        }
    }
}

pub(crate) async fn a_users_entries_page_newest_first(world: World) {
    let ada = world.user();
    let mut ids = Vec::new();
    for turn in 0..7 {
        let mut raw = Raw::general(&world, 1).await;
        world.advance(turn % 2);
        let (own, others) = (
            raw.entry(&world, &ada, 1, 2),
            raw.entry(&world, &world.user(), 1, 1),
        );
        ids.push(own.id);
        raw.write(raw.with_entries(vec![own, others])).await;
    }
    ids.sort_by_key(|id| Reverse(*id));
    for limit in [1, 3, 7, 100] {
        let (mut found, mut page) = (Vec::new(), PageRequest::first(limit));
        loop {
            let read = world
                .store
                .entries_of_user(ada.user_id, page.clone())
                .await
                .unwrap();
            assert!(read.items.iter().all(|placed| placed.position == Some(2)));
            found.extend(read.items.iter().map(|placed| placed.entry.id));
            match read.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        assert_eq!(found, ids, "by {limit}");
    }
}
