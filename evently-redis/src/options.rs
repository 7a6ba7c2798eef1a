//! How a store is opened.

use evently_core::store::Durability;
use std::time::Duration;

/// How a [`RedisStore`](crate::RedisStore) is opened. The defaults suit one server that loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisOptions {
    /// The least that an acknowledged commit must survive; a server that keeps less is refused.
    /// Default: [`Durability::Durable`].
    pub accept: Durability,
    /// What an acknowledged commit survives, where the server does not tell its configuration. Default: none, and
    /// such a server is refused.
    pub durability: Option<Durability>,
    /// How long any call may take before it ends in a transient error. Default: 5 s.
    pub deadline: Duration,
}

impl Default for RedisOptions {
    fn default() -> Self {
        Self {
            accept: Durability::Durable,
            durability: None,
            deadline: Duration::from_secs(5),
        }
    }
}
