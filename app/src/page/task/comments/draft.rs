//! Texts that are not finished. They outlive the panel and the page: this browser stores them until they are sent or
//! given up.

use engine::UserId;
use leptos::prelude::*;

/// The key of an unfinished text: a new comment on a task, or the rewriting of one.
pub(super) fn draft_key(me: UserId, of: impl std::fmt::Display) -> String {
    format!("draft:{me}:{of}")
}

/// A stored text. In the browser only.
pub(super) fn stored(key: &str) -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(key).ok().flatten()
}

/// Stores a text, or takes it away. In the browser only. Where nothing can be stored it lives as long as the page.
pub(super) fn keep(key: &str, text: Option<&str>) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = match text {
            Some(text) if !text.is_empty() => storage.set_item(key, text),
            _ => storage.remove_item(key),
        };
    }
}

/// The comment on a task that was begun and not sent. In the browser only.
pub(in crate::page::task) fn unsent(me: UserId, task: engine::TaskId) -> Option<String> {
    stored(&draft_key(me, task))
}

/// Throws it away. In the browser only.
pub(in crate::page::task) fn forget_unsent(me: UserId, task: engine::TaskId) {
    keep(&draft_key(me, task), None);
}
