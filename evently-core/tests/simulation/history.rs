//! One history: a storage with faults, engines, events, callers, time that passes, and the end.

use crate::callers::{Caller, Stage};
use crate::journal::{Journal, Totals};
use crate::watch::Watch;
use crate::{event, verdict};
use evently_core::clock::{Clock, IdSource};
use evently_core::conformance::{
    ManualClock, SeededIds,
    faulty::{Faults, Faulty},
    wrap::Wrapped,
};
use evently_core::domain::UserId;
use evently_core::memory::MemoryStore;
use evently_core::store::Store;
use evently_core::{Evently, LaneSettings};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// What became of a history that kept every promise.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Played {
    pub(crate) totals: Totals,
    /// All that is stored at the end, in words.
    stored: Vec<String>,
}

/// Longer than any history takes by virtual time.
const STUCK: Duration = Duration::from_secs(3600);

/// Plays the history of a seed.
pub(crate) fn play(seed: u64) -> Result<Played, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| error.to_string())?;
    let ended = runtime.block_on(async { tokio::time::timeout(STUCK, story(seed)).await });
    ended.unwrap_or_else(|_| Err("stuck: an hour passed".to_owned()))
}

async fn story(seed: u64) -> Result<Played, String> {
    let mut rng = StdRng::seed_from_u64(seed);
    let clock = Arc::new(ManualClock::default());
    let ids = Arc::new(SeededIds::from_seed(seed));
    let journal = Arc::new(Journal::default());
    let watch = Watch::new(Arc::clone(&clock), Arc::clone(&journal));
    let watched = Arc::new(Wrapped::new(Arc::new(MemoryStore::new()), watch));
    let faulty = Arc::new(Wrapped::new(
        Arc::clone(&watched) as Arc<dyn Store>,
        Faulty::from_seed(seed, faults(&mut rng)),
    ));
    let sound = Evently::builder(Arc::clone(&watched) as Arc<dyn Store>)
        .clock(Arc::clone(&clock) as Arc<dyn Clock>)
        .ids(Arc::clone(&ids) as Arc<dyn IdSource>)
        .sweep_every(None)
        .build();
    let admin = evently_core::Caller::admin(UserId::from_uuid(sound.new_id()));
    let mut events = Vec::new();
    for _ in 0..rng.random_range(1..4) {
        let draft = event::draft(&mut rng, clock.now());
        let made = sound.create_event(&admin, draft).await;
        events.push(made.map_err(|error| error.to_string())?.event);
    }
    let engines: Vec<Evently> = (0..rng.random_range(1..3))
        .map(|_| engine(&mut rng, Arc::clone(&faulty) as Arc<dyn Store>, &clock, &ids))
        .collect();
    let stage = Arc::new(Stage {
        engines: engines.clone(),
        events,
        admin,
        clock: Arc::clone(&clock),
        journal: Arc::clone(&journal),
        watched: Arc::clone(&watched),
    });

    let mut callers = JoinSet::new();
    for _ in 0..rng.random_range(3..9) {
        let caller = Caller::new(Arc::clone(&stage), rng.random());
        callers.spawn(caller.live());
    }
    let ticking = tokio::spawn(tick(Arc::clone(&clock), rng.random()));
    while let Some(ended) = callers.join_next().await {
        ended.map_err(|error| format!("a caller: {error}"))?;
    }
    ticking.abort();
    for engine in &engines {
        engine.shutdown().await;
    }
    let injected = faulty.meddle().injected();
    journal.count(|totals| {
        totals.calls_failed += injected.failed;
        totals.answers_lost += injected.lost;
        totals.calls_delayed += injected.delayed;
    });
    verdict::resolve(&sound, &stage).await?;
    let stored = verdict::judge(&sound, &stage).await?;
    Ok(Played {
        totals: journal.totals(),
        stored,
    })
}

fn faults(rng: &mut StdRng) -> Faults {
    match rng.random_range(0..4) {
        0 => Faults::none(),
        1 => Faults::mild(),
        _ => Faults {
            fail_per_mille: rng.random_range(0..200),
            lose_per_mille: rng.random_range(0..250),
            delay_per_mille: rng.random_range(0..500),
            max_delay: Duration::from_millis(rng.random_range(1..20)),
        },
    }
}

fn engine(
    rng: &mut StdRng,
    store: Arc<dyn Store>,
    clock: &Arc<ManualClock>,
    ids: &Arc<SeededIds>,
) -> Evently {
    let sweeps = rng.random_bool(0.7);
    let settings = LaneSettings {
        lanes: rng.random_range(1..4),
        max_batch: rng.random_range(1..32),
        max_waiting: rng.random_range(2..64),
        max_kept_events: rng.random_range(0..4),
        max_conflicts: rng.random_range(1..32),
        max_store_retries: rng.random_range(0..5),
        ..LaneSettings::default()
    };
    Evently::builder(store)
        .clock(Arc::clone(clock) as Arc<dyn Clock>)
        .ids(Arc::clone(ids) as Arc<dyn IdSource>)
        .lanes(settings)
        .sweep_every(sweeps.then_some(Duration::from_millis(5)))
        .build()
}

/// Lets the callers' time pass, at no steady pace.
async fn tick(clock: Arc<ManualClock>, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    loop {
        tokio::time::sleep(Duration::from_millis(rng.random_range(1..5))).await;
        clock.advance(Duration::from_secs(rng.random_range(0..30)));
    }
}
