//! Signing in and out: how nodes learn that a session ended, and which sockets they close.

use engine::wire::close;

use crate::{
    accounts::{Ended, Revocation},
    node::ACCESS_MS,
    plan::{CLIENTS, NODES},
    scheduled::Scheduled,
    tab::{PATIENCE_MS, Signal},
    world::{World, client},
};

/// A node that was told of a session's end sends nothing to it after this time, in milliseconds.
const ANNOUNCED_MS: u64 = 2_000;
/// The same for a node that was not told: it checks all its sockets periodically.
const UNANNOUNCED_MS: u64 = ACCESS_MS + 1_000;

impl World {
    /// Whether the browser of a tab has a valid session.
    pub(crate) fn signed_in(&self, tab: usize) -> bool {
        self.browser(tab).session.is_some_and(|session| self.database.accounts.ended(session).is_none())
    }

    /// Signs a user in, if they are signed out and may.
    pub(crate) fn sign_in(&mut self, n: usize) {
        self.database.accounts.enable(client(n));
        if !self.signed_in(2 * n) {
            self.browsers[n].session = self.database.accounts.sign_in(client(n));
            // The sign-in page leads back to the board. The user returns to the other tab later.
            self.reload(2 * n);
            self.revisit(2 * n + 1);
        }
    }

    /// Has a user return to a tab after signing in elsewhere.
    pub(crate) fn revisit(&mut self, tab: usize) {
        let (at, generation) = (self.soon(PATIENCE_MS), self.tabs[tab].generation);
        self.schedule(at, Scheduled::Signal { tab, generation, signal: Signal::Woken });
    }

    /// Signs in all signed-out users. False if there are none.
    pub(crate) fn all_sign_in(&mut self) -> bool {
        let out: Vec<usize> = (0..CLIENTS).filter(|n| !self.signed_in(2 * n)).collect();
        out.iter().for_each(|n| self.sign_in(*n));
        !out.is_empty()
    }

    /// Expires a session.
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

    /// Ends sessions by a request to some node, which announces it unless it is killed first.
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

    /// Closes the sockets of ended sessions at a node.
    pub(crate) fn expel(&mut self, node: usize, revocation: Revocation) {
        for id in self.sockets_of(node) {
            let socket = &self.sockets[&id];
            if socket.known && socket.session.is_some_and(|session| revocation.ends(socket.user, session)) {
                self.close(id, close::SIGN_IN);
            }
        }
    }

    /// Checks that an ended session has no socket left in a room.
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
