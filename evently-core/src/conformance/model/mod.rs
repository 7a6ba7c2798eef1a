//! The rules once more, deliberately naive, and random histories that the engine and this model must agree on.
//!
//! The model keeps lists and goes through all of them at every step; it knows nothing of batches, versions, indices
//! or caches, and shares no code with the ledger. A history is a list of steps; it is played on both, and after each
//! step the answers and everything that is stored must be the same. What does not agree is shrunk to the shortest
//! history that does not.
//!
//! `EVENTLY_MODEL_CASES` sets the number of histories (default 48), `EVENTLY_MODEL_SEED` the seed that they follow
//! from.
//!
//! Left out: times of sales opening, accessible seats, changes of ticket types. The cases in `rules` have those.

mod compare;
mod hall;
mod play;
mod requests;
mod rules;
mod script;
mod wording;

use super::world::World;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

/// Random histories end the same on the engine as in the model.
pub(crate) async fn the_model_agrees(world: World) {
    let setting = |name: &str, default: u32| -> u32 {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(default)
    };
    let cases = setting("EVENTLY_MODEL_CASES", 48);
    let seed = setting("EVENTLY_MODEL_SEED", 1);
    let runtime = tokio::runtime::Handle::current();
    let played = tokio::task::spawn_blocking(move || {
        let config = Config {
            cases,
            failure_persistence: None,
            max_shrink_iters: 4000,
            ..Config::default()
        };
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&seed.to_be_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut runner = TestRunner::new_with_rng(config, rng);
        runner.run(&script::script(), |script| {
            runtime
                .block_on(play::play(&world, &script))
                .map_err(TestCaseError::fail)
        })
    });
    if let Err(failure) = played.await.expect("the runner does not panic") {
        panic!("EVENTLY_MODEL_SEED={seed}: {failure}");
    }
}
