//! The stored form of [`PersistedQueue`]: a JSON object with a list of texts for each kind of entry.
//!
//! It is read entry by entry. An entry that this build cannot read, because a newer build wrote it or because it is
//! damaged, is kept verbatim as a document of its own, in a list beside the others. That list is read again each time,
//! so a build that understands an entry restores it to its place.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{from_str, value::RawValue};

use super::PersistedQueue;

/// The field with the unreadable documents.
const UNREADABLE: &str = "unreadable";

impl PersistedQueue {
    /// Reads a stored document. Never fails: unreadable parts go to [`PersistedQueue::unreadable`].
    pub fn read(text: &str) -> Self {
        let mut queue = Self::default();
        queue.add(text);
        queue
    }

    /// Nested documents end: each level doubles the length of the text, because of its quotation marks.
    fn add(&mut self, text: &str) {
        let Ok(fields) = from_str::<BTreeMap<String, Box<RawValue>>>(text) else {
            return self.leave_out(text.to_owned());
        };
        for (name, list) in fields {
            let Ok(entries) = from_str::<Vec<Box<RawValue>>>(list.get()) else {
                self.leave_out(document(&name, list.get()));
                continue;
            };
            for entry in entries {
                let entry = entry.get();
                let read = match name.as_str() {
                    "wishes" => push(&mut self.pending_ops, entry),
                    "unmade" => push(&mut self.rejected, entry),
                    UNREADABLE => from_str::<String>(entry).map(|text| self.add(&text)).is_ok(),
                    _ => false,
                };
                if !read {
                    self.leave_out(document(&name, &format!("[{entry}]")));
                }
            }
        }
    }

    fn leave_out(&mut self, text: String) {
        if !self.unreadable.contains(&text) {
            self.unreadable.push(text);
        }
    }
}

impl<'de> Deserialize<'de> for PersistedQueue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|text| Self::read(text.get()))
    }
}

fn push<T: DeserializeOwned>(list: &mut Vec<T>, entry: &str) -> bool {
    from_str(entry).map(|entry| list.push(entry)).is_ok()
}

/// A document with one field.
fn document(name: &str, list: &str) -> String {
    // A text has a JSON form.
    let name = serde_json::to_string(name).unwrap_or_default();
    format!("{{{name}:{list}}}")
}
