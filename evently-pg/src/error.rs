//! What can go wrong, and the one mapping from the driver's errors to the store's two kinds.

use crate::NAME;
use evently_core::store::{ErrorKind, StoreError};

/// Why a piece of work failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The server or the driver said so.
    #[error(transparent)]
    Driver(#[from] sqlx::Error),
    /// What is stored cannot be read back.
    #[error("damaged data: {0}")]
    Damaged(String),
    /// What was to be written has no form in which it could be.
    #[error("{0}")]
    Broken(String),
    /// Every connection was in use for as long as may be waited.
    #[error("no free connection in time")]
    Busy,
    /// No answer came within the time that a call may take.
    #[error("no answer in time")]
    TimedOut,
    /// The store is closed, or closes.
    #[error("the store is closed")]
    Closed,
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
            Self::Busy | Self::TimedOut => ErrorKind::Transient,
            Self::Damaged(_) | Self::Broken(_) | Self::Closed => ErrorKind::Permanent,
        }
    }

    /// Whether a key refused a new row that its user has used before.
    pub(crate) fn is_used_key(&self) -> bool {
        let Self::Driver(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error.is_unique_violation() && matches!(error.constraint(), Some("booking_of_user" | "entry_key"))
    }

    /// Whether the connection it happened on can be used again: the server refused a statement and is well.
    pub(crate) fn leaves_connection_usable(&self) -> bool {
        let Self::Driver(sqlx::Error::Database(error)) = self else {
            return false;
        };
        error
            .code()
            .is_some_and(|code| !code.starts_with("08") && !code.starts_with("57P"))
    }
}

/// The table: what may pass by itself is transient, all else is permanent.
fn kind_of(error: &sqlx::Error) -> ErrorKind {
    match error {
        // The connection broke or could not be made. Of a commit it is unknown whether it happened.
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => {
            ErrorKind::Transient
        }
        sqlx::Error::Database(error) => error
            .code()
            .map_or(ErrorKind::Permanent, |code| kind_of_state(&code)),
        _ => ErrorKind::Permanent,
    }
}

/// By SQLSTATE (appendix A of PostgreSQL's manual).
fn kind_of_state(code: &str) -> ErrorKind {
    match code {
        // 08: the connection. 53: the disk is full, memory, too many connections. 57P0x: the server stops or starts.
        _ if ["08", "53", "57P"].iter().any(|class| code.starts_with(class)) => ErrorKind::Transient,
        // It took too long, or somebody cancelled it.
        "57014"
        // It lost against another transaction, or a lock could not be had in time.
        | "40001" | "40P01" | "55P03"
        // It is unknown whether it was committed.
        | "40003"
        // The server takes no writes: a failover has left us on a replica.
        | "25006"
        // The system failed: a disk, a file.
        | "58000" | "58030" => ErrorKind::Transient,
        _ => ErrorKind::Permanent,
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
    use std::borrow::Cow;
    use std::error::Error;

    /// What a server answers, as the driver hands it on.
    #[derive(Debug)]
    struct Answer {
        code: &'static str,
        constraint: Option<&'static str>,
    }

    impl std::fmt::Display for Answer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "SQLSTATE {}", self.code)
        }
    }

    impl Error for Answer {}

    impl sqlx::error::DatabaseError for Answer {
        fn message(&self) -> &str {
            "it failed"
        }
        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.code.into())
        }
        fn constraint(&self) -> Option<&str> {
            self.constraint
        }
        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }
        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }
        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }
        fn kind(&self) -> sqlx::error::ErrorKind {
            match self.code {
                "23505" => sqlx::error::ErrorKind::UniqueViolation,
                _ => sqlx::error::ErrorKind::Other,
            }
        }
    }

    fn fault(code: &'static str, constraint: Option<&'static str>) -> Fault {
        Fault::Driver(sqlx::Error::Database(Box::new(Answer { code, constraint })))
    }

    #[test]
    fn what_may_pass_is_transient() {
        for code in [
            "08000", "08001", "08003", "08004", "08006", "25006", "40001", "40003", "40P01", "53000",
            "53100", "53200", "53300", "53400", "55P03", "57014", "57P01", "57P02", "57P03", "57P05",
            "58000", "58030",
        ] {
            assert_eq!(fault(code, None).kind(), ErrorKind::Transient, "SQLSTATE {code}");
        }
        let broken = Fault::from(sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into()));
        let cut = Fault::from(sqlx::Error::Protocol("unexpected end".to_owned()));
        for fault in [broken, cut, Fault::Busy, Fault::TimedOut] {
            assert_eq!(fault.kind(), ErrorKind::Transient, "{fault}");
        }
    }

    #[test]
    fn what_fails_again_is_permanent() {
        for code in [
            "22003", "22P02", "23502", "23505", "23514", "28P01", "3D000", "42501", "42601", "42P01", "XX001",
        ] {
            assert_eq!(fault(code, None).kind(), ErrorKind::Permanent, "SQLSTATE {code}");
        }
        for fault in [
            Fault::damaged("x"),
            Fault::Broken("x".to_owned()),
            Fault::Closed,
            sqlx::Error::RowNotFound.into(),
        ] {
            assert_eq!(fault.kind(), ErrorKind::Permanent, "{fault}");
        }
    }

    #[test]
    fn only_a_used_key_is_a_used_key() {
        assert!(fault("23505", Some("booking_of_user")).is_used_key());
        assert!(fault("23505", Some("entry_key")).is_used_key());
        assert!(!fault("23505", Some("booking_pkey")).is_used_key());
        assert!(!fault("23505", Some("taken_seat_pkey")).is_used_key());
        assert!(!fault("23514", Some("booking_of_user")).is_used_key());
    }

    #[test]
    fn a_refused_statement_leaves_its_connection_usable() {
        assert!(fault("23505", None).leaves_connection_usable());
        assert!(fault("40001", None).leaves_connection_usable());
        assert!(!fault("57P01", None).leaves_connection_usable());
        assert!(!fault("08006", None).leaves_connection_usable());
        assert!(!Fault::TimedOut.leaves_connection_usable());
    }

    #[test]
    fn the_driver_is_the_source() {
        let error = StoreError::from(fault("53100", None));
        assert_eq!(
            error.to_string(),
            "postgres: error returned from database: SQLSTATE 53100"
        );
        assert!(error.is_transient());
    }
}
