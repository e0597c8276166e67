//! Signing in and out: how the nodes hear of a session that ended, and what they close for it.

use engine::wire::close;

use crate::{
    accounts::{Ended, Revocation},
    node::ACCESS_MS,
    plan::{CLIENTS, NODES},
    scheduled::Scheduled,
    tab::{PATIENCE_MS, Signal},
    world::{World, client},
};

/// A node that was told of the end of a session sends nothing to it any more after this time, in milliseconds.
const ANNOUNCED_MS: u64 = 2_000;
/// One that was not told, after this time: it asks about all its sockets now and then.
const UNANNOUNCED_MS: u64 = ACCESS_MS + 1_000;

impl World {
    /// Whether the browser of a tab has a session that goes on.
    pub(crate) fn signed_in(&self, tab: usize) -> bool {
        self.browser(tab).session.is_some_and(|session| self.database.accounts.ended(session).is_none())
    }

    /// Somebody signs in, if they are not signed in, and may.
    pub(crate) fn sign_in(&mut self, n: usize) {
        self.database.accounts.enable(client(n));
        if !self.signed_in(2 * n) {
            self.browsers[n].session = self.database.accounts.sign_in(client(n));
            // The sign-in page leads back to the board. To the other tab they come back later.
            self.reload(2 * n);
            self.revisit(2 * n + 1);
        }
    }

    /// Somebody who has signed in meanwhile comes back to a tab.
    pub(crate) fn revisit(&mut self, tab: usize) {
        let (at, generation) = (self.soon(PATIENCE_MS), self.tabs[tab].generation);
        self.schedule(at, Scheduled::Signal { tab, generation, signal: Signal::Woken });
    }

    /// All who cannot go on for it sign in. False when there are none.
    pub(crate) fn all_sign_in(&mut self) -> bool {
        let out: Vec<usize> = (0..CLIENTS).filter(|n| !self.signed_in(2 * n)).collect();
        out.iter().for_each(|n| self.sign_in(*n));
        !out.is_empty()
    }

    /// A session ends as time goes by.
    pub(crate) fn expire(&mut self, n: usize) {
        if let Some(session) = self.browsers[n].session {
            self.database.accounts.end(Revocation::Session(session), self.now);
        }
    }

    pub(crate) fn sign_out(&mut self, n: usize) {
        if let Some(session) = self.browsers[n].session {
            self.revoke(Revocation::Session(session));
        }
    }

    pub(crate) fn disable(&mut self, n: usize) {
        self.database.accounts.disable(client(n));
        self.revoke(Revocation::User(client(n)));
    }

    /// Sessions end, by a request to whichever node: it tells of that, if it lives so long.
    fn revoke(&mut self, revocation: Revocation) {
        let nodes: Vec<usize> = (0..NODES).filter(|node| self.nodes[*node].up).collect();
        self.database.accounts.end(revocation, self.now);
        let Some(node) = self.dice.pick(&nodes) else { return };
        if let Some(ms) = self.nodes[node].kill_at_commit.take() {
            return self.kill(node, ms);
        }
        self.expel(node, revocation);
        let mut announced = true;
        for other in (0..NODES).filter(|other| *other != node) {
            let at = self.soon(1 + self.faults.bus_delay);
            if self.dice.chance(self.faults.bus_lost) {
                announced = false;
            } else {
                self.schedule(at, Scheduled::Revoked { node: other, revocation });
            }
        }
        if announced {
            self.database.accounts.announced(revocation, self.now);
        }
    }

    /// A node closes the sockets of sessions that ended.
    pub(crate) fn expel(&mut self, node: usize, revocation: Revocation) {
        for id in self.sockets_of(node) {
            let socket = &self.sockets[&id];
            if socket.known && socket.session.is_some_and(|session| revocation.ends(socket.user, session)) {
                self.close(id, close::SIGN_IN);
            }
        }
    }

    /// A node has a socket in a room, or sends something on it.
    pub(crate) fn overdue(&self, id: u64) {
        let socket = &self.sockets[&id];
        let ended = socket.session.and_then(|session| self.database.accounts.ended(session));
        let Some(Ended { at, announced }) = ended.filter(|_| socket.member && !socket.closing && !self.database.down)
        else {
            return;
        };
        let until = if announced { at + ANNOUNCED_MS } else { at.max(self.database.up_since) + UNANNOUNCED_MS };
        assert!(self.now <= until, "a session of {} ended at {at}, and has a socket at {}", socket.user, self.now);
    }
}
