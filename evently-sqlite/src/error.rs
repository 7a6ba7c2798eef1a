//! What can go wrong, and the one mapping from the driver's errors to the store's two kinds.

use crate::NAME;
use evently_core::store::{ErrorKind, StoreError};
use rusqlite::ErrorCode;
use std::sync::Arc;

/// Why a piece of work failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// SQLite or its driver said so.
    #[error(transparent)]
    Driver(#[from] rusqlite::Error),
    /// What was to be written breaks what no ledger may break.
    #[error("{0}")]
    Broken(String),
    /// What is stored cannot be read back.
    #[error("damaged data: {0}")]
    Damaged(String),
    /// The system has no thread to give.
    #[error("no thread: {0}")]
    Thread(String),
}

impl Fault {
    /// Stored data that cannot be read back.
    pub(crate) fn damaged(what: impl ToString) -> Self {
        Self::Damaged(what.to_string())
    }

    /// Whether trying again can help.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Driver(error) => kind_of(error),
            Self::Broken(_) | Self::Damaged(_) => ErrorKind::Permanent,
            Self::Thread(_) => ErrorKind::Transient,
        }
    }

    /// Whether it is a unique index, other than a primary key, that refused a row.
    pub(crate) fn is_unique_violation(&self) -> bool {
        match self {
            Self::Driver(error) => error
                .sqlite_error()
                .is_some_and(|error| error.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE),
            _ => false,
        }
    }

    /// What SQLite's primary code is, if it was SQLite.
    pub(crate) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Driver(error) => error.sqlite_error_code(),
            _ => None,
        }
    }
}

/// The table: what may pass by itself is transient, all else is permanent.
fn kind_of(error: &rusqlite::Error) -> ErrorKind {
    match error.sqlite_error_code() {
        // Another process writes, or changes the file's mode, for longer than the busy timeout.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed)
        // The disk or the quota is full: nothing was written, and there may be room again.
        | Some(ErrorCode::DiskFull)
        // The disk failed. It is unknown whether the write reached it.
        | Some(ErrorCode::SystemIoFailure)
        | Some(ErrorCode::OutOfMemory)
        // Out of file descriptors, mostly: the file itself was opened before.
        | Some(ErrorCode::CannotOpen)
        // It took too long and was stopped.
        | Some(ErrorCode::OperationInterrupted | ErrorCode::OperationAborted) => ErrorKind::Transient,
        _ => ErrorKind::Permanent,
    }
}

/// The store's error for a fault that several callers share.
pub(crate) fn shared(fault: &Arc<Fault>) -> StoreError {
    StoreError {
        backend: NAME,
        kind: fault.kind(),
        source: Box::new(Arc::clone(fault)),
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        shared(&Arc::new(fault))
    }
}

/// The store is closed, or closes.
pub(crate) fn closed() -> StoreError {
    StoreError::permanent(NAME, "the store is closed")
}

/// Too much waits already.
pub(crate) fn overloaded() -> StoreError {
    StoreError::transient(NAME, "too many calls wait for the file")
}

/// No answer came within the time that a call may take.
pub(crate) fn timed_out() -> StoreError {
    StoreError::transient(NAME, "no answer in time")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn kind(extended_code: i32) -> ErrorKind {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(extended_code), None);
        StoreError::from(Fault::from(error)).kind
    }

    #[test]
    fn what_may_pass_is_transient() {
        for code in [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_BUSY_RECOVERY,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_PROTOCOL,
            ffi::SQLITE_FULL,
            ffi::SQLITE_IOERR,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_NOMEM,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_INTERRUPT,
            ffi::SQLITE_ABORT,
        ] {
            assert_eq!(kind(code), ErrorKind::Transient, "code {code}");
        }
    }

    #[test]
    fn what_fails_again_is_permanent() {
        for code in [
            ffi::SQLITE_CONSTRAINT_CHECK,
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
            ffi::SQLITE_CONSTRAINT_UNIQUE,
            ffi::SQLITE_CONSTRAINT_NOTNULL,
            ffi::SQLITE_CORRUPT,
            ffi::SQLITE_NOTADB,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_ERROR,
            ffi::SQLITE_SCHEMA,
            ffi::SQLITE_MISMATCH,
            ffi::SQLITE_TOOBIG,
            ffi::SQLITE_MISUSE,
            ffi::SQLITE_PERM,
            ffi::SQLITE_AUTH,
        ] {
            assert_eq!(kind(code), ErrorKind::Permanent, "code {code}");
        }
        for fault in [Fault::Broken("x".to_owned()), Fault::damaged("x")] {
            assert_eq!(fault.kind(), ErrorKind::Permanent);
        }
        let error = Fault::from(rusqlite::Error::QueryReturnedNoRows);
        assert_eq!(error.kind(), ErrorKind::Permanent);
    }

    #[test]
    fn only_a_unique_index_is_a_unique_violation() {
        let fault = |code| Fault::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        assert!(fault(ffi::SQLITE_CONSTRAINT_UNIQUE).is_unique_violation());
        assert!(!fault(ffi::SQLITE_CONSTRAINT_PRIMARYKEY).is_unique_violation());
        assert!(!fault(ffi::SQLITE_CONSTRAINT_CHECK).is_unique_violation());
    }

    #[test]
    fn the_driver_is_the_source() {
        let error = StoreError::from(Fault::from(rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_FULL),
            Some("database or disk is full".to_owned()),
        )));
        assert_eq!(error.to_string(), "sqlite: database or disk is full");
        assert!(error.is_transient());
    }
}
