//! Lists of which one entry that cannot be read does not cost the others.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// A list without the entries that this build cannot read, and how many those were.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Readable<T> {
    pub(crate) entries: Vec<T>,
    pub(crate) left_out: u32,
}

// By hand: a derived one would ask for `T: Default`.
impl<T> Default for Readable<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), left_out: 0 }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Readable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Entry by entry from the text: a list that failed half-way could not be read on.
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

/// Reads a list without the entries that cannot be read, for `deserialize_with`.
pub(crate) fn list<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Readable::deserialize(deserializer).map(|list| list.entries)
}
