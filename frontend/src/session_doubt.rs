//! Doubts about the session of the page's user, from whatever the server answers.

use std::cell::Cell;

/// What a request or a socket found out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionDoubt {
    /// Nobody is signed in any more.
    SignedOut,
    /// The browser is signed in as another user.
    OtherUser,
}

thread_local! {
    static LISTENER: Cell<fn(SessionDoubt)> = const { Cell::new(|_| {}) };
}

/// Tells this function, in the place of the one before, of each doubt.
pub(crate) fn on(listener: fn(SessionDoubt)) {
    LISTENER.set(listener);
}

/// Raises a doubt.
pub(crate) fn raise(doubt: SessionDoubt) {
    LISTENER.get()(doubt);
}
