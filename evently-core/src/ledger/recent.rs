//! A bounded memory of facts: what was looked at lately stays, the rest may be forgotten and loaded again.

use hashbrown::{Equivalent, HashMap};
use std::hash::Hash;

/// A map of two generations. Facts enter the young one; when that is full, it becomes the old one and the former
/// old one is forgotten. Forgetting happens only in [`age`](Self::age), so that nothing that a decision relies on
/// vanishes while it is made.
#[derive(Debug, Clone)]
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash, V> Recent<K, V> {
    pub(super) fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<&V> {
        match self.young.get(key) {
            Some(value) => Some(value),
            None if self.old.is_empty() => None,
            None => self.old.get(key),
        }
    }

    pub(super) fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        match self.young.get_mut(key) {
            Some(value) => Some(value),
            None if self.old.is_empty() => None,
            None => self.old.get_mut(key),
        }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if !self.old.is_empty() {
            self.old.remove(&key);
        }
        self.young.insert(key, value);
    }

    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Forgets the old generation if the young one has reached `generation` facts.
    pub(super) fn age(&mut self, generation: usize) {
        if self.young.len() >= generation {
            std::mem::swap(&mut self.old, &mut self.young);
            self.young.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_two_generations_are_remembered() {
        let mut recent = Recent::default();
        for n in 0..4 {
            recent.insert(n, n);
            recent.age(2);
        }
        assert_eq!(recent.get(&3), Some(&3));
        assert_eq!(recent.len(), 2);
        recent.insert(3, 30);
        assert_eq!((recent.get(&3), recent.len()), (Some(&30), 2));
    }
}
