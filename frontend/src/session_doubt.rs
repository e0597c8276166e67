//! Doubts about the user's session, raised by answers of the server.

use std::cell::Cell;

/// What a request or a socket indicates.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionDoubt {
    /// The session is over.
    SignedOut,
    /// The browser is signed in as another user.
    OtherUser,
}

thread_local! {
    static LISTENER: Cell<fn(SessionDoubt)> = const { Cell::new(|_| {}) };
}

/// Sets the function that is called for each doubt.
pub(crate) fn on(listener: fn(SessionDoubt)) {
    LISTENER.set(listener);
}

/// Raises a doubt.
pub(crate) fn raise(doubt: SessionDoubt) {
    LISTENER.get()(doubt);
}
