//! Lists that survive an unreadable entry.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A list without its unreadable entries, and their number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Readable<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) left_out: u32,
}

// Not derived: that would require `T: Default`.
impl<T> Default for Readable<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), left_out: 0 }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Readable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Entry by entry from the text: a list that fails half-way cannot be resumed.
        let texts = Vec::<Box<RawValue>>::deserialize(deserializer)?;
        let mut list = Self { entries: Vec::with_capacity(texts.len()), left_out: 0 };
        for text in texts {
            match serde_json::from_str(text.get()) {
                Ok(entry) => list.entries.push(entry),
                Err(_) => list.left_out += 1,
            }
        }
        Ok(list)
    }
}

/// Reads a list without its unreadable entries, for `deserialize_with`.
pub(crate) fn list<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Readable::deserialize(deserializer).map(|list| list.entries)
}
