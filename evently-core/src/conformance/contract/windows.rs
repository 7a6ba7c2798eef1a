//! Windows on the waitlist: parts of it, in order, as the ledger asks for them.

use super::raw::Raw;
use crate::conformance::world::World;
use crate::domain::{Entry, EntryStatus, EventDraft, SectionId};
use crate::ledger::{Need, WaitlistNeed};

fn window(section_id: SectionId) -> WaitlistNeed {
    WaitlistNeed {
        section_id,
        after: None,
        at_most: None,
    }
}

/// The places of the entries in each asked part.
async fn places(raw: &Raw, waitlist: &[WaitlistNeed]) -> Vec<Vec<u64>> {
    let mut need = Need {
        waitlist: waitlist.to_vec(),
        ..raw.need()
    };
    need.normalize();
    let asked = need.waitlist.clone();
    let loaded = raw.load(need).await.waitlist;
    let answered: Vec<WaitlistNeed> = loaded.iter().map(|part| part.need).collect();
    assert_eq!(answered, asked, "parts come in the order they were asked for");
    let seqs = |part: &WaitlistNeed| {
        let found = loaded.iter().find(|window| window.need == *part);
        found
            .expect("every part")
            .entries
            .iter()
            .map(|entry| entry.seq)
            .collect()
    };
    waitlist.iter().map(seqs).collect()
}

pub(crate) async fn a_window_shows_who_waits_in_order(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let section_id = raw.event.sections[0].id;
    // The order of joining is not the order of ids, nor that of writing.
    let entries: Vec<Entry> = [4, 1, 3, 2, 5]
        .into_iter()
        .map(|seq| raw.entry(&world, &world.user(), 1, seq))
        .collect();
    raw.write(raw.with_entries(entries)).await;
    assert_eq!(places(&raw, &[window(section_id)]).await, [[1, 2, 3, 4, 5]]);
}

pub(crate) async fn a_window_shows_nobody_who_waits_no_more(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let section_id = raw.event.sections[0].id;
    let entries: Vec<Entry> = EntryStatus::ALL
        .into_iter()
        .zip(1..)
        .map(|(status, seq)| Entry {
            status,
            ..raw.entry(&world, &world.user(), 1, seq)
        })
        .collect();
    raw.write(raw.with_entries(entries)).await;
    assert_eq!(places(&raw, &[window(section_id)]).await, [[1]]);

    let waits = world.entries(raw.event.id).await[0].entry.clone();
    let mut changes = raw.changes();
    changes.counts[0].waiting = 0;
    changes.changed_entries.push(std::sync::Arc::new(Entry {
        status: EntryStatus::Left,
        ..(*waits).clone()
    }));
    raw.write(changes).await;
    assert_eq!(places(&raw, &[window(section_id)]).await, [[0; 0]]);
}

pub(crate) async fn a_window_may_begin_behind_a_place(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let head = window(raw.event.sections[0].id);
    let entries = (1..=5)
        .map(|seq| raw.entry(&world, &world.user(), 1, seq))
        .collect();
    raw.write(raw.with_entries(entries)).await;
    let behind = |seq| WaitlistNeed {
        after: Some(seq),
        ..head
    };
    let found = places(&raw, &[behind(0), behind(2), behind(5), behind(99)]).await;
    assert_eq!(found, [vec![1, 2, 3, 4, 5], vec![3, 4, 5], vec![], vec![]]);
}

pub(crate) async fn a_window_may_leave_out_who_wants_more(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let head = window(raw.event.sections[0].id);
    let wanted = [3, 1, 2, 5, 1];
    let entries = wanted
        .iter()
        .zip(1..)
        .map(|(quantity, seq)| raw.entry(&world, &world.user(), *quantity, seq))
        .collect();
    raw.write(raw.with_entries(entries)).await;
    let at_most = |quantity| WaitlistNeed {
        at_most: Some(quantity),
        ..head
    };
    let behind_second = WaitlistNeed {
        after: Some(2),
        ..at_most(2)
    };
    let found = places(&raw, &[at_most(2), at_most(1), at_most(0), behind_second, head]).await;
    assert_eq!(
        found,
        [vec![2, 3, 5], vec![2, 5], vec![], vec![3, 5], vec![1, 2, 3, 4, 5]]
    );
}

pub(crate) async fn each_section_has_its_own_queue(world: World) {
    let draft: EventDraft = world.draft_of(&[("Floor", 5), ("Balcony", 5), ("Box", 5)]);
    let mut raw = Raw::create(&world, &draft).await;
    let sections: Vec<SectionId> = raw.event.sections.iter().map(|section| section.id).collect();
    let entries = [0, 1, 0, 1, 1]
        .into_iter()
        .zip(1..)
        .map(|(section, seq)| Entry {
            section_id: sections[section],
            ticket_type_id: raw.event.ticket_types[section].id,
            ..raw.entry(&world, &world.user(), 1, seq)
        })
        .collect();
    raw.write(raw.with_entries(entries)).await;
    let parts: Vec<WaitlistNeed> = sections.iter().map(|id| window(*id)).collect();
    assert_eq!(places(&raw, &parts).await, [vec![1, 3], vec![2, 4, 5], vec![]]);
}

pub(crate) async fn a_window_shows_a_batch_at_most(world: World) {
    let mut raw = Raw::general(&world, 5).await;
    let head = window(raw.event.sections[0].id);
    let many = u64::try_from(Need::BATCH).unwrap() + 8;
    let entries = (1..=many)
        .map(|seq| raw.entry(&world, &world.user(), 1, seq))
        .collect();
    raw.write(raw.with_entries(entries)).await;
    let rest = WaitlistNeed {
        after: Some(many - 8),
        ..head
    };
    let found = places(&raw, &[head, rest]).await;
    assert_eq!(found[0], (1..=many - 8).collect::<Vec<_>>());
    assert_eq!(found[1], (many - 7..=many).collect::<Vec<_>>());
}
