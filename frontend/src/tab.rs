//! This tab among the tabs of one browser: it has a name, and a lock that tells the others that it lives.

use std::cell::RefCell;

use engine::TabId;

use crate::{
    lock::{self, Held, LockRequest},
    random,
};

const PREFIX: &str = "lockstep:tab:";

thread_local! {
    /// The name of this tab, and its lock once it is granted.
    static THIS: (TabId, RefCell<Option<Held>>) = {
        let id = random::tab_id();
        lock::ask(&name(id), LockRequest::Wait, |held| THIS.with(|(_, lock)| drop(lock.replace(Some(held)))), || ());
        (id, RefCell::default())
    };
}

/// The name of this tab. It is another one after each load.
pub(crate) fn id() -> TabId {
    THIS.with(|(id, _)| *id)
}

/// Calls `then` while `tab` is known to be gone: at once, or when it goes. Where nobody can know, at once.
pub(crate) fn when_gone(tab: TabId, then: impl FnOnce(Option<Held>) + 'static) {
    if lock::exist() {
        lock::ask(&name(tab), LockRequest::Wait, |held| then(Some(held)), || ());
    } else {
        then(None);
    }
}

/// The other tabs that live.
pub(crate) async fn others() -> Vec<TabId> {
    let names = lock::names().await;
    names.iter().filter_map(|name| name.strip_prefix(PREFIX)?.parse().ok()).filter(|tab| *tab != id()).collect()
}

fn name(tab: TabId) -> String {
    format!("{PREFIX}{tab}")
}
