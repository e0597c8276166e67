//! Whether sockets were blocked when this tab last tried: its next page then need not find out again.

const KEY: &str = "sockets-blocked";

/// Whether they were.
pub(crate) fn were() -> bool {
    storage().is_some_and(|storage| storage.get_item(KEY).is_ok_and(|set| set.is_some()))
}

/// Remembers whether they are.
pub(crate) fn are(blocked: bool) {
    if let Some(storage) = storage() {
        // Where nothing can be stored the next page finds out by itself.
        let _ = if blocked { storage.set_item(KEY, "1") } else { storage.remove_item(KEY) };
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}
