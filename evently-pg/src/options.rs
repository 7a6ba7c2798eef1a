//! How a database is opened.

use std::time::Duration;

/// How a [`PgStore`](crate::PgStore) is opened. The defaults suit one server on a database of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgOptions {
    /// What is done about a schema that is not up to date. Default: [`Schema::Migrate`].
    pub schema: Schema,
    /// How many connections there are at most; at least two. Default: 10. A lane uses one at a time.
    pub max_connections: u32,
    /// How long a call waits for a free connection, or for one to be made, before it ends in a transient error.
    /// Default: 2 s.
    pub acquire_timeout: Duration,
    /// How long the server works on one statement before it gives up. Default: 20 s.
    pub statement_timeout: Duration,
    /// How long the server waits for a lock before it gives up. Default: 5 s.
    pub lock_timeout: Duration,
    /// Whether statements stay prepared between calls. Default: [`Prepared::Kept`]. With `statement-cache-capacity=0`
    /// in the URL's query it is [`Prepared::Discarded`] whatever is set here.
    pub prepared: Prepared,
}

/// What is done about a schema that is not up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Schema {
    /// It is brought up to date, and made if there is none.
    #[default]
    Migrate,
    /// The database is refused.
    Require,
}

/// Whether statements stay prepared between calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prepared {
    /// They do: each is parsed and planned once a connection. Needs connections that are one's own.
    #[default]
    Kept,
    /// They do not, and nothing else is kept on a connection. For a pooler such as PgBouncer in transaction mode. Each
    /// call takes three more round trips.
    Discarded,
}

impl Default for PgOptions {
    fn default() -> Self {
        Self {
            schema: Schema::default(),
            max_connections: 10,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(20),
            lock_timeout: Duration::from_secs(5),
            prepared: Prepared::default(),
        }
    }
}
