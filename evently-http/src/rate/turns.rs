//! Sign-ins that are being looked at, so that many good ones at once are not taken for failed ones.
//!
//! A sign-in counts as failed until it has succeeded, or attempts made side by side would all pass. Of one account
//! and address only as many are looked at at a time as may fail; the others wait for their turn.

use super::Attempt;
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Whose turn it is, for each account and address with somebody signing in.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<HashMap<Attempt, Arc<Semaphore>>>);

/// A sign-in's turn, until it is dropped.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    attempt: Attempt,
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for an attempt's turn.
    pub(crate) async fn take(&self, attempt: Attempt) -> Turn<'_> {
        // Made before it waits: whoever goes away meanwhile leaves nothing behind.
        let mut turn = Turn {
            turns: self,
            attempt,
            permit: None,
        };
        let room = {
            let mut rooms = self.0.lock();
            let room = rooms
                .entry(attempt)
                .or_insert_with(|| Arc::new(Semaphore::new(Attempt::PER_MINUTE as usize)));
            Arc::clone(room)
        };
        turn.permit = room.acquire_owned().await.ok();
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.permit = None;
        let mut rooms = self.turns.0.lock();
        let is_last = |room: &Arc<Semaphore>| Arc::strong_count(room) == 1;
        if rooms.get(&self.attempt).is_some_and(is_last) {
            rooms.remove(&self.attempt);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::{FutureExt, future::join_all};

    #[tokio::test]
    async fn ten_have_their_turn_and_the_next_waits() {
        let turns = Turns::default();
        let ada = Attempt::new("ada@example.org", None);
        let mut ten = join_all((0..10).map(|_| turns.take(ada))).await;
        assert!(turns.take(ada).now_or_never().is_none());
        let eve = Attempt::new("eve@example.org", None);
        assert!(turns.take(eve).now_or_never().is_some());
        ten.pop();
        let eleventh = turns.take(ada).now_or_never();
        assert!(eleventh.is_some());
        drop((ten, eleventh));
        assert!(turns.0.lock().is_empty(), "nothing is kept of who has gone");
    }
}
