//! The nodes: processes that serve requests, and keep a room while somebody has the board open there. The room is
//! the real one; this is what `server::realtime` is around it.

use engine::{
    room::{Effect, Input, Place, Refused, Room, Welcome, sequence::REACH},
    wire::close,
};

use crate::{database::Logged, frames, happening::Happening, world::World};

/// How long an event waits for the ones before it, in milliseconds.
const REORDER_MS: u64 = 20;
/// How often a node looks after its sockets, and compares its room with the database, in milliseconds.
const BEAT_MS: u64 = 1_000;
/// How often a room in which nothing happened gives back what it keeps, in milliseconds.
const QUIET_MS: u64 = 30_000;

#[derive(Default)]
pub(crate) struct Node {
    pub(crate) up: bool,
    life: u64,
    pub(crate) room: Option<Room<Logged>>,
    /// When the room is to be woken, as far as that is arranged.
    tick_at: Option<u64>,
    beats: u64,
    pub(crate) kill_at_commit: Option<u64>,
}

impl Node {
    pub(crate) fn lives(&self, life: u64) -> bool {
        self.up && self.life == life
    }

    pub(crate) fn life(&self) -> u64 {
        self.life
    }

    pub(crate) fn open_room(&mut self) {
        self.room.get_or_insert_with(|| Room::new(REORDER_MS));
    }
}

impl World {
    pub(crate) fn start(&mut self, node: usize) {
        if !self.nodes[node].up {
            let life = self.nodes[node].life + 1;
            self.nodes[node] = Node { up: true, life, ..Node::default() };
            self.come(self.now + BEAT_MS, Happening::Beat { node, life });
        }
    }

    /// The process ends as it is. It comes back after `ms`.
    pub(crate) fn kill(&mut self, node: usize, ms: u64) {
        if std::mem::take(&mut self.nodes[node].up) {
            self.nodes[node].room = None;
            for socket in self.sockets_of(node) {
                self.come(self.now, Happening::Cut { socket });
            }
            self.come(self.now + ms, Happening::Back { node });
        }
    }

    /// The process says farewell to its sockets, and ends.
    pub(crate) fn stop(&mut self, node: usize, ms: u64) {
        for socket in self.sockets_of(node) {
            let retry_ms = 500 + self.dice.below(5_000);
            self.bye(socket, "the server is going away", retry_ms);
        }
        self.kill(node, ms);
    }

    /// Heartbeats, comparisons with the database.
    pub(crate) fn beat(&mut self, node: usize) {
        self.nodes[node].beats += 1;
        let (beats, life) = (self.nodes[node].beats, self.nodes[node].life);
        for socket in self.sockets_of(node) {
            self.heartbeat(socket);
        }
        if beats.is_multiple_of(QUIET_MS / BEAT_MS)
            && let Some(room) = &mut self.nodes[node].room
        {
            room.take_quiet();
        }
        if !self.database.down && self.nodes[node].room.is_some() {
            let input = Input::Top(Some(self.database.place()));
            let at = self.soon(20);
            self.come(at, Happening::Read { node, life, input });
        }
        self.come(self.now + BEAT_MS, Happening::Beat { node, life });
    }

    pub(crate) fn tick_node(&mut self, node: usize) {
        self.nodes[node].tick_at = None;
        self.room(node, Input::Tick);
    }

    /// Passes something in to a node's room, if it has one, and does what it says.
    pub(crate) fn room(&mut self, node: usize, input: Input<Logged>) {
        let random = self.dice.roll();
        let Some(room) = self.nodes[node].room.as_mut() else { return };
        for effect in room.handle(input, self.now, random) {
            self.carry_out(node, effect);
        }
        let Node { room: Some(room), tick_at, life, .. } = &mut self.nodes[node] else { return };
        self.oracle.room(room);
        if let Some(wake) = room.wake_at()
            && tick_at.is_none_or(|at| wake < at)
        {
            *tick_at = Some(wake);
            let life = *life;
            self.come(wake, Happening::TickNode { node, life });
        }
    }

    fn carry_out(&mut self, node: usize, effect: Effect<Logged>) {
        let life = self.nodes[node].life;
        match effect {
            Effect::Deliver(events) => {
                let Some(place) = self.nodes[node].room.as_ref().and_then(Room::position) else { return };
                // The room may be further already: what follows is delivered next.
                let place = Place { seq: events[events.len() - 1].seq, ..place };
                for socket in self.members_of(node) {
                    if self.push(socket, &frames::events(place.epoch, &events), place) {
                        self.oracle.delivered(&self.database, self.sockets[&socket].user, place.epoch, &events);
                    }
                }
            }
            Effect::Resync(reason, place) => {
                for socket in self.members_of(node) {
                    self.push(socket, &[frames::resync(reason, place)], place);
                }
            }
            Effect::Enter(socket, welcome) => {
                let socket = socket.number();
                let (frames, place) = match welcome {
                    Welcome::Sync { epoch, since, events } => {
                        let place = Place { epoch, seq: since + events.len() as u64 };
                        let user = self.sockets[&socket].user;
                        self.oracle.entered(&self.database, user, place);
                        (frames::sync(epoch, since, &events), place)
                    }
                    Welcome::Resync(reason, place) => (vec![frames::resync(reason, place)], place),
                };
                self.push(socket, &frames, place);
                self.socket(socket).member = true;
            }
            Effect::Refuse(socket, Refused::AccessChanged) => self.check(socket.number()),
            Effect::Refuse(socket, Refused::Gone) => self.close(socket.number(), close::NO_ACCESS),
            Effect::Refuse(socket, Refused::Unavailable) => self.unavailable(socket.number()),
            Effect::Expel(sockets) => {
                for socket in sockets {
                    self.close(socket.number(), close::NO_ACCESS);
                }
            }
            Effect::Duplicates(_) | Effect::Phantoms => {}
            Effect::Locate => {
                let input = Input::Located(self.database.locate().map(Some));
                let at = self.soon(10);
                self.come(at, Happening::Read { node, life, input });
            }
            Effect::Read { since, .. } => {
                let input = Input::Page(self.database.page(since, REACH as usize).map(Some));
                let at = self.soon(10);
                self.come(at, Happening::Read { node, life, input });
            }
        }
    }
}
