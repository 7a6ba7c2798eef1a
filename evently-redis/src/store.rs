//! The store: how it opens and how it ends.

use crate::connection::{Connection, Place};
use crate::data::Data;
use crate::error::Fault;
use crate::listen::listen_forever;
use crate::open::{self, OpenError};
use crate::options::RedisOptions;
use crate::settle::sweep_forever;
use crate::{NAME, keys};
use async_trait::async_trait;
use evently_core::store::{ConnectionFigures, Durability, Store, StoreError};
use std::fmt;
use std::sync::Arc;
use tokio::task::AbortHandle;

/// A [`Store`] on one Redis server or a cluster.
///
/// It shares a connection (on a cluster, one to each node) among all calls, listens on another, and looks every few
/// seconds for what processes that died left undone. Dropping it ends that.
pub struct RedisStore {
    data: Arc<Data>,
    durability: Durability,
    background: Vec<AbortHandle>,
}

impl RedisStore {
    /// Opens the store at a URL: `redis://HOST:PORT`, `rediss://…` (TLS), or `redis+cluster://HOST:PORT,HOST:PORT` with
    /// some nodes of a cluster. A server needs no preparation.
    ///
    /// # Errors
    /// [`OpenError`], by what is wrong with the server.
    pub async fn open(url: &str, options: RedisOptions) -> Result<Self, OpenError> {
        let place = Place::parse(url).ok_or(OpenError::InvalidUrl)?;
        let connection = Connection::open(&place, options.deadline).await?;
        let durability = open::durability(&connection, &options).await?;
        let data = Arc::new(Data::new(connection));
        let background = vec![
            tokio::spawn(sweep_forever(Arc::clone(&data))).abort_handle(),
            tokio::spawn(listen_forever(place, Arc::clone(&data))).abort_handle(),
        ];
        Ok(Self {
            data,
            durability,
            background,
        })
    }

    /// The data, unless the store is closed.
    pub(crate) fn data(&self) -> Result<&Data, Fault> {
        self.data.open()?;
        Ok(&self.data)
    }

    fn end_background(&self) {
        self.background.iter().for_each(AbortHandle::abort);
    }
}

impl Drop for RedisStore {
    fn drop(&mut self) {
        self.end_background();
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("durability", &self.durability)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for RedisStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn durability(&self) -> Durability {
        self.durability
    }

    fn connections(&self) -> Option<ConnectionFigures> {
        None
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let mut command = redis::cmd("EXISTS");
        command.arg(keys::UNSETTLED);
        self.data()?.connection.read(command).await?;
        Ok(())
    }

    async fn close(&self) {
        self.data.close();
        self.end_background();
    }
}
