//! What a backend says when its storage fails.

use std::error::Error;

/// Whether trying again can help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// It may work in a moment: connection lost, storage busy or full, time-out. Of a commit that ended so, it
    /// is not known whether it happened.
    Transient,
    /// It will fail again: a constraint was hit, data is damaged, the schema is wrong. A commit that ended so did
    /// not happen.
    Permanent,
}

/// A backend's storage failed.
#[derive(Debug, thiserror::Error)]
#[error("{backend}: {source}")]
pub struct StoreError {
    /// The backend's name.
    pub backend: &'static str,
    /// Whether trying again can help.
    pub kind: ErrorKind,
    /// What its driver said. For logs, never for callers.
    pub source: Box<dyn Error + Send + Sync>,
}

impl StoreError {
    /// It may work in a moment.
    pub fn transient(backend: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            backend,
            kind: ErrorKind::Transient,
            source: source.into(),
        }
    }

    /// It will fail again.
    pub fn permanent(backend: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            backend,
            kind: ErrorKind::Permanent,
            source: source.into(),
        }
    }

    /// Whether trying again can help.
    pub fn is_transient(&self) -> bool {
        self.kind == ErrorKind::Transient
    }
}
