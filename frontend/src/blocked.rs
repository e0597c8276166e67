//! Remembers, in this tab, that sockets are blocked, so that the next page need not find out again.

const KEY: &str = "sockets-blocked";

/// Whether they were blocked on the previous page.
pub(crate) fn remembered() -> bool {
    storage().is_some_and(|storage| storage.get_item(KEY).is_ok_and(|set| set.is_some()))
}

/// Records whether they are blocked.
pub(crate) fn remember(blocked: bool) {
    if let Some(storage) = storage() {
        // Without storage the next page finds out by itself.
        let _ = if blocked { storage.set_item(KEY, "1") } else { storage.remove_item(KEY) };
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
