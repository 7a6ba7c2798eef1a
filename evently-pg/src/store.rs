//! The store: its connections, how it opens and how it ends.

use crate::NAME;
use crate::connections::Connections;
use crate::definitions::Definitions;
use crate::error::Fault;
use crate::open::{OpenError, connections, make_ready};
use crate::options::PgOptions;
use crate::rows::text;
use crate::statements as sql;
use crate::word::Word;
use async_trait::async_trait;
use evently_core::store::{ConnectionFigures, Durability, Signals, Store, StoreError};
use std::fmt;
use std::sync::Arc;

/// A [`Store`] in one PostgreSQL database.
pub struct PgStore {
    pub(crate) connections: Arc<Connections>,
    pub(crate) definitions: Definitions,
    pub(crate) signals: Arc<Signals>,
    pub(crate) word: Word,
    durability: Durability,
}

impl PgStore {
    /// Opens a database, and makes or migrates its schema if the options say so.
    ///
    /// # Errors
    /// [`OpenError`], by what is wrong with the database.
    pub async fn open(url: &str, options: PgOptions) -> Result<Self, OpenError> {
        let connections = Arc::new(connections(url, &options)?);
        let migrated = make_ready(&connections, options.schema).await?;
        if migrated.from != migrated.to {
            tracing::info!(from = migrated.from, to = migrated.to, "schema migrated");
        }
        let durability = durability(&connections).await?;
        let signals = Arc::<Signals>::default();
        Ok(Self {
            word: Word::start(&connections, &signals),
            definitions: Definitions::new(),
            connections,
            signals,
            durability,
        })
    }
}

/// What a commit survives, by how the server is set. Says loudly what is set to lose data.
async fn durability(connections: &Connections) -> Result<Durability, Fault> {
    let Some(row) = connections.first(sqlx::query(sql::SETTINGS)).await? else {
        return Err(Fault::damaged("the server does not say how it is set"));
    };
    let is_off = |place| Ok::<_, Fault>(text(&row, place)? == "off");
    let (no_sync, late_sync, torn_pages) = (is_off(0)?, is_off(1)?, is_off(2)?);
    if no_sync {
        tracing::warn!(
            "PostgreSQL is set to fsync=off: a crash of its machine may lose or damage everything"
        );
    }
    if late_sync {
        tracing::warn!(
            "PostgreSQL is set to synchronous_commit=off: a crash may lose bookings that were acknowledged"
        );
    }
    if torn_pages {
        tracing::warn!("PostgreSQL is set to full_page_writes=off: a crash of its machine may damage data");
    }
    Ok(match (no_sync, late_sync) {
        (true, _) => Durability::Volatile,
        (false, true) => Durability::BoundedLoss,
        (false, false) => Durability::Durable,
    })
}

impl fmt::Debug for PgStore {
    /// Where the database is stays out of it: its URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for PgStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn durability(&self) -> Durability {
        self.durability
    }

    fn connections(&self) -> Option<ConnectionFigures> {
        Some(self.connections.figures())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.connections.first(sqlx::query(sql::PING)).await.map(drop)?)
    }

    async fn close(&self) {
        self.word.end();
        self.connections.close().await;
    }
}
