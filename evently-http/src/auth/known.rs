//! Tokens that were found good lately, so that a caller's next request need not have its token verified again.
//!
//! A signature that was good stays good, since the secret does not change while this process runs; what the passing
//! of time changes is looked at each time. Only whole tokens are compared, and only good ones are kept, so nobody can
//! fill the memory with others.

use super::NotAuthenticated;
use evently_core::Timestamp;
use evently_core::domain::Caller;
use lru::LruCache;
use parking_lot::Mutex;
use std::{num::NonZeroUsize, sync::Arc};

/// What a verified token says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Vouched {
    pub(super) caller: Caller,
    /// The second from which it is good.
    pub(super) from: Option<f64>,
    /// The second from which it is not good any more.
    pub(super) until: f64,
}

impl Vouched {
    fn at(&self, now: Timestamp) -> Result<Caller, NotAuthenticated> {
        let seconds = now.as_second() as f64;
        if self.until <= seconds || self.from.is_some_and(|start| start > seconds) {
            return Err(NotAuthenticated);
        }
        Ok(self.caller)
    }
}

/// Tokens by their text, the least recently used forgotten first.
#[derive(Clone)]
pub(super) struct Known {
    parts: Arc<[Part]>,
}

type Part = Mutex<LruCache<Box<str>, Vouched>>;

impl Known {
    /// Parts with a lock each.
    const PARTS: usize = 16;
    /// The most tokens of one part.
    const IN_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1_023);
    /// The longest token that is kept, in bytes; those made here have some 250, an identity provider's may have many
    /// claims.
    const LONGEST: usize = 2_048;

    pub(super) fn new() -> Self {
        let part = || Mutex::new(LruCache::new(Self::IN_PART));
        Self {
            parts: (0..Self::PARTS).map(|_| part()).collect(),
        }
    }

    /// Whom a token vouches for at `now`; verified unless it was found good lately.
    pub(super) fn caller(
        &self,
        token: &str,
        now: Timestamp,
        verify: impl FnOnce() -> Result<Vouched, NotAuthenticated>,
    ) -> Result<Caller, NotAuthenticated> {
        if let Some(vouched) = self.get(token) {
            return vouched.at(now);
        }
        let vouched = verify()?;
        let caller = vouched.at(now)?;
        self.put(token, vouched);
        Ok(caller)
    }

    fn get(&self, token: &str) -> Option<Vouched> {
        self.part(token).lock().get(token).copied()
    }

    fn put(&self, token: &str, vouched: Vouched) {
        if token.len() <= Self::LONGEST {
            self.part(token).lock().put(token.into(), vouched);
        }
    }

    /// By the end of the signature, which is as good as random. (Its last letter has but four bits.)
    fn part(&self, token: &str) -> &Part {
        let letters = token.bytes().rev().take(4);
        let sum = letters.fold(0, |sum, letter| sum * 31 + usize::from(letter));
        &self.parts[sum % Self::PARTS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evently_core::domain::UserId;
    use uuid::Uuid;

    #[test]
    fn so_many_tokens_are_kept_and_no_long_ones() {
        let known = Known::new();
        let vouched = Vouched {
            caller: Caller::user(UserId::from_uuid(Uuid::nil())),
            from: None,
            until: 1.0,
        };
        known.put("first", vouched);
        assert_eq!(known.get("first"), Some(vouched));
        for number in 0..100_000 {
            known.put(&format!("token-{number}"), vouched);
        }
        assert_eq!(known.get("first"), None);
        let kept = known.parts.iter().map(|part| part.lock().len()).sum::<usize>();
        assert_eq!(kept, Known::PARTS * Known::IN_PART.get());
        let long = "x".repeat(Known::LONGEST + 1);
        known.put(&long, vouched);
        assert_eq!(known.get(&long), None);
    }
}
