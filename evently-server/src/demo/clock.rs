//! The demo's clock: tells the past while the past is played, the present otherwise.

use evently_core::Timestamp;
use evently_core::clock::{Clock, SystemClock, to_micros};
use std::sync::Mutex;

/// A clock that can be set back.
#[derive(Debug, Default)]
pub(super) struct DemoClock {
    set_to: Mutex<Option<Timestamp>>,
}

impl DemoClock {
    /// Stands still at an instant; `None` for the present, running.
    pub(super) fn set(&self, at: Option<Timestamp>) {
        let mut set_to = self
            .set_to
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        *set_to = at.map(to_micros);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        let set_to = *self
            .set_to
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        set_to.unwrap_or_else(|| SystemClock.now())
    }
}
