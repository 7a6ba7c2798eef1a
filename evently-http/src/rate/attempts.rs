//! Sign-ins that failed of late.

use super::Attempt;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How long one failure weighs: ten of them fill a minute.
const WEIGHT: Duration = Duration::from_secs(60 / Attempt::PER_MINUTE as u64);
/// All that may weigh at once.
const FULL: Duration = Duration::from_secs(60);
/// The most accounts and addresses that are kept in mind.
const MOST: usize = 100_000;

/// A leaky bucket for each account and address: for each, the instant at which it will be empty.
#[derive(Debug, Default)]
pub(super) struct Attempts(Mutex<HashMap<Attempt, Duration>>);

impl Attempts {
    /// Counts an attempt as if it had failed; how long to wait, where too many did.
    ///
    /// It is counted before its outcome is known, so that attempts made side by side do not all pass.
    pub(super) fn begin(&self, attempt: Attempt, now: Duration) -> Result<(), Duration> {
        let mut empty_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if empty_at.len() >= MOST && !empty_at.contains_key(&attempt) {
            empty_at.retain(|_, at| *at > now);
            if empty_at.len() >= MOST {
                return Err(WEIGHT);
            }
        }
        let at = empty_at.entry(attempt).or_insert(now);
        let next = (*at).max(now) + WEIGHT;
        if next > now + FULL {
            return Err(next - (now + FULL));
        }
        *at = next;
        Ok(())
    }

    /// Takes one count back.
    pub(super) fn take_back(&self, attempt: Attempt) {
        let mut empty_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = empty_at.get_mut(&attempt) {
            *at = at.saturating_sub(WEIGHT);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000_000 + seconds)
    }

    #[test]
    fn ten_may_fail_in_a_minute() {
        let attempts = Attempts::default();
        let ada = Attempt::new("ada@example.org", None);
        for _ in 0..10 {
            assert_eq!(attempts.begin(ada, at(0)), Ok(()));
        }
        assert_eq!(attempts.begin(ada, at(0)), Err(Duration::from_secs(6)));
        assert_eq!(
            attempts.begin(Attempt::new("eve@example.org", None), at(0)),
            Ok(())
        );
        assert_eq!(attempts.begin(ada, at(6)), Ok(()));
        assert!(attempts.begin(ada, at(6)).is_err());
        assert_eq!(attempts.begin(ada, at(120)), Ok(()));
    }

    #[test]
    fn those_that_succeed_do_not_count() {
        let attempts = Attempts::default();
        let ada = Attempt::new("ada@example.org", None);
        for _ in 0..100 {
            assert_eq!(attempts.begin(ada, at(0)), Ok(()));
            attempts.take_back(ada);
        }
    }
}
