//! The subscription to changes of oversight figures. It is a lease, so that tabs that share a socket need not keep
//! count of each other's subscriptions.

use crate::wire::{ClientFrame, OVERSIGHT};

/// How often the lease is renewed, in milliseconds: well before it expires.
const RENEW_MS: u64 = 120_000;

/// The subscription of one page.
#[derive(Clone, Debug, Default)]
pub(super) struct OversightWatch {
    wanted: bool,
    /// When the lease is renewed. `None` while there is no socket.
    renew_at: Option<u64>,
    changed: bool,
}

impl OversightWatch {
    /// Starts or ends the subscription.
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

    /// Subscribes again on a socket that has caught up.
    pub(super) fn caught_up(&mut self, now: u64) -> Option<ClientFrame> {
        self.wanted.then(|| self.subscribe(now))
    }

    /// Handles the loss of the socket.
    pub(super) fn closed(&mut self) {
        self.renew_at = None;
    }

    /// Renews the lease if that is due.
    pub(super) fn tick(&mut self, now: u64) -> Option<ClientFrame> {
        self.renew_at.is_some_and(|at| at <= now).then(|| self.subscribe(now))
    }

    /// When the lease is renewed.
    pub(super) fn wake_at(&self) -> Option<u64> {
        self.renew_at
    }

    /// Handles a `changed` frame, perhaps for another tab's subscription.
    pub(super) fn scope_changed(&mut self, scope: &str) {
        self.changed |= self.wanted && scope == OVERSIGHT;
    }

    /// Assumes a change after a poll: there was no socket to report one.
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
