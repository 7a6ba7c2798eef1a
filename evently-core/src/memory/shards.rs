//! A value in parts, each behind its own lock.

use hashbrown::DefaultHashBuilder;
use parking_lot::{Mutex, MutexGuard};
use std::hash::{BuildHasher, Hash};

/// `N` parts; a key always belongs to the same one.
pub(super) struct Shards<T, const N: usize> {
    parts: Box<[Part<T>]>,
    hasher: DefaultHashBuilder,
}

/// Alone on its cache lines, so that two threads in neighbouring parts do not slow each other down.
#[derive(Default)]
#[repr(align(128))]
struct Part<T>(Mutex<T>);

impl<T: Default, const N: usize> Default for Shards<T, N> {
    fn default() -> Self {
        Self {
            parts: (0..N).map(|_| Part::default()).collect(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl<T, const N: usize> Shards<T, N> {
    /// The key's part, locked.
    pub(super) fn of(&self, key: &impl Hash) -> MutexGuard<'_, T> {
        self.at(self.hash(key))
    }

    /// A key's hash.
    pub(super) fn hash(&self, key: &impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }

    /// The part of keys with this hash, locked.
    pub(super) fn at(&self, hash: u64) -> MutexGuard<'_, T> {
        // Tables within a part go by the lowest and the highest bits.
        let part = (hash >> 32) % N as u64;
        self.parts[part as usize].0.lock()
    }
}
