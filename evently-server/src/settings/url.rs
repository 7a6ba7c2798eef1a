//! Which Redis: a URL that may hold a password, and so is never shown whole.

use std::{fmt, str::FromStr};

/// The URL of a Redis server. What follows the scheme is its client library's to read.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RedisUrl(String);

/// The text is no URL of a Redis server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a URL: redis://HOST:PORT or rediss://HOST:PORT")]
pub(crate) struct InvalidRedisUrl;

impl RedisUrl {
    /// The whole URL, for the client library alone.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RedisUrl {
    type Err = InvalidRedisUrl;

    fn from_str(text: &str) -> Result<Self, InvalidRedisUrl> {
        let is_known = |scheme: &&str| ["redis", "rediss"].contains(scheme);
        match text.split_once("://") {
            Some((scheme, place)) if is_known(&scheme) && !place.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(InvalidRedisUrl),
        }
    }
}

/// Without credentials and options: fit for logs.
impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, place) = self.0.split_once("://").unwrap_or_default();
        write!(f, "{scheme}://{}", public(place))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What may be shown of that which follows a URL's scheme: neither credentials nor options.
pub(crate) fn public(place: &str) -> &str {
    let (place, options) = place.split_once('?').unwrap_or((place, ""));
    match place.rsplit_once('@') {
        Some((_, place)) => place,
        // The question mark may have been a password's.
        None if options.contains('@') => "…",
        None => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_credentials_nor_options_are_shown() {
        for (place, shown) in [
            ("db:6379/0", "db:6379/0"),
            ("ada:hunter2@db:6379/0?x=hunter2", "db:6379/0"),
            ("ada:hun@ter2@db", "db"),
            (":hunt?er2@db", "…"),
            ("db?password=hunt@er2", "…"),
        ] {
            assert_eq!(public(place), shown);
        }
    }
}
