//! Passwords: which may be chosen, and how they are hashed without starving everything else.

use crate::problem::Problem;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};
use tokio::sync::Semaphore;

/// The fewest and the most characters of a password.
const CHARS: std::ops::RangeInclusive<usize> = 8..=128;

/// The passwords of eight characters and more that are tried first by everybody, in lower case, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

/// Whether somebody may choose this password; what it must be, where not.
pub(crate) fn check(password: &str) -> Result<(), &'static str> {
    if !CHARS.contains(&password.chars().count()) {
        return Err("must be 8 to 128 characters");
    }
    let lower = password.to_lowercase();
    if COMMON.lines().any(|common| common == lower) {
        return Err("must not be one of the most common passwords");
    }
    Ok(())
}

/// What becomes of a password that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Right,
    Wrong,
}

/// Hashes and checks passwords on few threads: each takes 19 MiB and a core for a while, so that only so many run
/// at once, only so many wait, and the rest are told to come back.
#[derive(Debug)]
pub(crate) struct PasswordPool {
    running: Arc<Semaphore>,
    taken_in: Arc<AtomicUsize>,
    most: usize,
}

impl PasswordPool {
    /// How many wait for each that runs: as many as a slow core gets done within a request's time.
    const WAITING_PER_CORE: usize = 256;

    /// A pool that leaves a core to everything else, where there are two.
    pub(crate) fn new() -> Self {
        let cores = available_parallelism().map_or(1, |cores| cores.get());
        let at_once = cores.saturating_sub(1).max(1);
        Self {
            running: Arc::new(Semaphore::new(at_once)),
            taken_in: Arc::default(),
            most: at_once * (1 + Self::WAITING_PER_CORE),
        }
    }

    /// The hash to be kept of a password.
    ///
    /// # Errors
    /// 503 while too many wait.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move || hash(&password))
            .await?
            .ok_or_else(Problem::internal)
    }

    /// Whether a password is the one that was hashed. Without a hash (no such account) the work is the same and
    /// the verdict is `Wrong`.
    ///
    /// # Errors
    /// 503 while too many wait.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> Result<Verdict, Problem> {
        self.run(move || {
            // Made before either way, so that not even the first check takes longer for an unknown account.
            let dummy = &*DUMMY;
            match hash {
                Some(hash) => verify(&password, &hash),
                None => {
                    verify(&password, dummy);
                    Verdict::Wrong
                }
            }
        })
        .await
    }

    /// The work keeps its place to its end, also when nobody waits for it any more.
    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let place = Place::take(&self.taken_in, self.most).ok_or_else(Problem::overloaded)?;
        let permit = Arc::clone(&self.running).acquire_owned().await;
        let permit = permit.map_err(|_| Problem::overloaded())?;
        let work = move || {
            let done = work();
            drop((permit, place));
            done
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| Problem::internal())
    }
}

/// A place among those who run or wait, given back on drop.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken_in: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let place = Self(Arc::clone(taken_in));
        (taken_in.fetch_add(1, Ordering::Relaxed) < most).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The hash to be kept of a password, made on a thread where it holds nobody up; `None` while shutting down.
pub(crate) async fn hash_apart(password: String) -> Option<String> {
    tokio::task::spawn_blocking(move || hash(&password)).await.ok()?
}

/// A hash of no password, checked where there is no account, so that both take as long.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash("").unwrap_or_default());

/// Argon2id with 19 MiB, two passes, one lane (the OWASP minimum).
fn argon2() -> Argon2<'static> {
    let params = Params::new(19 * 1024, 2, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> Option<String> {
    let hash: PasswordHash = argon2().hash_password(password.as_bytes()).ok()?;
    Some(hash.to_string())
}

fn verify(password: &str, hash: &str) -> Verdict {
    let parsed = PasswordHash::new(hash);
    match parsed.map(|hash| argon2().verify_password(password.as_bytes(), &hash)) {
        Ok(Ok(())) => Verdict::Right,
        _ => Verdict::Wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_long_and_common_passwords_are_refused() {
        for password in ["", "seven77", "password", "PassWord123", "éééé", &"x".repeat(129)] {
            assert!(check(password).is_err(), "{password}");
        }
        for password in ["eight888", "correct horse", &"é".repeat(128)] {
            assert!(check(password).is_ok(), "{password}");
        }
    }

    #[test]
    fn the_list_is_of_passwords_that_are_long_enough_in_lower_case() {
        for password in COMMON.lines() {
            assert!(
                password.len() >= 8 && password == password.to_lowercase(),
                "{password}"
            );
        }
    }

    #[tokio::test]
    async fn only_the_password_itself_verifies() {
        let pool = PasswordPool::new();
        let hash = pool.hash("correct horse".to_owned()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |password: &str, hash: Option<&str>| {
            pool.verify(password.to_owned(), hash.map(str::to_owned))
                .await
                .unwrap()
        };
        assert_eq!(verify("correct horse", Some(&hash)).await, Verdict::Right);
        assert_eq!(verify("Correct horse", Some(&hash)).await, Verdict::Wrong);
        assert_eq!(verify("", Some("not a hash")).await, Verdict::Wrong);
        assert_eq!(verify("", None).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_full_pool_refuses_and_an_abandoned_call_gives_its_place_back() {
        let pool = PasswordPool {
            running: Arc::new(Semaphore::new(0)),
            taken_in: Arc::default(),
            most: 1,
        };
        let mut waiting = Box::pin(pool.hash("one".to_owned()));
        assert!(poll(&mut waiting).is_pending());
        let refused = pool.hash("two".to_owned()).await.unwrap_err();
        assert_eq!(refused.code(), crate::Code::Unavailable);
        drop(waiting);
        assert_eq!(pool.taken_in.load(Ordering::Relaxed), 0);
    }

    fn poll<F: Future + Unpin>(future: &mut F) -> std::task::Poll<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::Pin::new(future).poll(&mut context)
    }
}
