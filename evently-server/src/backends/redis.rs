//! `redis://HOST`, `rediss://HOST` (TLS) and `redis+cluster://HOST,HOST`: one server or a cluster.
//!
//! After a `?`, `accept=` names the least that an acknowledged booking must survive, where that is not everything, and
//! `durability=` what it does survive, where the server does not tell.

use super::{Backend, OpenError};
use crate::secret::SecretHome;
use evently_core::store::{Durability, Store};
use evently_redis::{RedisOptions, RedisStore};
use futures::FutureExt;
use futures::future::BoxFuture;
use std::sync::Arc;

pub(super) const SERVER: Backend = Backend {
    scheme: "redis",
    form: "redis://HOST",
    open: |place, _| open("redis", place),
    migrate: |_| async { Ok("redis: has no schema".to_owned()) }.boxed(),
    secret: |_| SecretHome::Unshared,
};

pub(super) const SERVER_BY_TLS: Backend = Backend {
    scheme: "rediss",
    form: "rediss://HOST",
    open: |place, _| open("rediss", place),
    ..SERVER
};

pub(super) const CLUSTER: Backend = Backend {
    scheme: "redis+cluster",
    form: "redis+cluster://HOST,HOST",
    open: |place, _| open("redis+cluster", place),
    ..SERVER
};

fn open(scheme: &'static str, place: String) -> BoxFuture<'static, Result<Arc<dyn Store>, OpenError>> {
    async move {
        let (place, options) = options(&place)?;
        let store = RedisStore::open(&format!("{scheme}://{place}"), options).await?;
        Ok(Arc::new(store) as Arc<dyn Store>)
    }
    .boxed()
}

/// The place without its options, and the options.
///
/// # Errors
/// An option is none of those that there are.
fn options(place: &str) -> Result<(String, RedisOptions), String> {
    let mut options = RedisOptions::default();
    let Some((place, query)) = place.split_once('?') else {
        return Ok((place.to_owned(), options));
    };
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("accept", word)) => options.accept = durability(word)?,
            Some(("durability", word)) => options.durability = Some(durability(word)?),
            // The value may be a secret that went astray.
            Some((name, _)) => {
                return Err(format!("`?{name}=` is no option; there is accept and durability"));
            }
            None => return Err("an option is ?accept=… or ?durability=…".to_owned()),
        }
    }
    Ok((place.to_owned(), options))
}

fn durability(word: &str) -> Result<Durability, String> {
    let all = [Durability::Durable, Durability::BoundedLoss, Durability::Volatile];
    let found = all.into_iter().find(|durability| durability.as_str() == word);
    found.ok_or_else(|| "accept and durability are durable, bounded-loss or volatile".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_accepted_stands_after_the_place() {
        let (place, plain) = options("ada:secret@one:6379/2").unwrap();
        assert_eq!(
            (place.as_str(), plain),
            ("ada:secret@one:6379/2", RedisOptions::default())
        );
        let (place, set) = options("one?accept=volatile&durability=bounded-loss").unwrap();
        assert_eq!((place.as_str(), set.accept), ("one", Durability::Volatile));
        assert_eq!(set.durability, Some(Durability::BoundedLoss));
    }

    #[test]
    fn an_option_that_there_is_not_is_refused_without_its_value() {
        let refused = options("one?password=secret").unwrap_err();
        assert!(
            refused.contains("password") && !refused.contains("secret"),
            "{refused}"
        );
        assert!(options("one?accept=some").is_err());
    }
}
