//! Cache of serialised responses, keyed by a hash of every input.

use axum::body::Bytes;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

/// Capacity in bytes.
const CAPACITY: u64 = 32 << 20;
/// Expected number of responses.
const ROOM: usize = 64;

/// Serialised responses by version. Evicts those not used lately.
pub(super) struct Answers(Cache<String, Bytes, Length>);

#[derive(Clone)]
struct Length;

impl Weighter<String, Bytes> for Length {
    fn weight(&self, version: &String, answer: &Bytes) -> u64 {
        (version.len() + answer.len()) as u64
    }
}

impl Default for Answers {
    fn default() -> Self {
        // A single shard: several would split the capacity, and a large response might not fit.
        let options = OptionsBuilder::new().shards(1).estimated_items_capacity(ROOM).weight_capacity(CAPACITY).build();
        Self(match options {
            Ok(options) => {
                Cache::with_options(options, Length, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            // Both numbers are set.
            Err(_) => Cache::with_weighter(ROOM, CAPACITY, Length),
        })
    }
}

impl Answers {
    /// The response of a version: the cached one, or else the result of `write`.
    ///
    /// # Errors
    /// Those of `write`.
    pub(super) fn get<E>(&self, version: &str, write: impl FnOnce() -> Result<Vec<u8>, E>) -> Result<Bytes, E> {
        if let Some(answer) = self.0.get(version) {
            return Ok(answer);
        }
        let answer = Bytes::from(write()?);
        self.0.insert(version.to_owned(), answer.clone());
        Ok(answer)
    }

    /// Bytes in use.
    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }
}
