//! One who looks at an event: what is sent, and when.

use super::{Latest, SPACING, Update};
use crate::api::Api;
use crate::body::{Cut, Streamed};
use bytes::Bytes;
use futures::stream;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until};

/// How often a stream shows that it lives.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);

/// A comment, which clients skip.
const HEARTBEAT: Bytes = Bytes::from_static(b": still here\n\n");

/// One who looks at an event.
#[derive(Debug)]
pub(crate) struct Viewer {
    api: Api,
    latest: watch::Receiver<Latest>,
    /// What the client knows.
    known: Update,
    /// Whether that is still to be sent.
    is_new: bool,
    /// When the next update may be sent.
    free_at: Instant,
    heartbeat: Interval,
}

impl Viewer {
    /// A viewer who begins with `first`.
    pub(crate) fn new(api: Api, mut latest: watch::Receiver<Latest>, first: Update) -> Self {
        // The watcher may have had newer before `first` was read.
        latest.mark_changed();
        let now = Instant::now();
        let mut heartbeat = interval_at(now + HEARTBEAT_EVERY, HEARTBEAT_EVERY);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            api,
            latest,
            is_new: true,
            known: first,
            free_at: now,
            heartbeat,
        }
    }

    /// What is sent, as it is to be sent.
    pub(crate) fn into_body(self) -> Streamed {
        Streamed::new(stream::unfold(self, |mut viewer| async move {
            let piece = viewer.next().await?;
            Some((Ok::<_, Cut>(piece), viewer))
        }))
    }

    /// The next piece; none when there will be no more.
    async fn next(&mut self) -> Option<Bytes> {
        while !self.is_new {
            tokio::select! {
                biased;
                () = self.api.draining() => return None,
                changed = self.latest.changed() => changed.ok()?,
                _ = self.heartbeat.tick() => return Some(HEARTBEAT),
            }
            // What comes meanwhile is sent in its stead.
            sleep_until(self.free_at).await;
            if let Some(update) = &*self.latest.borrow_and_update()
                && update.is_news_after(&self.known)
            {
                self.known = update.clone();
                self.is_new = true;
            }
        }
        self.is_new = false;
        self.free_at = Instant::now() + SPACING;
        Some(self.known.to_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{JwtSecret, SignIn};
    use evently_core::domain::{EventDraft, UserId};
    use evently_core::{Caller, Evently, memory::MemoryStore};
    use futures::StreamExt;
    use std::sync::Arc;

    /// A stream of an event on which nothing happens, and how long the next piece takes to come.
    struct Quiet {
        api: Api,
        pieces: Streamed,
    }

    impl Quiet {
        async fn open() -> Self {
            let store = Arc::new(MemoryStore::new());
            let evently = Evently::builder(store).sweep_every(None).build();
            let admin = Caller::admin(UserId::from_uuid(evently.new_id()));
            let day = |days: u64| evently.now() + Duration::from_secs(days * 86_400);
            let draft = EventDraft::general("Lighthouse", "Harbour hall", day(1), day(2), 5);
            let listing = evently.create_event(&admin, draft).await.unwrap();
            let api = Api::builder(evently, SignIn::accounts(JwtSecret::random())).build();
            let latest = api.live().follow(&api, listing.event.id);
            let first = Update::of(&listing, api.evently().now());
            let viewer = Viewer::new(api.clone(), latest, first);
            Self {
                api,
                pieces: viewer.into_body(),
            }
        }

        async fn next(&mut self) -> (Option<Bytes>, u64) {
            let began = Instant::now();
            let piece = self.pieces.next().await.transpose().unwrap();
            (piece, began.elapsed().as_secs())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_on_which_nothing_happens_beats_every_15_seconds() {
        let mut quiet = Quiet::open().await;
        let (first, waited) = quiet.next().await;
        assert!(first.unwrap().starts_with(b"id: 1\nevent: availability\ndata: {"));
        assert_eq!(waited, 0);
        for _ in 0..3 {
            assert_eq!(quiet.next().await, (Some(HEARTBEAT), 15));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_when_the_api_drains() {
        let mut quiet = Quiet::open().await;
        quiet.next().await;
        quiet.api.start_draining();
        assert_eq!(quiet.next().await, (None, 0));
    }
}
