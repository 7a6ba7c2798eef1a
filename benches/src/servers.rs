//! The servers that a comparison needs, started for it and gone with it.

use crate::args::StoreKind;
use crate::cpu;
use crate::sell_out::Failure;
use evently_testing::{postgres, redis as testing};
use redis::aio::MultiplexedConnection;
use sqlx::{Connection, PgConnection};

/// A PostgreSQL and a Redis of one's own, as far as they are needed.
pub(crate) struct Servers {
    postgres: Option<postgres::Server>,
    redis: Option<testing::Server>,
}

impl Servers {
    /// What this store's designs need: the queued one needs a Redis on PostgreSQL, too.
    pub(crate) async fn start(store: StoreKind, fsync_ms: Option<u32>) -> Result<Self, Failure> {
        let postgres = match store {
            StoreKind::Postgres => {
                let settings = postgres_settings(fsync_ms);
                Some(tokio::task::spawn_blocking(move || postgres::Server::start(settings)).await?)
            }
            _ => None,
        };
        let redis = match store {
            StoreKind::Postgres | StoreKind::Redis => {
                let options = testing::Options::with(testing::Aof::EverySecond);
                Some(testing::Server::start_here(options).await)
            }
            StoreKind::Memory | StoreKind::Sqlite => None,
        };
        Ok(Self { postgres, redis })
    }

    /// An empty database.
    pub(crate) async fn database(&self) -> Result<postgres::Database, Failure> {
        let server = self.postgres.as_ref().ok_or("this store has no PostgreSQL")?;
        Ok(postgres::Database::on(server.url()).await)
    }

    /// Their main processes.
    pub(crate) async fn processes(&self) -> Result<Vec<u32>, Failure> {
        let mut ids = Vec::new();
        if let Some(server) = &self.postgres {
            let mut connection = PgConnection::connect(&server.url()).await?;
            let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
                .fetch_one(&mut connection)
                .await?;
            ids.extend(cpu::parent(u32::try_from(backend)?));
            connection.close().await?;
        }
        if let Some(server) = &self.redis {
            let mut connection = connect(&redis::Client::open(server.url())?).await?;
            let info: redis::InfoDict = redis::cmd("INFO")
                .arg("server")
                .query_async(&mut connection)
                .await?;
            ids.extend(info.get::<u32>("process_id"));
        }
        Ok(ids)
    }

    /// The URL of the Redis, which is emptied.
    pub(crate) async fn empty_redis(&self) -> Result<&str, Failure> {
        let url = self.redis.as_ref().ok_or("this store has no Redis")?.url();
        let mut connection = connect(&redis::Client::open(url)?).await?;
        redis::cmd("FLUSHALL").exec_async(&mut connection).await?;
        // A log of a run's length would be rewritten several times in it, one of a day's length seldom.
        let mut rewrites = redis::cmd("CONFIG");
        rewrites.arg("SET").arg("auto-aof-rewrite-percentage").arg(0);
        rewrites.exec_async(&mut connection).await?;
        Ok(url)
    }
}

/// A connection that waits as long as the server takes: half a second, the driver's limit, is less than some steps do.
pub(crate) async fn connect(client: &redis::Client) -> redis::RedisResult<MultiplexedConnection> {
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None);
    client.get_multiplexed_async_connection_with_config(&config).await
}

/// As durable as PostgreSQL is by itself. A slowed flush is the leader's pause before it: one flush at a time, each
/// so much longer, as on a slow disk.
fn postgres_settings(fsync_ms: Option<u32>) -> postgres::Settings {
    let settings = postgres::Settings::durable().with("shared_buffers", "512MB");
    match fsync_ms {
        Some(ms) => settings
            .with("commit_delay", &(ms * 1_000).to_string())
            .with("commit_siblings", "0"),
        None => settings,
    }
}
