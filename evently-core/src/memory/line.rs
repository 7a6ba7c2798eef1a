//! The waitlist of one event: its entries in the order of joining.

use crate::domain::{Entry, EntryId, EntryStatus, SectionId, UserId};
use crate::ledger::{Need, WaitlistNeed, WaitlistWindow};
use crate::store::PlacedEntry;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

/// An event's entries, whatever became of them.
#[derive(Default)]
pub(super) struct Line {
    /// Every entry, by its place.
    entries: BTreeMap<u64, Arc<Entry>>,
    places: BTreeMap<EntryId, u64>,
    /// The place of each user's entry that waits or has an offer.
    active: BTreeMap<UserId, u64>,
    /// Those that wait, by section and quantity: a window of small entries need not pass the large ones one by
    /// one.
    waiting: BTreeMap<(SectionId, u32), BTreeMap<u64, Arc<Entry>>>,
    /// How many wait in each [`BLOCK`](Self::BLOCK) of places: a position need not count them one by one.
    blocks: BTreeMap<u64, u64>,
}

impl Line {
    const BLOCK: u64 = 256;

    /// Whether there is no entry.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the entry is here.
    pub(super) fn contains(&self, id: EntryId) -> bool {
        self.places.contains_key(&id)
    }

    /// Every entry, in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    /// One entry.
    pub(super) fn entry(&self, id: EntryId) -> Option<&Arc<Entry>> {
        self.entries.get(self.places.get(&id)?)
    }

    /// The user's entry that waits or has an offer.
    pub(super) fn active(&self, user: UserId) -> Option<&Arc<Entry>> {
        self.entries.get(self.active.get(&user)?)
    }

    /// The entries behind a place, in order.
    pub(super) fn behind(&self, place: Option<u64>) -> impl Iterator<Item = &Arc<Entry>> {
        let from = place.map_or(Unbounded, Excluded);
        self.entries.range((from, Unbounded)).map(|(_, entry)| entry)
    }

    /// The entry with its position.
    pub(super) fn placed(&self, entry: &Arc<Entry>) -> PlacedEntry {
        PlacedEntry {
            position: (entry.status == EntryStatus::Waiting).then(|| self.position(entry.seq)),
            entry: Arc::clone(entry),
        }
    }

    fn position(&self, place: u64) -> u64 {
        let block = place / Self::BLOCK;
        let before: u64 = self.blocks.range(..block).map(|(_, count)| count).sum();
        let within = self.entries.range(block * Self::BLOCK..=place);
        let waiting = within.filter(|(_, entry)| entry.status == EntryStatus::Waiting);
        before + waiting.map(|_| 1).sum::<u64>()
    }

    /// A part of those that wait: see [`WaitlistNeed`].
    pub(super) fn window(&self, need: WaitlistNeed) -> WaitlistWindow {
        let quantities = (need.section_id, 0)..=(need.section_id, need.at_most.unwrap_or(u32::MAX));
        let from = need.after.map_or(Unbounded, Excluded);
        let mut lists: Vec<_> = self
            .waiting
            .range(quantities)
            .map(|(_, list)| list.range((from, Unbounded)).peekable())
            .collect();
        let mut entries = Vec::new();
        while entries.len() < Need::BATCH {
            let first = lists
                .iter_mut()
                .filter_map(|list| Some((*list.peek()?.0, list)))
                .min_by_key(|(place, _)| *place);
            let Some((_, entry)) = first.and_then(|(_, list)| list.next()) else {
                break;
            };
            entries.push(Arc::clone(entry));
        }
        WaitlistWindow { need, entries }
    }

    /// Stores an entry, new or changed.
    pub(super) fn put(&mut self, entry: &Arc<Entry>) {
        let place = entry.seq;
        self.places.insert(entry.id, place);
        if let Some(before) = self.entries.insert(place, Arc::clone(entry)) {
            self.forget(&before);
        }
        if entry.status.is_active() {
            self.active.insert(entry.user_id, place);
        }
        if entry.status == EntryStatus::Waiting {
            let list = self
                .waiting
                .entry((entry.section_id, entry.quantity))
                .or_default();
            list.insert(place, Arc::clone(entry));
            *self.blocks.entry(place / Self::BLOCK).or_default() += 1;
        }
    }

    /// Undoes what [`put`](Self::put) noted of an entry's former state.
    fn forget(&mut self, before: &Entry) {
        let place = before.seq;
        if self.active.get(&before.user_id) == Some(&place) {
            self.active.remove(&before.user_id);
        }
        if before.status != EntryStatus::Waiting {
            return;
        }
        let list = (before.section_id, before.quantity);
        if let Some(waiting) = self.waiting.get_mut(&list) {
            waiting.remove(&place);
            if waiting.is_empty() {
                self.waiting.remove(&list);
            }
        }
        let block = place / Self::BLOCK;
        if let Some(count) = self.blocks.get_mut(&block) {
            *count -= 1;
            if *count == 0 {
                self.blocks.remove(&block);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EventId, TicketTypeId, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    const STATUSES: [EntryStatus; 4] = [
        EntryStatus::Waiting,
        EntryStatus::Waiting,
        EntryStatus::Offered,
        EntryStatus::Left,
    ];

    fn section(number: u8) -> SectionId {
        SectionId::from_uuid(Uuid::from_u128(number.into()))
    }

    fn entry(seq: u64, section_number: u8, quantity: u32, status: EntryStatus) -> Arc<Entry> {
        Arc::new(Entry {
            id: EntryId::from_uuid(Uuid::from_u128(seq.into())),
            event_id: EventId::from_uuid(Uuid::nil()),
            user_id: UserId::from_uuid(Uuid::from_u128(seq.into())),
            ticket_type_id: TicketTypeId::from_uuid(Uuid::nil()),
            section_id: section(section_number),
            quantity,
            status,
            seq,
            passes: 0,
            booking_id: None,
            offer_expires_at: None,
            key: None,
            joined_at: Timestamp::UNIX_EPOCH,
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Entries join and change; then windows, positions and active entries are what a walk over all finds.
        #[test]
        fn the_line_answers_as_a_walk_over_it_would(
            joins in prop::collection::vec((0_u8..2, 1_u32..6), 1..700),
            changes in prop::collection::vec((0_usize..700, 0_usize..4), 0..700),
            after in prop::option::of(0_u64..700),
            at_most in prop::option::of(0_u32..6),
        ) {
            let mut line = Line::default();
            let mut all = Vec::new();
            for (seq, (section, quantity)) in joins.into_iter().enumerate() {
                all.push(entry(seq as u64 * 3, section, quantity, EntryStatus::Waiting));
                line.put(&all[seq]);
            }
            for (place, status) in changes {
                let place = place % all.len();
                let mut changed = Entry::clone(&all[place]);
                changed.status = STATUSES[status];
                all[place] = Arc::new(changed);
                line.put(&all[place]);
            }
            let need = WaitlistNeed { section_id: section(0), after, at_most };
            let fits = |entry: &&Arc<Entry>| {
                entry.status == EntryStatus::Waiting
                    && entry.section_id == section(0)
                    && after.is_none_or(|after| entry.seq > after)
                    && at_most.is_none_or(|most| entry.quantity <= most)
            };
            let expected: Vec<_> = all.iter().filter(fits).take(Need::BATCH).cloned().collect();
            prop_assert_eq!(line.window(need).entries, expected);
            let mut position = 0;
            for entry in &all {
                let waits = entry.status == EntryStatus::Waiting;
                position += u64::from(waits);
                prop_assert_eq!(line.placed(entry).position, waits.then_some(position));
                prop_assert_eq!(line.active(entry.user_id).is_some(), entry.status.is_active());
            }
        }
    }
}
