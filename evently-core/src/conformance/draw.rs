//! Lots that follow from a seed, drawn through a shared reference.

use parking_lot::Mutex;
use rand::{RngExt, SeedableRng, rngs::StdRng};

/// A seeded source of chance that many may draw from.
#[derive(Debug)]
pub(crate) struct Draw {
    rng: Mutex<StdRng>,
}

impl Draw {
    pub(crate) fn from_seed(seed: u64) -> Self {
        Self {
            rng: Mutex::new(StdRng::seed_from_u64(seed)),
        }
    }

    /// Ten random bytes.
    pub(crate) fn bytes(&self) -> [u8; 10] {
        self.rng.lock().random()
    }

    /// A number below `bound`.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.rng.lock().random_range(0..bound.max(1))
    }

    /// Whether something that happens so many times in a thousand happens now.
    pub(crate) fn per_mille(&self, rate: u32) -> bool {
        self.below(1000) < u64::from(rate)
    }
}
