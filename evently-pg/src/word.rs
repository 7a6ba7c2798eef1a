//! Word of commits between processes: what wakes those who wait for an event that another process sells.
//!
//! Events that this process committed to are gathered and announced at most ten times a second, outside any commit:
//! announcing takes a lock that the whole server shares. A listener on a connection of its own hears what others
//! announce. Word may be lost (the listener's connection breaks, a pooler carries none): then looking now and then is
//! all there is.

use crate::connections::Connections;
use crate::statements as sql;
use evently_core::domain::EventId;
use evently_core::store::Signals;
use parking_lot::Mutex;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::{CancellationToken, DropGuard};

/// The channel's name, also in `sql/announce.sql`.
const CHANNEL: &str = "evently_changed";
/// How long what is to be announced is gathered.
const GATHER: Duration = Duration::from_millis(100);
/// The pause before a broken listener connects again.
const PAUSE: Duration = Duration::from_secs(1);
/// The most events in one announcement: PostgreSQL takes less than 8,000 bytes, and an id with its space is 37.
const MOST: usize = 200;

/// What there is to announce, and the tasks that do it and listen. Dropping it ends them.
#[derive(Debug)]
pub(crate) struct Word {
    gathered: Arc<Gathered>,
    end: DropGuard,
}

#[derive(Debug, Default)]
struct Gathered {
    events: Mutex<HashSet<EventId>>,
    some: Notify,
}

impl Word {
    /// Starts both tasks.
    pub(crate) fn start(connections: &Arc<Connections>, signals: &Arc<Signals>) -> Self {
        let (gathered, end) = (Arc::new(Gathered::default()), CancellationToken::new());
        let announcing = announce(Arc::clone(&gathered), Arc::clone(connections));
        tokio::spawn(end.clone().run_until_cancelled_owned(announcing));
        if let Some(place) = connections.listening_place() {
            tokio::spawn(
                end.clone()
                    .run_until_cancelled_owned(listen(place, Arc::clone(signals))),
            );
        }
        Self {
            gathered,
            end: end.drop_guard(),
        }
    }

    /// Ends both tasks.
    pub(crate) fn end(&self) {
        self.end.token().cancel();
    }

    /// Has these events announced soon.
    pub(crate) fn spread(&self, events: impl Iterator<Item = EventId>) {
        let mut gathered = self.gathered.events.lock();
        let none = gathered.is_empty();
        gathered.extend(events);
        if none && !gathered.is_empty() {
            self.gathered.some.notify_one();
        }
    }
}

async fn announce(gathered: Arc<Gathered>, connections: Arc<Connections>) {
    loop {
        gathered.some.notified().await;
        tokio::time::sleep(GATHER).await;
        let events: Vec<EventId> = std::mem::take(&mut *gathered.events.lock()).into_iter().collect();
        for events in events.chunks(MOST) {
            let ids: Vec<String> = events.iter().map(EventId::to_string).collect();
            // Who does not hear of it looks by himself before long.
            if let Err(fault) = connections
                .write(sqlx::query(sql::ANNOUNCE).bind(ids.join(" ")))
                .await
            {
                tracing::debug!(error = %fault, "a change was not announced");
            }
        }
    }
}

async fn listen(place: PgConnectOptions, signals: Arc<Signals>) {
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(place);
    loop {
        if let Err(error) = hear(&pool, &signals).await {
            tracing::debug!(%error, "no word from other processes");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Hears what is announced until the connection breaks.
async fn hear(pool: &sqlx::PgPool, signals: &Signals) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    // What was announced before is lost.
    signals.tell_all();
    while let Some(announced) = listener.try_recv().await? {
        let ids = announced.payload().split(' ').filter_map(|id| id.parse().ok());
        ids.for_each(|id| signals.tell(id));
    }
    Ok(())
}
