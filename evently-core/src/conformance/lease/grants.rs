//! Who is granted a lease, and for how long.

use super::{LONG, Registry, SHORT, granted};
use crate::conformance::races::together;
use std::sync::Arc;

pub(crate) async fn of_all_who_ask_at_once_one_is_granted_the_lease(registry: Registry) {
    let mut racers = Vec::new();
    for racer in 0..4 {
        let leases = registry.open().await;
        racers.push(async move {
            let holder = racer.to_string();
            leases.acquire("partition", &holder, LONG).await.unwrap()
        });
    }
    let at_once = together(racers).await.iter().flatten().count();
    // Among several servers, racers may each get too few for anybody to win: then whoever asks next does.
    assert!(at_once <= 1, "{at_once} hold one lease");
    let leases = registry.open().await;
    let later = leases.acquire("partition", "late", LONG).await.unwrap();
    assert_eq!(at_once + usize::from(later.is_some()), 1);
}

pub(crate) async fn a_good_lease_is_granted_to_nobody_else_nor_again(registry: Registry) {
    let (here, there) = (registry.open().await, registry.open().await);
    let lease = granted(&*here, "partition", "ada", LONG).await;
    assert_eq!((&*lease.name, &*lease.holder), ("partition", "ada"));
    assert_eq!(there.acquire("partition", "bob", LONG).await.unwrap(), None);
    assert_eq!(here.acquire("partition", "ada", LONG).await.unwrap(), None);
}

pub(crate) async fn a_renewed_lease_keeps_its_token_and_lasts_longer(registry: Registry) {
    let (here, there) = (registry.open().await, registry.open().await);
    let lease = granted(&*here, "partition", "ada", LONG / 2).await;
    let renewed = here.renew(&lease, LONG).await.unwrap().expect("it is good");
    assert_eq!((&renewed.name, &renewed.holder), (&lease.name, &lease.holder));
    assert_eq!(renewed.token, lease.token);
    assert!(renewed.until > lease.until);
    let again = here.renew(&lease, LONG).await.unwrap().expect("it still is");
    assert_eq!(again.token, lease.token);
    assert_eq!(there.acquire("partition", "bob", LONG).await.unwrap(), None);
}

pub(crate) async fn a_lease_that_ran_out_is_granted_anew_under_a_higher_token_and_stays_lost(
    registry: Registry,
) {
    let (here, there) = (registry.open().await, registry.open().await);
    let lost = granted(&*here, "partition", "ada", SHORT).await;
    let lease = granted(&*there, "partition", "bob", LONG).await;
    assert!(lease.token > lost.token);
    assert_eq!(here.renew(&lost, LONG).await.unwrap(), None);
    here.release(&lost).await.unwrap();
    assert!(
        there.renew(&lease, LONG).await.unwrap().is_some(),
        "bob's is untouched"
    );
    assert_eq!(here.acquire("partition", "ada", LONG).await.unwrap(), None);
}

pub(crate) async fn a_released_lease_is_free_at_once(registry: Registry) {
    let (here, there) = (registry.open().await, registry.open().await);
    let lease = granted(&*here, "partition", "ada", LONG).await;
    here.release(&lease).await.unwrap();
    here.release(&lease).await.unwrap();
    assert_eq!(here.renew(&lease, LONG).await.unwrap(), None);
    let next = there.acquire("partition", "bob", LONG).await.unwrap();
    assert!(next.expect("it is free").token > lease.token);
}

pub(crate) async fn leases_on_other_names_stand_apart(registry: Registry) {
    let leases = registry.open().await;
    let partition = granted(&*leases, "partition", "ada", LONG).await;
    let sweeper = granted(&*leases, "sweeper", "bob", LONG).await;
    leases.release(&partition).await.unwrap();
    assert!(leases.renew(&sweeper, LONG).await.unwrap().is_some());
}

pub(crate) async fn each_grant_has_a_higher_token(registry: Registry) {
    let all: [Arc<_>; 2] = [registry.open().await, registry.open().await];
    let mut last = 0;
    for turn in 0..20 {
        let leases = &all[turn % 2];
        let lease = granted(&**leases, "partition", "ada", LONG).await;
        assert!(lease.token > last, "{} after {last}", lease.token);
        last = lease.token;
        leases.release(&lease).await.unwrap();
    }
}
