//! Whose sockets these are, and closing those whose access ended.

use std::{
    collections::{HashMap, HashSet},
    sync::atomic::Ordering,
};

use engine::wire::close;

use super::{Hub, SocketEntry, locked};
use crate::realtime::{
    Counters,
    bus::Note,
    log::{Access, Listening},
    revocation::Revocation,
};

impl Hub {
    /// Closes the sockets of an access that ended, here and on every other node.
    pub(in crate::realtime) fn revoke(&self, revocation: Revocation) {
        self.expel(&revocation);
        self.shared.bus.publish(Note::Revoked(revocation));
    }

    /// Closes the sockets of an access that ended, here.
    pub(super) fn expel(&self, revocation: &Revocation) {
        self.ended.fetch_add(1, Ordering::AcqRel);
        self.close_where(|listening| revocation.ends(listening).then_some(Access::SignedOut));
    }

    /// How many accesses have ended, as far as this node has heard.
    pub(in crate::realtime) fn ended(&self) -> u64 {
        self.ended.load(Ordering::Acquire)
    }

    /// Asks the database about all sockets, and closes those that may no longer be open.
    pub(in crate::realtime) async fn check_access(&self) {
        let listening: HashSet<Listening> =
            locked(&self.sockets).open.values().filter_map(|open| open.listening).collect();
        if listening.is_empty() {
            return;
        }
        let listening: Vec<Listening> = listening.into_iter().collect();
        // A database that does not answer is asked again the next time.
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
    /// Says whose socket this is. From now on it is closed when their access ends: what ended before
    /// is seen by whoever asks the database after this.
    pub(in crate::realtime) fn belongs_to(&self, listening: Listening) {
        if let Some(open) = locked(&self.hub.sockets).open.get_mut(&self.id) {
            open.listening = Some(listening);
        }
    }
}
