//! A socket at its node: admission, access checks and removal.

use engine::{
    room::{Join, LogPlace, Resume, RoomInput, SocketId},
    wire::{LogPosition, close},
};

use crate::{frames, scheduled::Scheduled, socket::Socket, world::World};

/// A socket's access to its board, and the log's place at that time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Access {
    Granted(LogPlace),
    SignedOut,
    None,
    /// The database does not answer.
    Unclear,
}

impl World {
    pub(crate) fn sockets_of(&self, node: usize) -> Vec<u64> {
        let all = self.sockets.iter().filter(|(_, socket)| socket.attached && socket.node == node);
        all.map(|(id, _)| *id).collect()
    }

    pub(crate) fn members_of(&self, node: usize, board: usize) -> Vec<u64> {
        let member = |id: &u64| self.sockets[id].member && self.sockets[id].board == board;
        self.sockets_of(node).into_iter().filter(member).collect()
    }

    /// Attaches a socket to its node, then checks its access.
    pub(crate) fn arrive(&mut self, id: u64) {
        let Some(socket) = self.sockets.get_mut(&id).filter(|socket| socket.attached) else { return };
        // From now on the node closes it when its session ends.
        socket.known = true;
        let (node, board) = (socket.node, socket.board);
        self.nodes[node].open_room(board);
        self.check(id);
    }

    /// Checks access in the database. The answer may be outdated when it arrives.
    pub(crate) fn check(&mut self, id: u64) {
        let access = self.access(id);
        let at = self.soon(20);
        self.schedule(at, Scheduled::Checked { socket: id, access });
    }

    fn access(&self, id: u64) -> Access {
        let Socket { session, board, user, .. } = self.sockets[&id];
        let signed_in = session.is_some_and(|session| self.database.accounts.ended(session).is_none());
        match self.database.role(board, user) {
            _ if self.database.down => Access::Unclear,
            _ if !signed_in => Access::SignedOut,
            None => Access::None,
            Some(_) => Access::Granted(self.database.place(board)),
        }
    }

    /// Checks the access of all sockets of a node, and closes those without it.
    pub(crate) fn check_access(&mut self, node: usize) {
        for socket in self.sockets_of(node) {
            match self.access(socket) {
                _ if !self.sockets[&socket].known => {}
                Access::SignedOut => self.close(socket, close::SIGN_IN),
                Access::None => self.close(socket, close::NO_ACCESS),
                Access::Granted(_) | Access::Unclear => {}
            }
        }
    }

    pub(crate) fn checked(&mut self, id: u64, access: Access) {
        let Some(socket) = self.sockets.get(&id).filter(|socket| socket.attached) else { return };
        let Socket { user, node, board, resume, .. } = *socket;
        match access {
            Access::Unclear => self.unavailable(id),
            Access::SignedOut => self.close(id, close::SIGN_IN),
            Access::None => self.close(id, close::NO_ACCESS),
            Access::Granted(checked) => {
                let LogPosition { epoch, since, last } = resume;
                let resume = Some(Resume { epoch: Some(epoch), since, last });
                let (socket, may_rotate) = (SocketId::new(id), self.may_rotate(node, board, user));
                self.room(node, board, RoomInput::Join(Join { socket, user, checked, resume, may_rotate }));
            }
        }
    }

    /// Asks the client to come back later: the database does not answer.
    pub(crate) fn unavailable(&mut self, id: u64) {
        let retry_ms = 1_000 + self.dice.below(4_000);
        self.bye(id, "the database does not answer", retry_ms);
    }

    pub(crate) fn bye(&mut self, id: u64, reason: &str, retry_ms: u64) {
        self.socket(id).queue.push_lossy(frames::bye(reason, retry_ms));
        self.close(id, close::GOING_AWAY);
    }

    pub(crate) fn detach(&mut self, id: u64) {
        let socket = self.socket(id);
        if std::mem::take(&mut socket.attached) {
            let (node, board) = (socket.node, socket.board);
            self.schedule(self.now, Scheduled::Left { node, board, socket: id });
        }
    }

    /// Tells the room that a socket is gone. The room ends with its last socket.
    pub(crate) fn left(&mut self, node: usize, board: usize, id: u64) {
        self.room(node, board, RoomInput::Leave(SocketId::new(id)));
        if self.sockets_of(node).iter().all(|id| self.sockets[id].board != board) {
            self.nodes[node].rooms.remove(&board);
        }
    }
}
