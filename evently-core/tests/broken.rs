//! The suite proves that it bites: every deliberately broken store is caught by at least one case.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use evently_core::conformance::{
    Group, Verdict, Volatile,
    broken::{MUTANTS, Mutant},
    cases, try_case,
};
use evently_core::memory::MemoryStore;
use std::{sync::Arc, time::Duration};

/// A case that takes longer on a broken store is stuck, and so has caught it.
const LIMIT: Duration = Duration::from_secs(5);

/// So many cases are named of each kind; the rest need not run.
const ENOUGH: usize = 3;

/// The first few cases that notice a bug, of those that are about the store itself or those that are not.
fn caught_by(mutant: &Mutant, relevant: fn(Group) -> bool) -> Vec<&'static str> {
    let open = || async { Volatile::over((mutant.infect)(Arc::new(MemoryStore::new()))) };
    cases()
        .filter(|case| relevant(case.group))
        .filter(|case| matches!(try_case(**case, open, LIMIT), Verdict::Failed(_)))
        .map(|case| case.name)
        .take(ENOUGH)
        .collect()
}

fn assert_caught(bug: &str) {
    let mutant = MUTANTS.iter().find(|mutant| mutant.name == bug);
    let mutant = mutant.expect("a bug of this name");
    let contract = caught_by(mutant, |group| group == Group::Contract);
    let behaviour = caught_by(mutant, |group| matches!(group, Group::Rules | Group::Races));
    println!(
        "a store that {bug} is caught by its contract ({}) and by what it does ({})",
        contract.join(", "),
        behaviour.join(", ")
    );
    assert!(
        !contract.is_empty() || !behaviour.is_empty(),
        "no case notices a store that {bug}"
    );
}

#[test]
fn a_store_without_version_check_is_caught() {
    assert_caught("commits whatever the version");
}

#[test]
fn a_store_that_takes_one_writers_commit_for_anothers_is_caught() {
    assert_caught("takes one writer's commit for another's");
}

#[test]
fn a_store_that_checks_before_it_writes_is_caught() {
    assert_caught("checks the version, then writes");
}

#[test]
fn a_store_that_frees_twice_is_caught() {
    assert_caught("counts what frees twice");
}

#[test]
fn a_store_that_forgets_keys_is_caught() {
    assert_caught("forgets idempotency keys");
}

#[test]
fn a_store_that_acknowledges_early_is_caught() {
    assert_caught("acknowledges before it commits");
}

#[test]
fn a_store_that_commits_by_halves_is_caught() {
    assert_caught("stores bookings without the waitlist");
}

#[test]
fn a_store_that_forgets_seats_is_caught() {
    assert_caught("forgets which seats are taken");
}

#[test]
fn a_store_that_forgets_users_is_caught() {
    assert_caught("forgets what users have");
}

#[test]
fn a_store_that_forgets_what_is_due_is_caught() {
    assert_caught("forgets what is due");
}

#[test]
fn a_store_that_mixes_up_conflicts_is_caught() {
    assert_caught("takes one event's conflict for all");
}

/// A fault is the store's only if a sound store has none.
#[test]
fn a_sound_store_is_not_caught() {
    let open = || async { Volatile::over(Arc::new(MemoryStore::new())) };
    for case in cases().filter(|case| case.group == Group::Contract) {
        assert_eq!(try_case(*case, open, LIMIT), Verdict::Held, "{}", case.name);
    }
}
