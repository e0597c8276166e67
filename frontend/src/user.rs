//! The page's user. Each request and socket names them, so that the server can refuse to act as another user: all tabs
//! of a browser share one session.

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

/// The user; `None` if nobody is signed in.
pub(crate) fn of_page() -> Option<UserId> {
    PAGE.get()
}

/// Sets the user who signed in on this page.
pub(crate) fn signed_in(user: UserId) {
    PAGE.set(Some(user));
}

/// Has `listener` called when the browser turns out to be signed in as another user, or no longer is.
pub(crate) fn listen(listener: OtherUserListener) {
    LISTENER.set(Some(Arc::clone(&listener)));
    // Another tab may have reported it before this page was ready.
    if OTHER.get() {
        listener(true);
    }
}

/// Records whether the browser's session is another user's, as the server said.
pub(crate) fn set_other(other: bool) {
    OTHER.set(other);
    // Called after the borrow: the listener may access this module.
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
