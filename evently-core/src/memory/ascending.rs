//! A map in the order of its keys, for keys that nearly always come in that order, as new ids do.

/// Rows in ascending order of their keys, in chunks.
///
/// A row that comes behind all others costs no search, and the chunks before it are full: no byte is spent on room
/// that is never used, where a B-tree filled in order is half empty.
pub(super) struct Ascending<K, V> {
    /// None is empty.
    chunks: Vec<Vec<(K, V)>>,
}

impl<K, V> Default for Ascending<K, V> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<K: Ord + Copy, V> Ascending<K, V> {
    /// The most rows of a chunk.
    const CHUNK: usize = 64;

    /// Whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Whether there is a row of this key.
    pub(super) fn contains(&self, key: &K) -> bool {
        self.find(key).is_ok()
    }

    /// The row of this key.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let (chunk, place) = self.find(key).ok()?;
        Some(&self.chunks[chunk][place].1)
    }

    /// The row of this key, to be changed.
    pub(super) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let (chunk, place) = self.find(key).ok()?;
        Some(&mut self.chunks[chunk][place].1)
    }

    /// Adds a row, unless there is one of its key; whether it did.
    pub(super) fn insert(&mut self, key: K, value: V) -> bool {
        let Err((chunk, place)) = self.find(&key) else {
            return false;
        };
        match self.chunks.get_mut(chunk) {
            None => self.chunks.push(vec![(key, value)]),
            Some(rows) if rows.len() < Self::CHUNK => rows.insert(place, (key, value)),
            Some(rows) => {
                let mut behind = Vec::with_capacity(Self::CHUNK);
                behind.extend(rows.drain(place..));
                // In order, as nearly always, nothing is behind: the full chunk stays as it is.
                if behind.is_empty() {
                    behind.push((key, value));
                } else {
                    rows.push((key, value));
                }
                self.chunks.insert(chunk + 1, behind);
            }
        }
        true
    }

    /// Takes the row of this key out.
    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let (chunk, place) = self.find(key).ok()?;
        let (_, value) = self.chunks[chunk].remove(place);
        if self.chunks[chunk].is_empty() {
            self.chunks.remove(chunk);
        }
        Some(value)
    }

    /// Every row, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.chunks.iter().flatten().map(|(key, value)| (key, value))
    }

    /// The rows from this key on, in order.
    pub(super) fn from(&self, key: &K) -> impl Iterator<Item = (&K, &V)> {
        let (Ok((chunk, place)) | Err((chunk, place))) = self.find(key);
        let first = self.chunks.get(chunk).map_or(&[][..], |rows| &rows[place..]);
        let rest = self.chunks.iter().skip(chunk + 1).flatten();
        first.iter().chain(rest).map(|(key, value)| (key, value))
    }

    /// The rows before this key, or all, the last one first.
    pub(super) fn backwards(&self, before: Option<&K>) -> impl Iterator<Item = (&K, &V)> {
        let (chunk, place) = match before.map(|key| self.find(key)) {
            Some(Ok(place) | Err(place)) => place,
            None => (self.chunks.len(), 0),
        };
        let last = self.chunks.get(chunk).map_or(&[][..], |rows| &rows[..place]);
        let rest = self
            .chunks
            .iter()
            .take(chunk)
            .rev()
            .flat_map(|rows| rows.iter().rev());
        last.iter().rev().chain(rest).map(|(key, value)| (key, value))
    }

    /// Where the row of this key is, or belongs: its chunk, and its place there.
    fn find(&self, key: &K) -> Result<(usize, usize), (usize, usize)> {
        // Nearly always behind all others: then nothing is read but the last one, beside which it will be written.
        if let Some(last) = self.chunks.last()
            && last.last().is_some_and(|(last, _)| last < key)
        {
            return Err((self.chunks.len() - 1, last.len()));
        }
        let starts_by = |rows: &Vec<(K, V)>| rows.first().is_some_and(|(first, _)| first <= key);
        let chunk = self.chunks.partition_point(starts_by).saturating_sub(1);
        let rows = self.chunks.get(chunk).map_or(&[][..], Vec::as_slice);
        let place = rows.binary_search_by_key(key, |(other, _)| *other);
        place.map(|place| (chunk, place)).map_err(|place| (chunk, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::ops::Bound::{Excluded, Unbounded};

    #[test]
    fn chunks_filled_in_order_are_full() {
        let mut map = Ascending::default();
        for key in 0..1_000 {
            // Now and then one comes a little late.
            assert!(map.insert(key ^ 1, ()));
        }
        let full = 1_000 / Ascending::<i32, ()>::CHUNK;
        assert!(map.chunks.len() <= full + 2, "{} chunks", map.chunks.len());
        assert!(
            map.chunks
                .iter()
                .all(|rows| rows.capacity() <= Ascending::<i32, ()>::CHUNK)
        );
    }

    proptest! {
        /// Whatever is done in whatever order, it is what a B-tree would be.
        #[test]
        fn it_is_an_ordered_map(steps in prop::collection::vec((0..4_u8, 0..300_u32), 0..1_000)) {
            let (mut map, mut model) = (Ascending::default(), BTreeMap::new());
            for (turn, (step, key)) in steps.into_iter().enumerate() {
                match step {
                    0 => prop_assert_eq!(map.remove(&key), model.remove(&key)),
                    1 => {
                        if let Some(value) = map.get_mut(&key) {
                            *value = turn;
                            model.insert(key, turn);
                        }
                    }
                    _ => {
                        let is_new = !model.contains_key(&key);
                        prop_assert_eq!(map.insert(key, turn), is_new);
                        model.entry(key).or_insert(turn);
                    }
                }
                prop_assert_eq!(map.get(&key), model.get(&key));
                prop_assert_eq!(map.contains(&key), model.contains_key(&key));
                prop_assert_eq!(map.is_empty(), model.is_empty());
            }
            prop_assert!(map.iter().eq(model.iter()));
            for key in (0..300).step_by(7) {
                prop_assert!(map.from(&key).eq(model.range(key..)));
                prop_assert!(map.backwards(Some(&key)).eq(model.range((Unbounded, Excluded(key))).rev()));
            }
            prop_assert!(map.backwards(None).eq(model.iter().rev()));
        }
    }
}
