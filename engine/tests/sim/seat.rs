//! A socket's place at its node: let in, served, and gone.

use engine::{
    room::{Input as RoomInput, Join, Place, Resume, SocketId},
    wire::close,
};

use crate::{frames, happening::Happening, world::World};

impl World {
    pub(crate) fn sockets_of(&self, node: usize) -> Vec<u64> {
        let all = self.sockets.iter().filter(|(_, socket)| socket.seated && socket.node == node);
        all.map(|(id, _)| *id).collect()
    }

    pub(crate) fn members_of(&self, node: usize) -> Vec<u64> {
        self.sockets_of(node).into_iter().filter(|id| self.sockets[id].member).collect()
    }

    /// It takes a seat, then access is asked for.
    pub(crate) fn arrive(&mut self, id: u64) {
        if let Some(socket) = self.sockets.get(&id).filter(|socket| socket.seated) {
            self.nodes[socket.node].open_room();
            self.check(id);
        }
    }

    /// Asks the database, whose answer may be old when it comes.
    pub(crate) fn check(&mut self, id: u64) {
        let access = self.database.role(self.sockets[&id].user).map(|_| self.database.place());
        let checked = if self.database.down { Err(()) } else { Ok(access) };
        let at = self.soon(20);
        self.come(at, Happening::Checked { socket: id, checked });
    }

    pub(crate) fn checked(&mut self, id: u64, checked: Result<Option<Place>, ()>) {
        let Some(socket) = self.sockets.get(&id).filter(|socket| socket.seated) else { return };
        let (user, node, resume) = (socket.user, socket.node, socket.resume);
        match checked {
            Err(()) => self.unavailable(id),
            Ok(None) => self.close(id, close::NO_ACCESS),
            Ok(Some(checked)) => {
                let resume = Some(Resume { epoch: Some(resume.epoch), since: resume.seq });
                let socket = SocketId::new(id);
                self.room(node, RoomInput::Join(Join { socket, user, checked, resume }));
            }
        }
    }

    /// The database does not answer: come back later.
    pub(crate) fn unavailable(&mut self, id: u64) {
        let retry_ms = 1_000 + self.dice.below(4_000);
        self.bye(id, "the database does not answer", retry_ms);
    }

    pub(crate) fn bye(&mut self, id: u64, reason: &str, retry_ms: u64) {
        self.socket(id).queue.push_lossy(frames::bye(reason, retry_ms));
        self.close(id, close::GOING_AWAY);
    }

    pub(crate) fn unseat(&mut self, id: u64) {
        let socket = self.socket(id);
        if std::mem::take(&mut socket.seated) {
            let node = socket.node;
            self.come(self.now, Happening::Left { node, socket: id });
        }
    }

    /// The room hears that a socket is gone, and goes with the last one.
    pub(crate) fn left(&mut self, node: usize, id: u64) {
        self.room(node, RoomInput::Leave(SocketId::new(id)));
        if self.sockets_of(node).is_empty() {
            self.nodes[node].room = None;
        }
    }
}
