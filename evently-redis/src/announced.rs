//! Announcements: which events somebody commits to, so that a sweep finds what they leave behind if they die.
//!
//! An event is announced before a commit, unless this process did so a moment ago; announcements are written off once
//! they are old and nothing is left to be done.

use crate::keys::UNSETTLED;
use crate::scripts::ANNOUNCE;
use evently_core::domain::EventId;
use parking_lot::Mutex;
use redis::Cmd;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// For how long an announcement serves the commits that follow it.
const SERVES: Duration = Duration::from_secs(20);
/// How old an announcement must be to be written off, in seconds: no commit relies on it any more.
pub(crate) const WRITTEN_OFF_AFTER_SECONDS: u64 = 90;
/// How many announcements are remembered before old ones are forgotten.
const MANY: usize = 4_096;

/// When this process announced which event last.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    last: Mutex<HashMap<EventId, Instant>>,
}

impl Announced {
    /// It is unknown whether these were announced.
    pub(crate) fn forget(&self, events: impl Iterator<Item = EventId>) {
        let mut last = self.last.lock();
        for id in events {
            last.remove(&id);
        }
    }

    /// The call that announces those of the events that are not announced; `None` if all are.
    pub(crate) fn announce(&self, events: impl Iterator<Item = EventId>) -> Option<Cmd> {
        let now = Instant::now();
        let is_fresh = |at: &Instant| now.duration_since(*at) < SERVES;
        let mut last = self.last.lock();
        let news: Vec<EventId> = events.filter(|id| !last.get(id).is_some_and(is_fresh)).collect();
        if news.is_empty() {
            return None;
        }
        if last.len() > MANY {
            last.retain(|_, at| is_fresh(at));
        }
        let mut command = ANNOUNCE.call(&[UNSETTLED]);
        for id in news {
            last.insert(id, now);
            command.arg(id.uuid().as_bytes());
        }
        Some(command)
    }
}
