//! Queues on their way into the store: in local storage from the gesture on, until IndexedDB has them.
//!
//! IndexedDB takes several turns to store, and a page that is left before loses what its user did last. Local storage
//! is written in the turn of the gesture. Where it has no room, a queue is as safe as IndexedDB is quick.

use crate::local;

/// What the keys begin with; the key that the queue has in IndexedDB follows.
const PREFIX: &str = "journal:";

/// Writes a queue down under the key that it will have in IndexedDB. Tells whether it is written.
pub(crate) fn write(key: &str, text: &str) -> bool {
    let name = name(key);
    let journaled = local::set(&name, Some(text));
    if !journaled {
        // An older one would be taken for the newest.
        local::set(&name, None);
    }
    journaled
}

/// IndexedDB has this queue. A newer one, noted meanwhile, stays.
pub(crate) fn settle(key: &str, text: &str) {
    let name = name(key);
    if local::get(&name).as_deref() == Some(text) {
        local::set(&name, None);
    }
}

/// This queue is stored elsewhere, or empty.
pub(crate) fn forget(key: &str) {
    local::set(&name(key), None);
}

/// The queues whose keys begin with `prefix`, from what IndexedDB has of them: what was noted is newer.
pub(crate) fn overlay(prefix: &str, stored: Vec<(String, String)>) -> Vec<(String, String)> {
    let begin = name(prefix);
    let journaled = local::keys().into_iter().filter(|name| name.starts_with(&begin));
    let mut all: Vec<(String, String)> =
        journaled.filter_map(|name| Some((name.strip_prefix(PREFIX)?.to_owned(), local::get(&name)?))).collect();
    let older =
        stored.into_iter().filter(|(key, _)| all.iter().all(|(journaled, _)| journaled != key)).collect::<Vec<_>>();
    all.extend(older);
    all
}

fn name(key: &str) -> String {
    format!("{PREFIX}{key}")
}
