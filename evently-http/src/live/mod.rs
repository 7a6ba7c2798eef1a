//! What is left of events, as it changes: one watcher for each event that somebody looks at, however many they are.
//!
//! The watcher reads the event when the store says that it changed, and hands the latest to its viewers. Each viewer
//! sends what is newer than what it sent last; one that is slow misses what was overtaken meanwhile, and nothing is
//! ever queued for it.

mod update;
mod viewer;
mod watcher;

use crate::api::Api;
use evently_core::domain::EventId;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::time::Duration;
use tokio::sync::watch;

pub(crate) use update::Update;
pub(crate) use viewer::Viewer;

/// The shortest time between two updates, to one viewer as in one watcher: a little over a tenth of a second, so that
/// no second has more than ten.
const SPACING: Duration = Duration::from_millis(110);

/// The latest of an event that is watched; nothing before the watcher's first look.
type Latest = Option<Update>;

/// The events that are watched.
#[derive(Debug, Default)]
pub(crate) struct Live {
    watched: Mutex<HashMap<EventId, watch::Sender<Latest>>>,
}

impl Live {
    /// The latest of an event from now on; it ends when the event is gone or the API drains.
    pub(crate) fn follow(&self, api: &Api, id: EventId) -> watch::Receiver<Latest> {
        let mut watched = self.watched.lock();
        let latest = watched.entry(id).or_insert_with(|| {
            let latest = watch::Sender::new(None);
            tokio::spawn(watcher::watch(api.clone(), id, latest.clone()));
            latest
        });
        latest.subscribe()
    }

    /// Forgets an event that nobody looks at. Whoever comes later finds no watcher, or comes before and keeps it.
    fn forget_unseen(&self, id: EventId) -> bool {
        let mut watched = self.watched.lock();
        let is_unseen = watched.get(&id).is_none_or(|latest| latest.receiver_count() == 0);
        if is_unseen {
            watched.remove(&id);
        }
        is_unseen
    }

    /// Forgets an event whoever looks at it: their streams end.
    fn forget(&self, id: EventId) {
        self.watched.lock().remove(&id);
    }
}
