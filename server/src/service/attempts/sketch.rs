//! The times at which any number of buckets are full again, in a table of fixed size.
//!
//! A count-min sketch: each key has a cell in each row, found by its hash, and the lowest of them counts. Unlike a
//! cache it evicts nothing, so that a flood of new keys erases none of the others. Keys that share a cell make it too
//! high, never too low; all cells of a key are too high only if several others have just used up theirs: with 10 000
//! such keys, one key in several thousand waits without a reason.

/// A counted key: a keyed hash, whose collisions no one can predict.
pub(super) type Key = [u8; 16];

const ROWS: usize = 4;
/// Cells per row. A power of two, so that hash bits select cells uniformly.
const WIDTH: usize = 1 << 14;

/// A table of times in milliseconds since its creation. Half a megabyte.
pub(super) struct Sketch(Vec<u64>);

impl Default for Sketch {
    fn default() -> Self {
        Self(vec![0; ROWS * WIDTH])
    }
}

impl Sketch {
    /// The time of a key, or a later one.
    pub(super) fn get(&self, key: &Key) -> u64 {
        cells(key).filter_map(|cell| self.0.get(cell)).copied().min().unwrap_or(0)
    }

    /// Raises the time of a key. Others keep theirs, or get a later one.
    pub(super) fn raise(&mut self, key: &Key, to: u64) {
        for cell in cells(key) {
            if let Some(moment) = self.0.get_mut(cell) {
                *moment = to.max(*moment);
            }
        }
    }
}

fn cells(key: &Key) -> impl Iterator<Item = usize> {
    key.chunks_exact(4).enumerate().map(|(row, part)| {
        let hash = part.iter().fold(0_usize, |hash, byte| (hash << 8) | usize::from(*byte));
        row * WIDTH + hash % WIDTH
    })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn key(number: u32) -> Key {
        let hash: [u8; 32] = Sha256::digest(number.to_be_bytes()).into();
        *hash.first_chunk().unwrap()
    }

    #[test]
    fn a_flood_of_keys_erases_nothing() {
        let mut sketch = Sketch::default();
        sketch.raise(&key(0), 60_000);
        for number in 1..200_000 {
            sketch.raise(&key(number), 600);
        }
        assert_eq!(sketch.get(&key(0)), 60_000);
        assert_eq!(sketch.0.len(), ROWS * WIDTH, "it does not grow");
    }

    #[test]
    fn few_keys_wait_because_of_others() {
        let mut sketch = Sketch::default();
        (0..5_000).for_each(|number| sketch.raise(&key(number), 60_000));
        let waiting = (10_000..20_000).filter(|number| sketch.get(&key(*number)) > 0).count();
        assert!(waiting < 200, "{waiting} of 10000");
    }
}
