//! The inventories that a lane keeps between batches, within bounds.

use super::LaneSettings;
use crate::domain::EventId;
use crate::ledger::Inventory;
use lru::LruCache;

/// Inventories as of their last commit, the least recently used forgotten first.
#[derive(Debug)]
pub(super) struct Kept {
    inventories: LruCache<EventId, Slot>,
    facts: usize,
    max_events: usize,
    max_facts: usize,
}

/// An event's place, which it has while its inventory is in use, too.
#[derive(Debug)]
struct Slot {
    weight: usize,
    inventory: Option<Box<Inventory>>,
}

impl Kept {
    /// The least and the most facts of one kind that an inventory remembers for sure. The least lets as many
    /// events as are kept fit into the facts that are. More than the most would serve repeats that come within
    /// a moment, which nobody sends, and cost the processor's caches.
    const GENERATION: (usize, usize) = (8, 4_096);
    /// Kinds of facts, two generations of each.
    const GENERATIONS: usize = 8;

    pub(super) fn new(settings: &LaneSettings) -> Self {
        Self {
            inventories: LruCache::unbounded(),
            facts: 0,
            max_events: settings.max_kept_events,
            max_facts: settings.max_kept_facts,
        }
    }

    pub(super) fn take(&mut self, event_id: EventId) -> Option<Box<Inventory>> {
        let slot = self.inventories.get_mut(&event_id)?;
        self.facts -= std::mem::take(&mut slot.weight);
        slot.inventory.take()
    }

    /// Keeps an inventory. The more there are, the less each remembers: what is known of one event is given up
    /// before all that is known of another.
    pub(super) fn put(&mut self, event_id: EventId, mut inventory: Box<Inventory>) {
        let share = self.max_facts / (Self::GENERATIONS * (self.inventories.len() + 1));
        let (least, most) = Self::GENERATION;
        inventory.forget_beyond(share.clamp(least, most));
        let weight = inventory.weight();
        self.facts += weight;
        let full = Slot {
            weight,
            inventory: Some(inventory),
        };
        if let Some((_, former)) = self.inventories.push(event_id, full) {
            self.facts -= former.weight;
        }
        while self.inventories.len() > self.max_events || self.facts > self.max_facts {
            let Some((_, slot)) = self.inventories.pop_lru() else {
                return;
            };
            self.facts -= slot.weight;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Evently;
    use crate::domain::{Caller, EventDraft, UserId};
    use crate::ledger::Need;
    use crate::memory::MemoryStore;
    use crate::store::BookingStore;
    use std::{sync::Arc, time::Duration};
    use uuid::Uuid;

    #[tokio::test]
    async fn what_was_used_lately_stays_and_facts_are_counted_off() {
        let store = Arc::new(MemoryStore::new());
        let evently = Evently::builder(Arc::clone(&store) as _).build();
        let admin = Caller::admin(UserId::from_uuid(Uuid::nil()));
        let mut kept = Kept::new(&LaneSettings {
            max_kept_events: 16,
            ..LaneSettings::default()
        });
        let mut ids = Vec::new();
        for number in 0..17 {
            let starts_at = evently.now() + Duration::from_secs(3_600);
            let draft = EventDraft::general(
                "Concert",
                "Hall",
                starts_at,
                starts_at + Duration::from_secs(60),
                1,
            );
            let id = evently.create_event(&admin, draft).await.unwrap().event.id;
            let need = Need::event(id);
            let mut loaded = store.load(std::slice::from_ref(&need)).await.unwrap();
            let inventory = Inventory::new(&need, loaded.remove(0).unwrap());
            if number == 16 {
                let first = kept.take(ids[0]).unwrap();
                kept.put(ids[0], first);
            }
            kept.put(id, Box::new(inventory));
            ids.push(id);
        }
        let stays: Vec<bool> = ids.iter().map(|id| kept.take(*id).is_some()).collect();
        let expected: Vec<bool> = (0..17).map(|number| number != 1).collect();
        assert_eq!(stays, expected);
        assert_eq!(kept.facts, 0);
    }
}
