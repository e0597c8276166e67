//! Long answers as they were sent. A version is made of all that an answer depends on, so what has it is the answer.

use axum::body::Bytes;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};

/// Bytes that are kept at the most.
const KEPT: u64 = 32 << 20;
/// Answers that there may be room for, to begin with.
const ROOM: usize = 64;

/// Answers by their versions. Those that were not asked for lately go when they become too many.
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
        // One shard: several would each have a part of the bytes, and a large answer might fit into none.
        let options = OptionsBuilder::new().shards(1).estimated_items_capacity(ROOM).weight_capacity(KEPT).build();
        Self(match options {
            Ok(options) => {
                Cache::with_options(options, Length, DefaultHashBuilder::default(), DefaultLifecycle::default())
            }
            // Both numbers are set.
            Err(_) => Cache::with_weighter(ROOM, KEPT, Length),
        })
    }
}

impl Answers {
    /// The answer of a version: the one that is here, or else the one that `write` comes to.
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

    /// Bytes that are kept.
    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }
}
