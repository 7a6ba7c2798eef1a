//! Latencies counted in bounded memory.

use std::time::Duration;

/// Latencies in buckets of 1/16 of their power of two, so that counting costs no memory that grows.
pub(crate) struct Histogram(Box<[u64]>);

impl Histogram {
    const STEPS: u32 = 16;
    const OCTAVES: u32 = 40;

    /// Counts one.
    pub(crate) fn add(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX).max(1);
        let octave = micros.ilog2();
        let step = (micros << 4 >> octave) - 16;
        let place = u64::from(octave * Self::STEPS) + step;
        if let Some(count) = usize::try_from(place)
            .ok()
            .and_then(|place| self.0.get_mut(place))
        {
            *count += 1;
        }
    }

    /// Counts all of another's.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(&other.0) {
            *count += more;
        }
    }

    /// How many were counted.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The upper end of the bucket that so many of a hundred latencies do not exceed.
    pub(crate) fn percentile_ms(&self, percent: u64) -> f64 {
        let mut left = (self.count() * percent).div_ceil(100);
        for (place, count) in (0_u32..).zip(&self.0) {
            left = left.saturating_sub(*count);
            if left == 0 {
                let (octave, step) = (place / Self::STEPS, place % Self::STEPS);
                return 2_f64.powf(f64::from(octave)) * (1.0 + f64::from(step + 1) / 16.0) / 1000.0;
            }
        }
        0.0
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self(vec![0; (Self::STEPS * Self::OCTAVES) as usize].into())
    }
}
