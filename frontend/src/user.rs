//! The user whom this page shows. Each request and each socket names them, so that the server can refuse what would
//! be done as another one: a browser has one session for all its tabs.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use engine::UserId;

/// Called with whether this browser is signed in as another user.
type OtherUserListener = Arc<dyn Fn(bool) + Send + Sync>;

thread_local! {
    static PAGE: Cell<Option<UserId>> = Cell::new(of_document());
    static LISTENER: RefCell<Option<OtherUserListener>> = const { RefCell::new(None) };
    static OTHER: Cell<bool> = const { Cell::new(false) };
}

/// The user; `None` on a page for whoever is not signed in.
pub(crate) fn of_page() -> Option<UserId> {
    PAGE.get()
}

/// A user has signed in on this page.
pub(crate) fn signed_in(user: UserId) {
    PAGE.set(Some(user));
}

/// Has `listener` called when it turns out that the browser is signed in as another user, or no longer.
pub(crate) fn listen(listener: OtherUserListener) {
    LISTENER.set(Some(Arc::clone(&listener)));
    // Another tab may have said so before this page was ready.
    if OTHER.get() {
        listener(true);
    }
}

/// The server has said whether the browser's session is another user's.
pub(crate) fn is_other(other: bool) {
    OTHER.set(other);
    // Not while it is borrowed: what is told may ask for something.
    let listener = LISTENER.with_borrow(Clone::clone);
    if let Some(listener) = listener {
        listener(other);
    }
}

fn of_document() -> Option<UserId> {
    let document = web_sys::window()?.document()?;
    let mark = document.query_selector("meta[name=lockstep-user]").ok()??;
    mark.get_attribute("content")?.parse().ok()
}
