//! How a case is run: over which storage, on which runtime, how long, and what must hold after it.

use super::World;
use crate::store::Store;
use async_trait::async_trait;
use std::{
    fmt::Debug,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

/// One storage, empty at first.
#[async_trait]
pub trait Harness: Debug + Send + Sync + 'static {
    /// Opens the storage.
    ///
    /// Called again, a durable backend opens the same storage anew while the store that was opened before is
    /// neither closed nor dropped: so a process that was killed leaves it. A volatile one answers with the same
    /// store.
    async fn open(&self) -> Arc<dyn Store>;
}

/// A store that lives as long as its process, as a harness.
#[derive(Debug)]
pub struct Volatile {
    store: Arc<dyn Store>,
}

impl Volatile {
    /// A harness over this store.
    pub fn over(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Harness for Volatile {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }
}

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// What a store promises the lanes, and what its reads show.
    Contract,
    /// The rules of the box office, one caller after the other.
    Rules,
    /// The rules under concurrency. These cases bear with a store that fails now and then.
    Races,
    /// What outlives an abrupt end. For durable backends.
    Durable,
}

/// The work of a case.
pub(crate) type Play = fn(World) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// One named case of the suite.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// The fact that it proves.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    pub(crate) play: Play,
}

/// Whether a backend keeps what a case is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Held,
    /// It does not: what the case said when it failed.
    Failed(String),
}

/// How long one case may take before it counts as stuck: a minute, or `EVENTLY_CASE_SECONDS`.
pub(super) fn time_limit() -> Duration {
    let set = std::env::var("EVENTLY_CASE_SECONDS").ok();
    let seconds = set.and_then(|text| text.parse().ok()).unwrap_or(60);
    Duration::from_secs(seconds)
}

/// Runs one case by its name over a fresh storage.
///
/// # Panics
/// When the case fails or is stuck, and when there is none of that name.
pub fn run<H: Harness, F: Future<Output = H>>(name: &str, open: impl FnOnce() -> F) {
    let case = super::cases().find(|case| case.name == name);
    play(*case.expect("a case of this name"), open, time_limit());
}

/// Runs one case over a fresh storage and tells whether it held; one that takes longer than `limit` did not.
pub fn try_case<H: Harness, F: Future<Output = H>>(
    case: Case,
    open: impl FnOnce() -> F,
    limit: Duration,
) -> Verdict {
    match catch_unwind(AssertUnwindSafe(|| play(case, open, limit))) {
        Ok(()) => Verdict::Held,
        Err(panic) => Verdict::Failed(message(&*panic)),
    }
}

/// Plays a case; what it leaves behind must stand a recount, unless it wrote by hand.
fn play<H: Harness, F: Future<Output = H>>(case: Case, open: impl FnOnce() -> F, limit: Duration) {
    let played = async {
        let world = World::open(Arc::new(open().await)).await;
        (case.play)(world.clone()).await;
        if case.group != Group::Contract {
            world.assert_recount().await;
        }
    };
    drive(case.name, played, limit);
}

/// Runs a case on two threads until it is done or stuck.
pub(super) fn drive(name: &str, played: impl Future<Output = ()>, limit: Duration) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let ended = runtime.block_on(async { tokio::time::timeout(limit, played).await });
    runtime.shutdown_background();
    assert!(ended.is_ok(), "{name} is stuck: not done after {limit:?}");
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked")
        .to_owned()
}
