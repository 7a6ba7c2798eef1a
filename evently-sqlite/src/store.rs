//! The store: its threads, how it opens and how it ends.

use crate::checkpoint::{self, Log};
use crate::connection::{self, Purpose};
use crate::definitions::Definitions;
use crate::error::Fault;
use crate::open::{OpenError, make_ready, of_fault};
use crate::options::SqliteOptions;
use crate::queue::Queue;
use crate::readers::{self, Readers};
use crate::writer::{self, Writer};
use crate::{NAME, query};
use async_trait::async_trait;
use evently_core::store::{ConnectionFigures, Durability, Signals, Store, StoreError};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::watch;

/// A [`Store`] in one SQLite file.
///
/// Dropping it ends its threads once they have worked off what was handed to them; [`close`](Store::close) waits for
/// that.
pub struct SqliteStore {
    path: PathBuf,
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    pub(crate) definitions: Arc<Definitions>,
    /// Who waits for what this store commits.
    pub(crate) signals: Signals,
    /// Every thread holds a receiver as long as it runs.
    threads: watch::Sender<()>,
}

impl SqliteStore {
    /// Opens a file, and makes or migrates it if the options say so. Blocks for as long as that takes.
    ///
    /// # Errors
    /// [`OpenError`], by what is wrong with the file.
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        let path = path.as_ref();
        let migrated = make_ready(path, &options)?;
        if migrated.from != migrated.to {
            tracing::info!(path = %path.display(), from = migrated.from, to = migrated.to, "schema migrated");
        }
        Self::start(path, &options).map_err(|fault| of_fault(path, fault))
    }

    fn start(path: &Path, options: &SqliteOptions) -> Result<Self, Fault> {
        let connect = |purpose| connection::open(path, purpose, options.busy_timeout);
        let (threads, running) = watch::channel(());
        let (writes, jobs) = Queue::new(options.max_waiting, options.deadline);
        let (reads, queries) = Queue::new(options.max_waiting, options.deadline);

        let writer = connect(Purpose::Write)?;
        let (log, calls) = Log::watch(&writer);
        start("sqlite-writer", running.clone(), move || {
            writer::run(&writer, &jobs, log)
        })?;

        let (checkpointed, busy_timeout) = (path.to_owned(), options.busy_timeout);
        start("sqlite-log", running.clone(), move || {
            checkpoint::run(&checkpointed, busy_timeout, &calls);
        })?;

        let queries = Arc::new(Mutex::new(queries));
        for _ in 0..options.readers.max(1) {
            let mut reader = connect(Purpose::Read)?;
            let queries = Arc::clone(&queries);
            start("sqlite-reader", running.clone(), move || {
                readers::run(&mut reader, &queries)
            })?;
        }
        Ok(Self {
            path: path.to_owned(),
            writer: Writer::new(writes),
            readers: Readers::new(reads, options.deadline),
            definitions: Arc::new(Definitions::new()),
            signals: Signals::default(),
            threads,
        })
    }
}

/// Starts a thread that is known to run until it ends.
fn start(
    name: &str,
    running: watch::Receiver<()>,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), Fault> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
        work();
        drop(running);
    });
    thread.map(drop).map_err(|error| Fault::Thread(error.to_string()))
}

/// Makes a connection take part in the log: one that never looked leaves it alone when it closes.
fn touch(connection: Connection) -> Result<(), Fault> {
    query::first(&connection, "SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map(drop)
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn durability(&self) -> Durability {
        Durability::Durable
    }

    fn connections(&self) -> Option<ConnectionFigures> {
        None
    }

    async fn ping(&self) -> Result<(), StoreError> {
        let ping = |connection: &Connection| query::first(connection, "SELECT 1", [], |_| Ok(()));
        self.readers.ask(ping).await.map(drop)
    }

    async fn close(&self) {
        self.writer.close();
        self.readers.close();
        self.threads.closed().await;
        // Connections that close at once each leave the log to the other. One more, alone, brings all into the file.
        let path = self.path.clone();
        let tidy = move || drop(connection::open(&path, Purpose::Look, Duration::ZERO).and_then(touch));
        if start("sqlite-close", self.threads.subscribe(), tidy).is_ok() {
            self.threads.closed().await;
        }
    }
}
