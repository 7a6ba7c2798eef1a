//! What is known of one section's part of the waitlist: its head, and who fits behind it.

use super::need::{Need, WaitlistWindow};
use crate::domain::{Entry, EntryStatus};
use std::{collections::BTreeMap, sync::Arc};

/// The waiting entries of a section, as far as they are known.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    head: BTreeMap<u64, Arc<Entry>>,
    /// Everybody who waits up to this place is in `head`; `None` while nothing is known.
    known_to: Option<u64>,
    /// Behind the head: those who wait for so many tickets or fewer, the first of them.
    beyond: Option<Beyond>,
}

/// The first of those behind the head who wait for `at_most` tickets or fewer.
#[derive(Debug, Clone)]
struct Beyond {
    at_most: u32,
    entries: BTreeMap<u64, Arc<Entry>>,
    whole: bool,
}

impl Line {
    const WHOLE: u64 = u64::MAX;

    /// Takes in a part of the waitlist as it was loaded.
    pub(super) fn learn(&mut self, window: WaitlistWindow) {
        let whole = window.entries.len() < Need::BATCH;
        let last = window.entries.last().map(|entry| entry.seq);
        let entries = window
            .entries
            .into_iter()
            .map(|entry| (entry.seq, entry))
            .collect();
        match (window.need.after, window.need.at_most) {
            (Some(after), Some(at_most)) if self.known_to == Some(after) => {
                self.beyond = Some(Beyond {
                    at_most,
                    entries,
                    whole,
                });
            }
            (after, None) if after.is_none() || after == self.known_to => {
                if after.is_none() {
                    self.head.clear();
                }
                self.head.extend(entries);
                self.known_to = if whole { Some(Self::WHOLE) } else { last };
                self.beyond = None;
            }
            _ => {}
        }
    }

    /// The head of the line in order, if it is known while somebody waits.
    pub(super) fn head(&self) -> Option<impl Iterator<Item = &Arc<Entry>>> {
        let spent = self.head.is_empty() && self.known_to != Some(Self::WHOLE);
        (self.known_to.is_some() && !spent).then(|| self.head.values())
    }

    /// How many of those at the head are known.
    pub(super) fn head_len(&self) -> usize {
        self.head.len()
    }

    /// How many entries are known.
    pub(super) fn len(&self) -> usize {
        self.head.len() + self.beyond.as_ref().map_or(0, |beyond| beyond.entries.len())
    }

    /// Behind which place more may wait; `None` if the head is the whole line.
    pub(super) fn more_after(&self) -> Option<u64> {
        self.known_to.filter(|known_to| *known_to != Self::WHOLE)
    }

    /// Those behind the head who wait for at most `free` tickets, in order, and whether these are all; `None` if
    /// they are not known.
    pub(super) fn beyond(&self, free: u32) -> Option<(Vec<Arc<Entry>>, bool)> {
        let beyond = self.beyond.as_ref().filter(|beyond| beyond.at_most >= free)?;
        let fitting = beyond.entries.values().filter(|entry| entry.quantity <= free);
        let fitting: Vec<_> = fitting.cloned().collect();
        (beyond.whole || !fitting.is_empty()).then_some((fitting, beyond.whole))
    }

    /// Somebody joined at the end.
    pub(super) fn join(&mut self, entry: Arc<Entry>) {
        if self.known_to == Some(Self::WHOLE) {
            self.head.insert(entry.seq, entry);
            if self.head.len() > 2 * Need::BATCH {
                let cut = self.head.keys().nth(Need::BATCH).copied().unwrap_or(Self::WHOLE);
                self.head.split_off(&cut);
                self.known_to = self.head.keys().next_back().copied();
            }
        } else if let Some(beyond) = &mut self.beyond
            && beyond.whole
            && entry.quantity <= beyond.at_most
        {
            beyond.entries.insert(entry.seq, entry);
        }
    }

    /// Somebody's entry changed: who does not wait any more is out of the line.
    pub(super) fn replace(&mut self, entry: &Arc<Entry>) {
        let waits = entry.status == EntryStatus::Waiting;
        let beyond = self.beyond.iter_mut().map(|beyond| &mut beyond.entries);
        for entries in std::iter::once(&mut self.head).chain(beyond) {
            match (entries.get_mut(&entry.seq), waits) {
                (Some(known), true) => *known = Arc::clone(entry),
                (Some(_), false) => drop(entries.remove(&entry.seq)),
                (None, _) => {}
            }
        }
    }
}
