//! Closes the sockets whose access ended.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};

use engine::wire::close;

use super::{Hub, SocketEntry, locked};
use crate::realtime::{
    Counters,
    bus::BusMessage,
    log::{Access, Listening},
    revocation::Revocation,
};

impl Hub {
    /// Closes the sockets whose access ended, here and on other nodes.
    pub(in crate::realtime) fn revoke(&self, revocation: Revocation) {
        self.expel(&revocation);
        self.shared.bus.publish(BusMessage::Revoked(revocation));
    }

    /// Closes the sockets whose access ended, in this process.
    pub(super) fn expel(&self, revocation: &Revocation) {
        self.revocations.fetch_add(1, Ordering::AcqRel);
        self.close_where(|listening| revocation.ends(listening).then_some(Access::SignedOut));
    }

    /// Counts revocations, of this process and received from others.
    pub(in crate::realtime) fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::Acquire)
    }

    /// Checks all sockets against the database, and closes those without access.
    pub(in crate::realtime) async fn check_access(&self) {
        let listening: HashSet<Listening> =
            locked(&self.sockets).open.values().filter_map(|open| open.listening).collect();
        if listening.is_empty() {
            return;
        }
        let listening: Vec<Listening> = listening.into_iter().collect();
        // A failed query is repeated next time.
        let Ok(access) = self.shared.log.access(&listening).await else { return };
        let ended: HashMap<Listening, Access> = listening
            .into_iter()
            .zip(access)
            .filter(|(_, access)| matches!(access, Access::SignedOut | Access::NoAccess))
            .collect();
        if !ended.is_empty() {
            self.close_where(|listening| ended.get(listening).copied());
        }
    }

    fn close_where(&self, ended: impl Fn(&Listening) -> Option<Access>) {
        let mut closed = 0;
        for open in locked(&self.sockets).open.values() {
            let Some(access) = open.listening.and_then(|listening| ended(&listening)) else { continue };
            closed += 1;
            match access {
                Access::NoAccess => open.outbox.close(close::NO_ACCESS, "no access to this project"),
                Access::SignedOut | Access::Granted(_) => open.outbox.close(close::SIGN_IN, "signed out"),
            }
        }
        Counters::add(&self.shared.counters.closed_denied, closed);
    }
}

impl SocketEntry {
    /// Records the subscription of this socket. From now on it is closed when its access ends; a database query after
    /// this call sees what ended before.
    pub(in crate::realtime) fn belongs_to(&self, listening: Listening) {
        if let Some(open) = locked(&self.hub.sockets).open.get_mut(&self.id) {
            open.listening = Some(listening);
        }
    }
}
