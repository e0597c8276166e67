//! A write-ahead journal of queues: in local storage from the gesture on, until IndexedDB has them.
//!
//! IndexedDB stores asynchronously, and a page that closes before that would lose the user's last op. Local storage is
//! written during the gesture. If it is full, only IndexedDB protects the queue.

use crate::local;

/// Key prefix; the queue's key in IndexedDB follows.
const PREFIX: &str = "journal:";

/// Writes a queue under its IndexedDB key. Returns whether it is written.
pub(crate) fn write(key: &str, text: &str) -> bool {
    let name = name(key);
    let journaled = local::set(&name, Some(text));
    if !journaled {
        // An older entry would count as the newest.
        local::set(&name, None);
    }
    journaled
}

/// Removes a queue that IndexedDB has. A newer one, written meanwhile, stays.
pub(crate) fn settle(key: &str, text: &str) {
    let name = name(key);
    if local::get(&name).as_deref() == Some(text) {
        local::set(&name, None);
    }
}

/// Removes a queue that is stored elsewhere or empty.
pub(crate) fn forget(key: &str) {
    local::set(&name(key), None);
}

/// The queues under a key prefix: the `stored` ones, overridden by newer journal entries.
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
