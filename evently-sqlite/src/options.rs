//! How a file is opened.

use std::time::Duration;

/// How a [`SqliteStore`](crate::SqliteStore) is opened. The defaults suit one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// What is done about a schema that is not up to date. Default: [`Schema::Migrate`].
    pub schema: Schema,
    /// How long a write waits for another process that writes to the same file, before it ends in a transient error.
    /// Default: 2 s.
    pub busy_timeout: Duration,
    /// How long any call may take, queueing included, before it ends in a transient error. Default: 30 s.
    pub deadline: Duration,
    /// How many threads read, each with a connection of its own; at least one. Default: 4.
    pub readers: usize,
    /// How many calls wait for the writer, and how many for the readers; one more ends in a transient error.
    /// Default: 1,024.
    pub max_waiting: usize,
}

/// What is done about a schema that is not up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Schema {
    /// It is brought up to date, and a file that does not exist is made.
    #[default]
    Migrate,
    /// The file is refused; none is made.
    Require,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            schema: Schema::default(),
            busy_timeout: Duration::from_secs(2),
            deadline: Duration::from_secs(30),
            readers: 4,
            max_waiting: 1_024,
        }
    }
}
