//! Whether this page oversees its projects, and what the server is asked for it: to say when their figures may have
//! changed. A subscription is a lease, so that tabs that share a socket need no accounts of each other.

use crate::wire::{ClientFrame, OVERSIGHT};

/// How often a lease is renewed, in milliseconds: well before it ends.
const RENEW_MS: u64 = 120_000;

/// The subscription of one page.
#[derive(Clone, Debug, Default)]
pub(super) struct OversightWatch {
    wanted: bool,
    /// When it is to be asked for again; `None` while there is no socket.
    renew_at: Option<u64>,
    changed: bool,
}

impl OversightWatch {
    /// The page begins to oversee, or ends.
    pub(super) fn want(&mut self, wanted: bool, live: bool, now: u64) -> Option<ClientFrame> {
        if std::mem::replace(&mut self.wanted, wanted) == wanted {
            return None;
        }
        self.changed = false;
        if wanted {
            return live.then(|| self.subscribe(now));
        }
        self.renew_at = None;
        live.then(|| ClientFrame::Unsubscribe { scope: OVERSIGHT.to_owned() })
    }

    /// The socket works, perhaps another one than before.
    pub(super) fn caught_up(&mut self, now: u64) -> Option<ClientFrame> {
        self.wanted.then(|| self.subscribe(now))
    }

    /// The socket is gone.
    pub(super) fn closed(&mut self) {
        self.renew_at = None;
    }

    /// What is due.
    pub(super) fn tick(&mut self, now: u64) -> Option<ClientFrame> {
        self.renew_at.is_some_and(|at| at <= now).then(|| self.subscribe(now))
    }

    /// When something is.
    pub(super) fn wake_at(&self) -> Option<u64> {
        self.renew_at
    }

    /// The server says so, perhaps to another tab.
    pub(super) fn scope_changed(&mut self, scope: &str) {
        self.changed |= self.wanted && scope == OVERSIGHT;
    }

    /// A poll came through in the place of a socket, which would have said so.
    pub(super) fn polled(&mut self) {
        self.changed |= self.wanted;
    }

    /// Whether the figures may have changed since the last call.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn subscribe(&mut self, now: u64) -> ClientFrame {
        self.renew_at = Some(now + RENEW_MS);
        ClientFrame::Subscribe { scope: OVERSIGHT.to_owned(), epoch: None, since: None }
    }
}
