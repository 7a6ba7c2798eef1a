//! The connections, and how statements run on them.
//!
//! Why not the driver's own pool: it asks a connection whether it is alive each time it comes back, a second round
//! trip for every statement, and a commit's rate is its number of round trips. Here a connection that failed is
//! thrown away, one that did not is used again, after a look where it was idle for long, and one whose caller went away
//! half-way is closed.

use crate::error::Fault;
use crate::options::{PgOptions, Prepared};
use evently_core::store::ConnectionFigures;
use futures::TryStreamExt;
use parking_lot::Mutex;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, Postgres};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

/// A statement with its parameters.
pub(crate) type Statement<'a> = sqlx::query::Query<'a, Postgres, PgArguments>;

/// A bounded number of connections to one database.
#[derive(Debug)]
pub(crate) struct Connections {
    options: PgConnectOptions,
    /// What each statement's transaction begins with, where statements are not kept prepared.
    begin: Option<String>,
    /// The one used last is used next: with few callers, few stay warm. Each with when it came back.
    idle: Mutex<Vec<(PgConnection, Instant)>>,
    free: Semaphore,
    most: usize,
    acquire_timeout: Duration,
    deadline: Duration,
}

/// A connection in use.
struct Lent<'a> {
    connection: PgConnection,
    _permit: SemaphorePermit<'a>,
}

impl Connections {
    /// How much longer than the server we wait, for its refusal to arrive.
    const GRACE: Duration = Duration::from_secs(2);
    /// A connection that was idle for longer is first asked whether it is still there.
    const FRESH_FOR: Duration = Duration::from_secs(1);

    pub(crate) fn new(place: PgConnectOptions, options: &PgOptions) -> Self {
        let place = place.disable_statement_logging();
        let most = usize::try_from(options.max_connections.max(2)).unwrap_or(usize::MAX);
        let most = most.min(Semaphore::MAX_PERMITS);
        Self {
            options: match options.prepared {
                Prepared::Kept => place.options(settings(options)),
                // A pooler refuses settings that it does not know; since version 12 fractions are exact without this one.
                Prepared::Discarded => place.statement_cache_capacity(0).extra_float_digits(None),
            },
            begin: match options.prepared {
                Prepared::Kept => None,
                Prepared::Discarded => Some(begin(options)),
            },
            idle: Mutex::default(),
            free: Semaphore::new(most),
            most,
            acquire_timeout: options.acquire_timeout,
            deadline: options.statement_timeout + Self::GRACE,
        }
    }

    /// Every row of the answer.
    pub(crate) async fn all(&self, statement: Statement<'_>) -> Result<Vec<PgRow>, Fault> {
        let mut rows = Vec::new();
        self.each(statement, |row| {
            rows.push(row);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    /// The first row of the answer, if there is one.
    pub(crate) async fn first(&self, statement: Statement<'_>) -> Result<Option<PgRow>, Fault> {
        Ok(self.all(statement).await?.into_iter().next())
    }

    /// Hands on each row of the answer as it comes: they need not fit into memory.
    pub(crate) async fn each(
        &self,
        statement: Statement<'_>,
        mut take: impl FnMut(PgRow) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut lent = self.lend().await?;
        let run = run(&mut lent.connection, statement, self.begin.as_deref(), &mut take);
        let outcome = match timeout(self.deadline, run).await {
            Ok(outcome) => outcome.map(drop),
            Err(_) => Err(Fault::TimedOut),
        };
        self.take_back(lent, &outcome);
        outcome
    }

    /// Writes; how many rows that changed.
    pub(crate) async fn write(&self, statement: Statement<'_>) -> Result<u64, Fault> {
        let mut lent = self.lend().await?;
        let mut no_rows = |_| Ok(());
        let run = run(
            &mut lent.connection,
            statement,
            self.begin.as_deref(),
            &mut no_rows,
        );
        let outcome = timeout(self.deadline, run).await.unwrap_or(Err(Fault::TimedOut));
        self.take_back(lent, &outcome);
        outcome
    }

    /// How many are in use now, and how many could be.
    pub(crate) fn figures(&self) -> ConnectionFigures {
        ConnectionFigures {
            in_use: self.most.saturating_sub(self.free.available_permits()),
            idle: self.idle.lock().len(),
            most: self.most,
        }
    }

    /// Where the database is, for a connection that listens; `None` where a pooler would not let it.
    pub(crate) fn listening_place(&self) -> Option<PgConnectOptions> {
        self.begin.is_none().then(|| self.options.clone())
    }

    /// A new connection that does not count, for whoever keeps it.
    pub(crate) async fn connect(&self) -> Result<PgConnection, Fault> {
        match timeout(self.acquire_timeout, self.options.connect()).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(Fault::TimedOut),
        }
    }

    /// Closes those that are idle; lends no more.
    pub(crate) async fn close(&self) {
        self.free.close();
        let idle = std::mem::take(&mut *self.idle.lock());
        for (connection, _) in idle {
            let _ = timeout(self.acquire_timeout, connection.close()).await;
        }
    }

    async fn lend(&self) -> Result<Lent<'_>, Fault> {
        let permit = match timeout(self.acquire_timeout, self.free.acquire()).await {
            Ok(permit) => permit.map_err(|_| Fault::Closed)?,
            Err(_) => return Err(Fault::Busy),
        };
        let connection = match self.warm().await {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        Ok(Lent {
            connection,
            _permit: permit,
        })
    }

    /// The idle connection that was used last, if there is one. The server may have gone meanwhile, or have ended it.
    async fn warm(&self) -> Option<PgConnection> {
        let (mut connection, since) = self.idle.lock().pop()?;
        if since.elapsed() < Self::FRESH_FOR {
            return Some(connection);
        }
        if let Ok(Ok(())) = timeout(self.acquire_timeout, connection.ping()).await {
            return Some(connection);
        }
        self.idle.lock().clear();
        None
    }

    fn take_back<T>(&self, lent: Lent<'_>, outcome: &Result<T, Fault>) {
        let mut idle = self.idle.lock();
        match outcome {
            _ if self.free.is_closed() => {}
            Err(fault) if !fault.leaves_connection_usable() => {
                // What broke this one has most likely broken the others.
                idle.clear();
            }
            _ => idle.push((lent.connection, Instant::now())),
        }
    }
}

/// What is set on each connection: name and value.
fn settings(options: &PgOptions) -> [(&'static str, String); 4] {
    [
        (
            "statement_timeout",
            options.statement_timeout.as_millis().to_string(),
        ),
        ("lock_timeout", options.lock_timeout.as_millis().to_string()),
        // Every statement relies on an index. A plan that was made while a table was small, and so scans it, would
        // still be used when it has grown.
        ("enable_seqscan", "off".to_owned()),
        ("jit", "off".to_owned()),
    ]
}

/// Begins a transaction with the settings in it: a pooler would give those of a connection to somebody else.
fn begin(options: &PgOptions) -> String {
    let set = |(name, value)| format!("; SET LOCAL {name} = '{value}'");
    let settings: String = settings(options).into_iter().map(set).collect();
    format!("BEGIN{settings}")
}

/// Runs a statement, and hands on its rows; how many rows it changed.
async fn run(
    connection: &mut PgConnection,
    statement: Statement<'_>,
    begin: Option<&str>,
    take: &mut impl FnMut(PgRow) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let Some(begin) = begin else {
        return stream(connection, statement, take).await;
    };
    // A pooler may give each transaction another connection: parsing and running must be in one.
    connection.execute(sqlx::raw_sql(AssertSqlSafe(begin))).await?;
    match stream(connection, statement.persistent(false), take).await {
        Ok(changed) => {
            connection.execute("COMMIT").await?;
            Ok(changed)
        }
        Err(fault) => {
            connection.execute("ROLLBACK").await?;
            Err(fault)
        }
    }
}

async fn stream(
    connection: &mut PgConnection,
    statement: Statement<'_>,
    take: &mut impl FnMut(PgRow) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let mut changed = 0;
    let mut answers = connection.fetch_many(statement);
    while let Some(answer) = answers.try_next().await? {
        match answer {
            sqlx::Either::Left(done) => changed += done.rows_affected(),
            sqlx::Either::Right(row) => take(row)?,
        }
    }
    Ok(changed)
}
