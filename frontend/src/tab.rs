//! This tab's id, and the lock that shows other tabs that it is alive.

use std::cell::RefCell;

use engine::TabId;

use crate::{
    lock::{self, Held, LockRequest},
    random,
};

const PREFIX: &str = "lockstep:tab:";

thread_local! {
    /// This tab's id, and its lock once it is granted.
    static THIS: (TabId, RefCell<Option<Held>>) = {
        let id = random::tab_id();
        lock::request(&name(id), LockRequest::Wait, |held| THIS.with(|(_, lock)| drop(lock.replace(Some(held)))), || ());
        (id, RefCell::default())
    };
}

/// This tab's id. It changes with each load.
pub(crate) fn id() -> TabId {
    THIS.with(|(id, _)| *id)
}

/// Calls `then` once `tab` is known to be gone: now or when it closes. Without locks, now.
pub(crate) fn when_gone(tab: TabId, then: impl FnOnce(Option<Held>) + 'static) {
    if lock::available() {
        lock::request(&name(tab), LockRequest::Wait, |held| then(Some(held)), || ());
    } else {
        then(None);
    }
}

/// The other live tabs.
pub(crate) async fn others() -> Vec<TabId> {
    let names = lock::names().await;
    names.iter().filter_map(|name| name.strip_prefix(PREFIX)?.parse().ok()).filter(|tab| *tab != id()).collect()
}

fn name(tab: TabId) -> String {
    format!("{PREFIX}{tab}")
}
