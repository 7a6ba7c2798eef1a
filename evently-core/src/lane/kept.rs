//! The inventories that a lane keeps between batches, within bounds.

use super::LaneSettings;
use crate::domain::EventId;
use crate::ledger::Inventory;
use lru::LruCache;

/// Inventories as of their last commit, the least recently used forgotten first.
#[derive(Debug)]
pub(super) struct Kept {
    inventories: LruCache<EventId, (usize, Box<Inventory>)>,
    facts: usize,
    max_events: usize,
    max_facts: usize,
}

impl Kept {
    pub(super) fn new(settings: &LaneSettings) -> Self {
        Self {
            inventories: LruCache::unbounded(),
            facts: 0,
            max_events: settings.max_kept_events,
            max_facts: settings.max_kept_facts,
        }
    }

    pub(super) fn take(&mut self, event_id: EventId) -> Option<Box<Inventory>> {
        let (weight, inventory) = self.inventories.pop(&event_id)?;
        self.facts -= weight;
        Some(inventory)
    }

    pub(super) fn put(&mut self, event_id: EventId, inventory: Box<Inventory>) {
        let weight = inventory.weight();
        self.facts += weight;
        if let Some((_, (former, _))) = self.inventories.push(event_id, (weight, inventory)) {
            self.facts -= former;
        }
        while self.inventories.len() > self.max_events || self.facts > self.max_facts {
            let Some((_, (weight, _))) = self.inventories.pop_lru() else {
                return;
            };
            self.facts -= weight;
        }
    }
}
