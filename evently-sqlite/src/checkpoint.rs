//! Checkpoints: copying the write-ahead log into the file, off the writer's path, so that the log stays small.
//!
//! A thread of its own copies as the log grows (PASSIVE: it waits for nobody and nobody waits for it). While commits
//! never pause, it never catches up with them, and a log that is not wholly copied cannot start over: so once the log
//! is long, the writer itself copies the little that is left, between two commits, and its next commit starts the log
//! over. A reader in the log puts that off until it is done, and readers are bounded in time.

use crate::connection::{self, Purpose};
use crate::query;
use crate::statements::WAL_CHECKPOINT;
use rusqlite::Connection;
use rusqlite::hooks::Wal;
use std::cell::Cell;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// The pages after which the thread copies, again and again: 16 MiB.
const STEP: u32 = 4_096;
/// The pages after which the writer copies what is left: 64 MiB.
const LIMIT: u32 = 4 * STEP;
/// What is kept of a log's file that starts over: overwriting is cheaper than appending, whatever the disk.
pub(crate) const LOG_LIMIT_BYTES: i64 = (LIMIT as i64) * 4_096;

thread_local! {
    /// The log's length after the writer's last commit. SQLite calls the hook on the thread that commits, and a
    /// writer has a thread of its own.
    static PAGES: Cell<u32> = const { Cell::new(0) };
}

fn note_length(_: &Wal, pages: i32) -> rusqlite::Result<()> {
    PAGES.set(u32::try_from(pages).unwrap_or(0));
    Ok(())
}

/// The writer's side: watches the log's length.
#[derive(Debug)]
pub(crate) struct Log {
    /// How long the log was when something was last done about it.
    tended_at: u32,
    wake: SyncSender<()>,
}

/// The other side of [`Log`].
pub(crate) type Calls = Receiver<()>;

impl Log {
    /// Watches what the connection writes.
    pub(crate) fn watch(writer: &Connection) -> (Self, Calls) {
        let (wake, calls) = sync_channel(1);
        writer.wal_hook(Some(note_length));
        (Self { tended_at: 0, wake }, calls)
    }

    /// To be called by the writer between commits, on the thread that makes them.
    pub(crate) fn tend(&mut self, writer: &Connection) {
        let pages = PAGES.get();
        if pages < self.tended_at {
            self.tended_at = 0;
        }
        if pages - self.tended_at < STEP {
            return;
        }
        self.tended_at = pages;
        if pages >= LIMIT {
            copy(writer);
        } else {
            // It may still be at it: then it is called at the next step.
            let _ = self.wake.try_send(());
        }
    }
}

/// The thread: copies whenever it is called, until the writer is gone.
pub(crate) fn run(path: &Path, busy_timeout: Duration, calls: &Calls) {
    let connection = match connection::open(path, Purpose::Checkpoint, busy_timeout) {
        Ok(connection) => connection,
        Err(fault) => {
            tracing::warn!(error = %fault, "no connection for checkpoints: the writer makes them all");
            return;
        }
    };
    while calls.recv().is_ok() {
        copy(&connection);
    }
}

fn copy(connection: &Connection) {
    let copied = query::first(connection, WAL_CHECKPOINT, [], |row| {
        Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
    });
    match copied {
        Ok(Some((pages, copied))) => tracing::trace!(pages, copied, "checkpoint"),
        Ok(None) => {}
        // Nothing is lost: the log has it all, and the next checkpoint tries again.
        Err(fault) => tracing::warn!(error = %fault, "a checkpoint failed"),
    }
}
