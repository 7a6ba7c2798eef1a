//! The settings of a server, from flags, the environment and a file (in this order), with defaults below.
//!
//! Every error names the setting as its source spells it and never shows its value: any value may be a secret.

mod sources;
#[cfg(test)]
mod tests;
mod url;

pub(crate) use sources::flags;
pub(crate) use url::{RedisUrl, public};

use crate::backends::StoreUrl;
use clap::ArgMatches;
use evently_http::auth::JwtSecret;
use evently_http::{Cors, ProxyNetwork, RateLimits};
use sources::{Found, Sources};
use std::{fmt, io::IsTerminal, ops::RangeInclusive};

/// Everything that can be set.
#[derive(Debug)]
pub(crate) struct Settings {
    /// `host:port`; `None` for what the command does by itself.
    pub(crate) listen: Option<String>,
    pub(crate) store: StoreUrl,
    /// What servers and workers share; `None` for one process alone.
    pub(crate) redis: Option<RedisUrl>,
    pub(crate) intake: Intake,
    /// How many workers of queued intake this process has.
    pub(crate) workers: usize,
    pub(crate) schema: Schema,
    /// `None` where the store is to say which.
    pub(crate) jwt_secret: Option<JwtSecret>,
    pub(crate) log: LogFormat,
    pub(crate) rate_limits: RateLimits,
    pub(crate) trusted_proxies: Vec<ProxyNetwork>,
    pub(crate) cors: Cors,
    pub(crate) max_connections: usize,
    pub(crate) first_admin: Option<FirstAdmin>,
}

/// Who decides requests for tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intake {
    /// The process that they come to.
    Direct,
    /// A worker, which takes them from the queue.
    Queued,
}

/// What is done about a store's schema before the store is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schema {
    BringUpToDate,
    LeaveAlone,
}

/// How log entries look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Json,
    Pretty,
}

/// The admin that is made at start.
pub(crate) struct FirstAdmin {
    pub(crate) email: String,
    password: Option<String>,
}

impl FirstAdmin {
    /// The password, which only a server that makes the account needs.
    pub(crate) fn password(&self) -> Result<&str, SettingError> {
        self.password.as_deref().ok_or_else(|| SettingError {
            setting: ADMIN_PASSWORD.to_owned(),
            message: format!("must be set where {ADMIN_EMAIL} is"),
        })
    }
}

impl fmt::Debug for FirstAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstAdmin(…)")
    }
}

/// A setting is not what it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {message}")]
pub(crate) struct SettingError {
    /// The setting, as its source spells it.
    pub(crate) setting: String,
    /// What it must be. Never its value.
    pub(crate) message: String,
}

/// What is wrong with a setting's text, without the text.
#[derive(Debug)]
struct Fault(String);

impl<E: fmt::Display> From<E> for Fault {
    fn from(message: E) -> Self {
        Self(message.to_string())
    }
}

/// The variables of the first admin; they have no flags, since flags are seen by everybody on the machine.
const ADMIN_EMAIL: &str = "EVENTLY_ADMIN_EMAIL";
pub(crate) const ADMIN_PASSWORD: &str = "EVENTLY_ADMIN_PASSWORD";

impl Settings {
    /// Reads all settings. `variable` looks an environment variable up.
    ///
    /// # Errors
    /// The first setting that is not what it must be.
    pub(crate) fn read(
        flags: &ArgMatches,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingError> {
        let sources = Sources::read(flags, variable)?;
        let max_connections = |found: &Found<'_>| whole_number(found.text, 1..=1_000_000);
        Ok(Self {
            listen: sources.get(&sources::LISTEN, listen)?,
            store: sources
                .get(&sources::STORE, |found| Ok(found.text.parse()?))?
                .unwrap_or_default(),
            redis: sources.get(&sources::REDIS, |found| Ok(found.text.parse()?))?,
            intake: sources.get(&sources::INTAKE, intake)?.unwrap_or(Intake::Direct),
            workers: sources
                .get(&sources::WORKERS, |found| whole_number(found.text, 0..=256))?
                .unwrap_or(1),
            schema: sources
                .get(&sources::NO_MIGRATE, schema)?
                .unwrap_or(Schema::BringUpToDate),
            jwt_secret: sources.get(&sources::JWT_SECRET, |found| {
                Ok(JwtSecret::new(found.untrimmed.as_bytes())?)
            })?,
            log: sources
                .get(&sources::LOG, log_format)?
                .unwrap_or_else(LogFormat::of_the_terminal),
            rate_limits: sources
                .get(&sources::RATE_LIMIT, |found| Ok(found.text.parse()?))?
                .unwrap_or_default(),
            trusted_proxies: sources
                .get(&sources::TRUSTED_PROXIES, networks)?
                .unwrap_or_default(),
            cors: sources
                .get(&sources::CORS_ORIGIN, |found| Ok(found.text.parse()?))?
                .unwrap_or_default(),
            max_connections: sources
                .get(&sources::MAX_CONNECTIONS, max_connections)?
                .unwrap_or(10_000),
            first_admin: first_admin(&sources),
        })
    }
}

impl LogFormat {
    /// What suits whoever reads the log: people on a terminal, programs elsewhere.
    fn of_the_terminal() -> Self {
        if std::io::stderr().is_terminal() {
            Self::Pretty
        } else {
            Self::Json
        }
    }
}

fn listen(found: &Found<'_>) -> Result<String, Fault> {
    const FORM: &str = "must be HOST:PORT, such as 127.0.0.1:8080";
    let port = |text: &str| text.parse::<u16>().ok();
    if found.is_fallback {
        let port = port(found.text).ok_or("must be a port from 0 to 65535")?;
        return Ok(format!("0.0.0.0:{port}"));
    }
    match found.text.rsplit_once(':') {
        Some((host, digits)) if !host.is_empty() && port(digits).is_some() => Ok(found.text.to_owned()),
        _ => Err(FORM.into()),
    }
}

fn intake(found: &Found<'_>) -> Result<Intake, Fault> {
    match found.text {
        "direct" => Ok(Intake::Direct),
        "queued" => Ok(Intake::Queued),
        _ => Err("must be direct or queued".into()),
    }
}

fn schema(found: &Found<'_>) -> Result<Schema, Fault> {
    match found.text {
        "true" | "1" => Ok(Schema::LeaveAlone),
        "false" | "0" => Ok(Schema::BringUpToDate),
        _ => Err("must be true or false".into()),
    }
}

fn log_format(found: &Found<'_>) -> Result<LogFormat, Fault> {
    match found.text {
        "json" => Ok(LogFormat::Json),
        "pretty" => Ok(LogFormat::Pretty),
        _ => Err("must be json or pretty".into()),
    }
}

fn networks(found: &Found<'_>) -> Result<Vec<ProxyNetwork>, Fault> {
    let parts = found.text.split(',').map(str::trim);
    parts.map(|part| Ok(part.parse()?)).collect()
}

fn whole_number(text: &str, range: RangeInclusive<usize>) -> Result<usize, Fault> {
    let number = text.parse().ok().filter(|number| range.contains(number));
    Ok(number.ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end()))?)
}

/// A password alone is for `admin create`.
fn first_admin(sources: &Sources<'_>) -> Option<FirstAdmin> {
    Some(FirstAdmin {
        email: sources.variable(ADMIN_EMAIL)?,
        password: sources.variable(ADMIN_PASSWORD),
    })
}
