//! Opening: what the server's configuration promises, and how each thing that can be wrong is said in one line.

use crate::connection::Connection;
use crate::error::Fault;
use crate::options::RedisOptions;
use crate::values;
use evently_core::store::{Durability, StoreError};
use redis::Value;
use std::collections::HashMap;

/// Why a store could not be opened, in one line for whoever named it. None tells a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The text is no URL of a Redis server or cluster.
    #[error("must be redis://HOST:PORT, rediss://HOST:PORT or redis+cluster://HOST:PORT,HOST:PORT")]
    InvalidUrl,
    /// The server keeps less than is asked for.
    #[error(
        "it is {} (appendonly {appendonly}, appendfsync {appendfsync}): what is acknowledged may be lost when it \
         crashes; set `appendonly yes` and `appendfsync always` there, or accept that with ?accept={}",
        found.as_str(), found.as_str()
    )]
    NotDurable {
        /// What an acknowledged commit survives there.
        found: Durability,
        /// The server's setting.
        appendonly: String,
        /// The server's setting.
        appendfsync: String,
    },
    /// The server throws data away when its memory is full.
    #[error("its maxmemory-policy is {policy}: it would throw bookings away; set it to noeviction")]
    Evicts {
        /// The server's setting.
        policy: String,
    },
    /// The server does not tell its configuration.
    #[error(
        "it does not tell its configuration: say what it keeps with ?durability=durable, bounded-loss or volatile"
    )]
    Untold,
    /// Nobody answers there, or it failed otherwise; [`StoreError::kind`] tells whether trying again can help.
    #[error("{source}")]
    Storage {
        /// What happened.
        source: StoreError,
    },
}

impl From<Fault> for OpenError {
    fn from(fault: Fault) -> Self {
        Self::Storage { source: fault.into() }
    }
}

/// What an acknowledged commit survives there, if that is enough.
///
/// # Errors
/// It is not, or the server would throw data away, or does not tell.
pub(crate) async fn durability(
    connection: &Connection,
    options: &RedisOptions,
) -> Result<Durability, OpenError> {
    let all = read(connection).await?;
    if let Some(settings) = all.iter().find(|settings| settings.evicts()) {
        return Err(OpenError::Evicts {
            policy: settings.policy.clone(),
        });
    }
    let least = all.into_iter().min_by_key(|settings| rank(settings.class()));
    let told = least.ok_or(OpenError::Untold);
    let found = match options.durability {
        Some(said) => said,
        None => told
            .as_ref()
            .map(Settings::class)
            .map_err(|_| OpenError::Untold)?,
    };
    if rank(found) >= rank(options.accept) {
        return Ok(found);
    }
    let settings = told.unwrap_or_default();
    Err(OpenError::NotDurable {
        found,
        appendonly: settings.appendonly,
        appendfsync: settings.appendfsync,
    })
}

/// What an acknowledged write survives there as it is configured: nothing, where the server throws data away when its
/// memory is full. `None` where it does not tell.
///
/// # Errors
/// It cannot be asked.
pub(crate) async fn kept(connection: &Connection) -> Result<Option<Durability>, Fault> {
    let kept = read(connection)
        .await?
        .into_iter()
        .map(|settings| match settings.evicts() {
            true => Durability::Volatile,
            false => settings.class(),
        });
    Ok(kept.min_by_key(|kept| rank(*kept)))
}

/// Higher survives more.
fn rank(durability: Durability) -> u8 {
    match durability {
        Durability::Volatile => 0,
        Durability::BoundedLoss => 1,
        Durability::Durable => 2,
    }
}

/// What matters of one server's configuration.
#[derive(Debug, Default)]
struct Settings {
    appendonly: String,
    appendfsync: String,
    policy: String,
}

impl Settings {
    /// Whether data is thrown away when the memory is full.
    fn evicts(&self) -> bool {
        !self.policy.is_empty() && self.policy != "noeviction"
    }

    fn class(&self) -> Durability {
        match (self.appendonly.as_str(), self.appendfsync.as_str()) {
            ("yes", "always") => Durability::Durable,
            ("yes", _) => Durability::BoundedLoss,
            // Snapshots (`save`) lose minutes.
            _ => Durability::Volatile,
        }
    }
}

/// The configuration of each server that may hold data; none if they do not tell.
async fn read(connection: &Connection) -> Result<Vec<Settings>, Fault> {
    let mut command = redis::cmd("CONFIG");
    command
        .arg("GET")
        .arg(&["appendonly", "appendfsync", "maxmemory-policy"]);
    match connection.ask_masters(command).await {
        Ok(answers) => answers.into_iter().map(settings).collect(),
        // Managed servers forbid CONFIG, or do not have it.
        Err(Fault::Driver(error)) if matches!(error.code(), Some("NOPERM" | "ERR")) => Ok(Vec::new()),
        Err(fault) => Err(fault),
    }
}

fn settings(answer: Value) -> Result<Settings, Fault> {
    let mut told = HashMap::new();
    for (name, value) in values::pairs(answer)? {
        let text = |bytes| String::from_utf8(bytes).map_err(Fault::damaged);
        told.insert(text(name)?, text(value)?);
    }
    let mut take = |name| told.remove(name).unwrap_or_default();
    Ok(Settings {
        appendonly: take("appendonly"),
        appendfsync: take("appendfsync"),
        policy: take("maxmemory-policy"),
    })
}
