//! Which designs are compared, and how each is started: on a store of its own, empty at first.

use super::evently::EventlyDesign;
use super::http::Http;
use super::postgres::Tables;
use super::seed::Seed;
use super::{Design, Failure, Hall, Kind, memory, postgres, redis, sqlite};
use crate::args::{SellOut, StoreKind};
use crate::measure::Sample;
use crate::servers::Servers;
use std::sync::Arc;
use std::time::Duration;

/// Connections of the designs that need one for each booking under way. Of 4 to 32, few suit one event and many suit
/// a thousand; with this many, no naive design is more than a tenth below its best at either.
const CONNECTIONS: u32 = 16;

/// The designs of one comparison, with the servers that they need.
pub(super) struct Designs<'a> {
    args: &'a SellOut,
    servers: Servers,
    /// The servers' processes.
    processes: Vec<u32>,
}

/// A design that callers can book with, or one that brought its own.
pub(super) enum Started {
    Design(Arc<dyn Design>),
    Measured(Sample),
}

impl<'a> Designs<'a> {
    pub(super) async fn new(args: &'a SellOut) -> Result<Self, Failure> {
        if args.seats && (args.store != StoreKind::Postgres || args.http.is_some()) {
            return Err("seats are compared on PostgreSQL only: --store postgres".into());
        }
        if args.fsync_ms.is_some() && args.store != StoreKind::Postgres {
            return Err("only PostgreSQL's flushes can be slowed: --store postgres".into());
        }
        if args.engines == 0 || (args.engines > 1 && (args.store == StoreKind::Memory || args.http.is_some()))
        {
            return Err("several engines need a store that they can share, and no --http".into());
        }
        let servers = Servers::start(args.store, args.fsync_ms).await?;
        Ok(Self {
            args,
            processes: servers.processes().await?,
            servers,
        })
    }

    /// The processes that work for every design.
    pub(super) fn servers(&self) -> &[u32] {
        &self.processes
    }

    /// In the order of the table; the first is the baseline.
    pub(super) fn kinds(&self) -> &'static [Kind] {
        match self.args.store {
            _ if self.args.http.is_some() => &[Kind::Limit, Kind::Evently],
            _ if self.args.seats => &[Kind::Naive, Kind::Evently],
            StoreKind::Memory => &[Kind::Naive, Kind::Evently, Kind::Limit],
            StoreKind::Sqlite => &[Kind::Naive, Kind::Conditional, Kind::Evently, Kind::Limit],
            StoreKind::Postgres | StoreKind::Redis => &[
                Kind::Naive,
                Kind::Seed,
                Kind::Conditional,
                Kind::Evently,
                Kind::Limit,
            ],
        }
    }

    pub(super) async fn start(&self, kind: Kind, batch: usize, span: Duration) -> Result<Started, Failure> {
        let (store, events) = (self.args.store, self.args.events);
        let design: Arc<dyn Design> = match (self.args.http, kind) {
            (Some(framework), Kind::Limit) => Arc::new(Http::hello(framework).await?),
            (Some(framework), _) => Arc::new(Http::evently(framework, store, &self.servers, events).await?),
            (None, Kind::Evently) => {
                EventlyDesign::open(store, &self.servers, self.args.engines, events, self.hall()).await?
            }
            (None, kind) => match store {
                StoreKind::Memory if kind == Kind::Limit => Arc::new(memory::Limit::new(events)),
                StoreKind::Memory => Arc::new(memory::Naive::new(events)),
                StoreKind::Sqlite => Arc::new(sqlite::Writer::start(kind, events, batch)?),
                StoreKind::Postgres => self.on_postgres(kind, batch).await?,
                StoreKind::Redis => return self.on_redis(kind, span).await,
            },
        };
        Ok(Started::Design(design))
    }

    fn hall(&self) -> Hall {
        match self.args.seats {
            true => Hall::SEATED,
            false => Hall::Places,
        }
    }

    async fn on_postgres(&self, kind: Kind, batch: usize) -> Result<Arc<dyn Design>, Failure> {
        let (events, hall) = (self.args.events, self.hall());
        let tables = Tables::make(self.servers.database().await?, events, hall, CONNECTIONS).await?;
        let design: Arc<dyn Design> = match kind {
            Kind::Limit => Arc::new(postgres::Limit::start(tables, batch)),
            Kind::Conditional => Arc::new(postgres::Conditional::new(tables)),
            Kind::Seed => {
                let redis = ::redis::Client::open(self.servers.empty_redis().await?)?;
                let transaction = Arc::new(postgres::Naive::new(tables, hall));
                Arc::new(Seed::start(transaction, events, &redis).await?)
            }
            _ => Arc::new(postgres::Naive::new(tables, hall)),
        };
        Ok(design)
    }

    async fn on_redis(&self, kind: Kind, span: Duration) -> Result<Started, Failure> {
        let client = ::redis::Client::open(self.servers.empty_redis().await?)?;
        let events = self.args.events;
        let design: Arc<dyn Design> = match kind {
            Kind::Limit => {
                return Ok(Started::Measured(
                    redis::limit(&client, &self.processes, span).await?,
                ));
            }
            Kind::Conditional => Arc::new(redis::Conditional::start(&client, events).await?),
            Kind::Seed => {
                let transaction = Arc::new(redis::Naive::start(&client, events).await?);
                Arc::new(Seed::start(transaction, events, &client).await?)
            }
            _ => Arc::new(redis::Naive::start(&client, events).await?),
        };
        Ok(Started::Design(design))
    }
}
