//! A deterministic simulation of the whole engine: ledger, lanes, sweeper and store on one thread with virtual time.
//!
//! Random callers book, hold, confirm, extend, cancel, join, leave, accept, decline, change and cancel events, all at
//! once and from one or two engines; every call of the store may fail, come late, or happen and not be answered; some
//! callers go away in the middle of a call. Everything random follows from a seed, so a seed that fails replays.
//!
//! After each commit and at the end everything that was promised must hold: see [`watch`] and [`verdict`].
//!
//! `EVENTLY_SIM_SEEDS` sets how many seeds are played (default 2,000), `EVENTLY_SIM_SEED` plays one and
//! tells what happens in it.
//!
//! Left out: what several threads at once can do to each other (the races of the suite have that), and durability.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod callers;
mod event;
mod history;
mod journal;
mod verdict;
mod watch;

use evently_core::{conformance::broken::MUTANTS, memory::MemoryStore, store::Store};
use history::{Played, play};
use journal::{Telling, Totals};
use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new())
}

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} must be a number: {text}")),
    )
}

/// Plays a seed; a failure names it.
fn play_or_name(seed: u64, telling: Telling, store: Arc<dyn Store>) -> Result<Played, String> {
    let played = catch_unwind(AssertUnwindSafe(|| play(seed, telling, store))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("panicked: {}", text.unwrap_or("?")))
    });
    played.map_err(|what| format!("EVENTLY_SIM_SEED={seed}: {what}"))
}

#[test]
fn every_promise_holds_in_random_histories() {
    if let Some(seed) = setting("EVENTLY_SIM_SEED") {
        let played =
            play_or_name(seed, Telling::Aloud, memory()).unwrap_or_else(|failure| panic!("{failure}"));
        println!("seed {seed}: {}", played.totals);
        return;
    }
    let seeds = setting("EVENTLY_SIM_SEEDS").unwrap_or(2000);
    let next = AtomicU64::new(1);
    let play_some = || {
        let mut totals = Totals::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > seeds {
                return Ok(totals);
            }
            match play_or_name(seed, Telling::Silent, memory()) {
                Ok(played) => totals.add(&played.totals),
                Err(failure) => {
                    next.store(seeds, Ordering::Relaxed);
                    return Err(failure);
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut totals = Totals::default();
    let mut failures = Vec::new();
    thread::scope(|scope| {
        let players: Vec<_> = (0..threads).map(|_| scope.spawn(play_some)).collect();
        for player in players {
            match player.join().expect("a player catches its panics") {
                Ok(some) => totals.add(&some),
                Err(failure) => failures.push(failure),
            }
        }
    });
    println!("{seeds} seeds: {totals}");
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn a_seed_plays_the_same_history_again() {
    for seed in [1, 2, 3, 50, 51, 52, 53, 54] {
        let play = || play(seed, Telling::Silent, memory()).expect("a history that keeps its promises");
        let (first, again) = (play(), play());
        assert_eq!(first, again, "EVENTLY_SIM_SEED={seed}");
    }
}

#[test]
fn histories_reach_what_they_are_about() {
    let mut reached: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 1..=60 {
        let played =
            play_or_name(seed, Telling::Silent, memory()).unwrap_or_else(|failure| panic!("{failure}"));
        for (what, times) in played.totals.named() {
            *reached.entry(what).or_default() += times;
        }
    }
    let missing: Vec<_> = reached.iter().filter(|(_, times)| **times == 0).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
}

/// The simulation bites, too: a store with one of these bugs does not get through so many seeds.
#[test]
fn a_broken_store_does_not_get_through() {
    const SEEDS: u64 = 3000;
    for bug in [
        "commits whatever the version",
        "checks the version, then writes",
        "counts what frees twice",
        "forgets idempotency keys",
        "forgets which seats are taken",
        "forgets what users have",
        "stores bookings without the waitlist",
    ] {
        let mutant = MUTANTS
            .iter()
            .find(|mutant| mutant.name == bug)
            .expect("a bug of this name");
        let caught = (1..=SEEDS).find_map(|seed| {
            let store = (mutant.infect)(memory());
            play_or_name(seed, Telling::Silent, store).err()
        });
        match caught {
            Some(failure) => println!("a store that {bug}: {failure}"),
            None => panic!("a store that {bug} got through {SEEDS} seeds"),
        }
    }
}
