//! What can go wrong, and the one mapping from the driver's errors to the store's two kinds.

use crate::NAME;
use evently_core::store::{ErrorKind, StoreError};
use redis::{RedisError, ServerErrorKind};

/// Why a piece of work failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// Redis or its driver said so.
    #[error(transparent)]
    Driver(#[from] RedisError),
    /// What was to be written breaks what no ledger may break.
    #[error("{0}")]
    Broken(String),
    /// What is stored cannot be read back.
    #[error("damaged data: {0}")]
    Damaged(String),
    /// No answer came within the time that a call may take.
    #[error("no answer in time")]
    TimedOut,
    /// The store is closed, or closes.
    #[error("the store is closed")]
    Closed,
    /// Some of what was asked in one call was done, and some was not.
    #[error("done in part: {0}")]
    InPart(Box<Fault>),
}

/// The code with which a script refuses to write what no ledger may write.
const BROKEN: &str = "BROKEN";

impl Fault {
    /// Stored data that cannot be read back.
    pub(crate) fn damaged(what: impl ToString) -> Self {
        Self::Damaged(what.to_string())
    }

    /// Whether trying again can help.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Self::Driver(error) => kind_of(error),
            Self::Broken(_) | Self::Damaged(_) | Self::Closed => ErrorKind::Permanent,
            Self::TimedOut | Self::InPart(_) => ErrorKind::Transient,
        }
    }

    /// Whether the server said that it did nothing of it, for now: asking again is safe, and may help.
    pub(crate) fn is_refused_for_now(&self) -> bool {
        let Self::Driver(error) = self else {
            return false;
        };
        match error.kind() {
            // No connection to the node of a slot: nothing was sent.
            redis::ErrorKind::ClusterConnectionNotFound => true,
            redis::ErrorKind::Server(kind) => refuses_for_now(kind),
            _ => false,
        }
    }

    /// Whether the connection was cut, maybe before anything was asked.
    pub(crate) fn is_cut(&self) -> bool {
        matches!(self, Self::Driver(error) if error.is_connection_dropped())
    }

    /// Whether the server does not know the script.
    pub(crate) fn is_unknown_script(&self) -> bool {
        let unknown = redis::ErrorKind::Server(ServerErrorKind::NoScript);
        matches!(self, Self::Driver(error) if error.kind() == unknown)
    }
}

/// What a node says before it does anything: slots move, a replica takes over, data is read from the disk, scripts
/// are not known yet.
fn refuses_for_now(kind: ServerErrorKind) -> bool {
    matches!(
        kind,
        ServerErrorKind::Moved
            | ServerErrorKind::Ask
            | ServerErrorKind::TryAgain
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ReadOnly
            | ServerErrorKind::BusyLoading
            | ServerErrorKind::NoScript
    )
}

/// The table: what may pass by itself is transient, all else is permanent.
fn kind_of(error: &RedisError) -> ErrorKind {
    match error.kind() {
        // The connection is gone, or no answer came. It is unknown whether the server did what was asked.
        redis::ErrorKind::Io | redis::ErrorKind::Parse | redis::ErrorKind::ClusterConnectionNotFound => {
            ErrorKind::Transient
        }
        redis::ErrorKind::Server(kind) if refuses_for_now(kind) => ErrorKind::Transient,
        _ => match error.code() {
            // Out of memory, the disk fails or is full, too few replicas, a script that does not end.
            Some("OOM" | "MISCONF" | "NOREPLICAS" | "BUSY" | "UNKILLABLE") => ErrorKind::Transient,
            _ => ErrorKind::Permanent,
        },
    }
}

/// A driver's error as a fault; a script's own refusal is one of ours.
pub(crate) fn fault_of(error: RedisError) -> Fault {
    match error.code() {
        Some(BROKEN) => Fault::Broken(error.detail().unwrap_or("refused by its script").to_owned()),
        _ => Fault::Driver(error),
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        Self {
            backend: NAME,
            kind: fault.kind(),
            source: Box::new(fault),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    /// What a server's error line becomes.
    fn answered(line: &str) -> Fault {
        let value = redis::parse_redis_value(format!("-{line}\r\n").as_bytes()).unwrap();
        fault_of(value.extract_error().unwrap_err())
    }

    #[test]
    fn what_may_pass_is_transient() {
        for line in [
            "LOADING Redis is loading the dataset in memory",
            "TRYAGAIN Multiple keys request during rehashing of slot",
            "CLUSTERDOWN The cluster is down",
            "MASTERDOWN Link with MASTER is down",
            "READONLY You can't write against a read only replica.",
            "MOVED 3999 127.0.0.1:6381",
            "ASK 3999 127.0.0.1:6381",
            "NOSCRIPT No matching script.",
            "OOM command not allowed when used memory > 'maxmemory'.",
            "MISCONF Redis is configured to save RDB snapshots",
            "NOREPLICAS Not enough good replicas to write.",
            "BUSY Redis is busy running a script.",
        ] {
            assert_eq!(answered(line).kind(), ErrorKind::Transient, "{line}");
        }
        for kind in [
            io::ErrorKind::ConnectionRefused,
            io::ErrorKind::BrokenPipe,
            io::ErrorKind::TimedOut,
        ] {
            let error = RedisError::from(io::Error::from(kind));
            assert_eq!(fault_of(error).kind(), ErrorKind::Transient, "{kind:?}");
        }
        assert_eq!(Fault::TimedOut.kind(), ErrorKind::Transient);
        let in_part = Fault::InPart(Box::new(Fault::Broken("x".to_owned())));
        assert_eq!(in_part.kind(), ErrorKind::Transient);
    }

    #[test]
    fn what_fails_again_is_permanent() {
        for line in [
            "WRONGTYPE Operation against a key holding the wrong kind of value",
            "ERR unknown command",
            "NOPERM this user has no permissions",
            "NOAUTH Authentication required.",
            "WRONGPASS invalid username-password pair",
            "CROSSSLOT Keys in request don't hash to the same slot",
            "BROKEN seat A-1 is taken",
        ] {
            assert_eq!(answered(line).kind(), ErrorKind::Permanent, "{line}");
        }
        for fault in [Fault::damaged("x"), Fault::Closed] {
            assert_eq!(fault.kind(), ErrorKind::Permanent);
        }
    }

    #[test]
    fn only_what_was_not_done_is_asked_again() {
        for line in [
            "MOVED 1 127.0.0.1:1",
            "TRYAGAIN x",
            "LOADING x",
            "READONLY x",
            "NOSCRIPT x",
        ] {
            assert!(answered(line).is_refused_for_now(), "{line}");
        }
        let cut = fault_of(RedisError::from(io::Error::from(io::ErrorKind::BrokenPipe)));
        assert!(!cut.is_refused_for_now() && cut.is_cut());
        assert!(!answered("OOM x").is_refused_for_now());
        assert!(answered("NOSCRIPT x").is_unknown_script());
    }

    #[test]
    fn a_scripts_refusal_is_told_in_its_words() {
        let error = StoreError::from(answered("BROKEN seat A-1 is taken"));
        assert_eq!(error.to_string(), "redis: seat A-1 is taken");
    }
}
