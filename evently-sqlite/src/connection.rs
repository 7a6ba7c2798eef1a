//! Opening connections: what each kind of them is for, and how it is set.

use crate::checkpoint;
use crate::error::Fault;
use crate::query::KEPT_STATEMENTS;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To look at the file and to migrate it; makes the file if there is none.
    Make,
    /// To look at the file; makes none.
    Look,
    /// To write.
    Write,
    /// To read. Nothing can be written through it.
    Read,
    /// To copy the write-ahead log into the file.
    Checkpoint,
}

/// Opens a connection to a file.
pub(crate) fn open(path: &Path, purpose: Purpose, busy_timeout: Duration) -> Result<Connection, Fault> {
    // Each connection stays on its thread at any one time: no mutex is needed. No URIs: a path is a path.
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if purpose == Purpose::Make {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection = Connection::open_with_flags(as_file(path), flags)?;
    connection.busy_timeout(busy_timeout)?;
    connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    match purpose {
        Purpose::Make | Purpose::Look => {}
        Purpose::Read => {
            connection.pragma_update(None, "query_only", "ON")?;
            connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        }
        Purpose::Write => {
            write_durably(&connection, busy_timeout)?;
            connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
            connection.pragma_update(None, "journal_size_limit", checkpoint::LOG_LIMIT_BYTES)?;
            // Checkpoints are made elsewhere: no commit shall stop for one.
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
        }
        Purpose::Checkpoint => write_durably(&connection, busy_timeout)?,
    }
    Ok(connection)
}

const WRITER_CACHE_KIB: i64 = 64 * 1024;
const READER_CACHE_KIB: i64 = 8 * 1024;

/// A commit is on the disk when it returns: FULL syncs the log at each, and macOS needs `fullfsync` for that to mean
/// anything.
fn write_durably(connection: &Connection, busy_timeout: Duration) -> Result<(), Fault> {
    log_ahead(connection, busy_timeout)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "fullfsync", "ON")?;
    connection.pragma_update(None, "checkpoint_fullfsync", "ON")?;
    // What a statement sets aside stays in memory: a full disk for temporary files is one failure less.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(())
}

/// Has commits go to a log first. SQLite does not wait by itself for others who are just changing the file's mode.
fn log_ahead(connection: &Connection, busy_timeout: Duration) -> Result<(), rusqlite::Error> {
    let give_up = Instant::now() + busy_timeout;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if is_busy(&error) && Instant::now() < give_up => std::thread::sleep(LOOK_AGAIN),
            outcome => return outcome,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

/// How long until it is tried again what somebody else was in the way of.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

/// The path such that SQLite takes it for a file: `:memory:` and the empty path would be databases of their own for
/// each connection.
fn as_file(path: &Path) -> PathBuf {
    Path::new(".").join(path)
}
