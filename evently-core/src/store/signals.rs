//! Waking those who wait for an event's next change: what [`EventStore::changed`](super::EventStore::changed) is made
//! of in every backend, written once.
//!
//! How word of a commit comes from other processes is the backend's: it calls [`Signals::tell`] when it does.

use super::StoreError;
use crate::domain::EventId;
use hashbrown::HashMap;
use parking_lot::Mutex;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// Who waits for which event, in this process. Telling costs next to nothing while nobody waits.
#[derive(Debug, Default)]
pub struct Signals {
    waiting: Mutex<HashMap<EventId, watch::Sender<()>>>,
}

impl Signals {
    /// Wakes all who wait for this event. Comes after the commit, so that whoever looks now sees it.
    pub fn tell(&self, id: EventId) {
        self.tell_each([id]);
    }

    /// Wakes all who wait for one of these events.
    pub fn tell_each(&self, ids: impl IntoIterator<Item = EventId>) {
        let waiting = self.waiting.lock();
        if waiting.is_empty() {
            return;
        }
        for waiting in ids.into_iter().filter_map(|id| waiting.get(&id)) {
            waiting.send_replace(());
        }
    }

    /// Wakes all who wait, for whatever event: when word of some commits may have been lost.
    pub fn tell_all(&self) {
        self.waiting.lock().values().for_each(|waiting| {
            waiting.send_replace(());
        });
    }

    /// Waits until `version` answers another version than `seen`, or `at_most` is over.
    ///
    /// Looks at once, whenever told, and each `look_every` in case nobody tells. An event that does not exist has no
    /// version, and is not waited for.
    ///
    /// # Errors
    /// Those of `version`.
    pub async fn wait<Version>(
        &self,
        id: EventId,
        seen: u64,
        at_most: Duration,
        look_every: Duration,
        version: impl Fn() -> Version + Send,
    ) -> Result<(), StoreError>
    where
        Version: Future<Output = Result<Option<u64>, StoreError>> + Send,
    {
        // Listening begins before the first look: what is committed after it is told.
        let mut listener = self.listen(id);
        let moved = async {
            while version().await? == Some(seen) {
                let _ = timeout(look_every, listener.told()).await;
            }
            Ok(())
        };
        timeout(at_most, moved).await.unwrap_or(Ok(()))
    }

    fn listen(&self, id: EventId) -> Listener<'_> {
        let mut waiting = self.waiting.lock();
        let signal = waiting.entry(id).or_insert_with(|| watch::Sender::new(()));
        Listener {
            signals: self,
            id,
            signal: Some(signal.subscribe()),
        }
    }
}

/// One who waits. The last one's leaving forgets the event.
struct Listener<'a> {
    signals: &'a Signals,
    id: EventId,
    signal: Option<watch::Receiver<()>>,
}

impl Listener<'_> {
    async fn told(&mut self) {
        if let Some(signal) = &mut self.signal {
            // Its sender stays as long as somebody listens.
            let _ = signal.changed().await;
        }
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let mut waiting = self.signals.waiting.lock();
        self.signal = None;
        if waiting
            .get(&self.id)
            .is_some_and(|signal| signal.receiver_count() == 0)
        {
            waiting.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
    use uuid::Uuid;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test(start_paused = true)]
    async fn nothing_is_kept_of_who_no_longer_waits() {
        let (signals, id) = (Signals::default(), EventId::from_uuid(Uuid::nil()));
        let same = || async { Ok(Some(1)) };
        let short = Duration::from_millis(1);
        let (one, other) = tokio::join!(
            signals.wait(id, 1, short, LONG, same),
            signals.wait(id, 1, short * 2, LONG, same)
        );
        assert!(one.is_ok() && other.is_ok());
        assert!(signals.waiting.lock().is_empty());
    }

    #[tokio::test]
    async fn word_that_comes_during_a_look_is_not_lost() {
        let (signals, id) = (Signals::default(), EventId::from_uuid(Uuid::nil()));
        let version = AtomicU64::new(1);
        // The commit lands after the look has read its version and before the wait for word begins.
        let look = || async {
            let read = version.swap(2, SeqCst);
            signals.tell(id);
            Ok(Some(read))
        };
        signals.wait(id, 1, LONG, LONG, look).await.unwrap();
    }
}
