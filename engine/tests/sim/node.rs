//! Nodes: processes that serve requests and keep a room for each open board. The rooms are real; this stands in for
//! `server::realtime`.

use std::collections::BTreeMap;

use engine::{
    Epoch, UserId,
    room::{JoinRefusal, LogPlace, Room, RoomEffect, RoomInput, Welcome, log_cursor::MAX_CATCH_UP},
    wire::{LogPosition, close},
};

use crate::{
    frames,
    plan::{CLIENTS, NODES},
    rows::Logged,
    scheduled::Scheduled,
    world::{World, client},
};

/// How long an early event waits for the ones before it, in milliseconds.
const REORDER_MS: u64 = 20;
/// Interval of a node's maintenance: heartbeats, and comparison of its rooms with the database, in milliseconds.
const MAINTENANCE_MS: u64 = 1_000;
/// How often a node checks the access of all its sockets, in milliseconds.
pub(crate) const ACCESS_MS: u64 = 30_000;
/// How long after a rotation the same user's cursor cannot rotate a board's epoch again, in milliseconds.
const CLAIM_MS: u64 = 600_000;
/// How often a quiet room releases its ring, in milliseconds.
const QUIET_MS: u64 = 30_000;

#[derive(Default)]
pub(crate) struct Node {
    pub(crate) up: bool,
    generation: u64,
    /// Rooms of the boards open here.
    pub(crate) rooms: BTreeMap<usize, Open>,
    rounds: u64,
    /// Until when a user's cursor cannot rotate a board's epoch again.
    claimed: BTreeMap<(usize, UserId), u64>,
    pub(crate) kill_at_commit: Option<u64>,
}

/// An open room.
pub(crate) struct Open {
    pub(crate) room: Room<Logged>,
    /// When its next tick is scheduled.
    tick_at: Option<u64>,
}

impl Node {
    pub(crate) fn is_current(&self, generation: u64) -> bool {
        self.up && self.generation == generation
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn open_room(&mut self, board: usize) {
        self.rooms.entry(board).or_insert_with(|| Open { room: Room::new(REORDER_MS), tick_at: None });
    }
}

impl World {
    pub(crate) fn start(&mut self, node: usize) {
        if !self.nodes[node].up {
            let generation = self.nodes[node].generation + 1;
            self.nodes[node] = Node { up: true, generation, ..Node::default() };
            self.schedule(self.now + MAINTENANCE_MS, Scheduled::Maintenance { node, generation });
        }
    }

    /// Kills the process. It restarts after `ms`.
    pub(crate) fn kill(&mut self, node: usize, ms: u64) {
        if std::mem::take(&mut self.nodes[node].up) {
            self.nodes[node].rooms.clear();
            for socket in self.sockets_of(node) {
                self.schedule(self.now, Scheduled::Cut { socket });
            }
            self.schedule(self.now + ms, Scheduled::Back { node });
        }
    }

    /// Sends `bye` to all sockets, then stops the process.
    pub(crate) fn stop(&mut self, node: usize, ms: u64) {
        for socket in self.sockets_of(node) {
            let retry_ms = 500 + self.dice.below(5_000);
            self.bye(socket, "the server is going away", retry_ms);
        }
        self.kill(node, ms);
    }

    /// Runs a node's maintenance: heartbeats, and comparisons with the database.
    pub(crate) fn maintain(&mut self, node: usize) {
        self.nodes[node].rounds += 1;
        let (rounds, generation) = (self.nodes[node].rounds, self.nodes[node].generation);
        for socket in self.sockets_of(node) {
            self.overdue(socket);
            self.heartbeat(socket);
        }
        if rounds.is_multiple_of(QUIET_MS / MAINTENANCE_MS) {
            for open in self.nodes[node].rooms.values_mut() {
                open.room.take_quiet();
            }
        }
        if rounds.is_multiple_of(ACCESS_MS / MAINTENANCE_MS) && !self.database.down {
            self.check_access(node);
        }
        let boards: Vec<usize> = self.nodes[node].rooms.keys().copied().filter(|_| !self.database.down).collect();
        for board in boards {
            let rows = &self.database.boards[board];
            let (top, last) = (self.database.place(board), rows.id_at(rows.seq));
            let asked_at = self.nodes[node].rooms[&board].room.position();
            let input = RoomInput::Compared { asked_at, top, last };
            let at = self.soon(20);
            self.schedule(at, Scheduled::Read { node, generation, board, input });
        }
        self.schedule(self.now + MAINTENANCE_MS, Scheduled::Maintenance { node, generation });
    }

    pub(crate) fn tick_node(&mut self, node: usize, board: usize) {
        if let Some(open) = self.nodes[node].rooms.get_mut(&board) {
            open.tick_at = None;
            self.room(node, board, RoomInput::Tick);
        }
    }

    /// Passes an input to a board's room at a node, if there is one, and carries out its effects.
    pub(crate) fn room(&mut self, node: usize, board: usize, input: RoomInput<Logged>) {
        let random = self.dice.roll();
        let Some(open) = self.nodes[node].rooms.get_mut(&board) else { return };
        for effect in open.room.handle(input, self.now, random) {
            self.carry_out(node, board, effect);
        }
        let generation = self.nodes[node].generation;
        let Some(Open { room, tick_at }) = self.nodes[node].rooms.get_mut(&board) else { return };
        self.oracle.room(room);
        if let Some(wake) = room.wake_at()
            && tick_at.is_none_or(|at| wake < at)
        {
            *tick_at = Some(wake);
            self.schedule(wake, Scheduled::TickNode { node, generation, board });
        }
    }

    fn carry_out(&mut self, node: usize, board: usize, effect: RoomEffect<Logged>) {
        let generation = self.nodes[node].generation;
        match effect {
            RoomEffect::Deliver(events) => {
                let Some(place) = self.nodes[node].rooms.get(&board).and_then(|open| open.room.position()) else {
                    return;
                };
                // The room may be ahead already: the rest is delivered next.
                let place = LogPlace { seq: events[events.len() - 1].seq, ..place };
                for socket in self.members_of(node, board) {
                    if self.push(socket, &frames::events(place.epoch, &events), place) {
                        let user = self.sockets[&socket].user;
                        self.oracle.delivered(&self.database, board, user, place.epoch, &events);
                    }
                }
            }
            RoomEffect::Resync(reason, place) => {
                for socket in self.members_of(node, board) {
                    self.push(socket, &[frames::resync(reason, place)], place);
                }
            }
            RoomEffect::Enter(socket, welcome) => {
                let socket = socket.number();
                let (frames, place) = match welcome {
                    Welcome::Sync { epoch, since, events } => {
                        let place = LogPlace { epoch, seq: since + events.len() as u64 };
                        let user = self.sockets[&socket].user;
                        self.oracle.entered(&self.database, board, user, place);
                        let room = self.nodes[node].rooms.get(&board).map(|open| &open.room);
                        let last = room.and_then(|room| room.id_at(since));
                        self.oracle.resumed(self.sockets[&socket].resume, LogPosition { epoch, since, last });
                        (frames::sync(epoch, since, last, &events), place)
                    }
                    Welcome::Resync(reason, place) => (vec![frames::resync(reason, place)], place),
                };
                self.push(socket, &frames, place);
                self.socket(socket).member = true;
            }
            RoomEffect::Refuse(socket, JoinRefusal::AccessChanged) => self.check(socket.number()),
            RoomEffect::Refuse(socket, JoinRefusal::Gone) => self.close(socket.number(), close::NO_ACCESS),
            RoomEffect::Refuse(socket, JoinRefusal::Unavailable) => self.unavailable(socket.number()),
            RoomEffect::Expel(sockets) => {
                for socket in sockets {
                    self.close(socket.number(), close::NO_ACCESS);
                }
            }
            RoomEffect::Duplicates(_) | RoomEffect::Phantoms => {}
            RoomEffect::Locate => {
                let input = RoomInput::Located(self.database.locate(board).map(Some));
                let at = self.soon(10);
                self.schedule(at, Scheduled::Read { node, generation, board, input });
            }
            RoomEffect::RotateEpoch { epoch, claimed_by } => {
                if let Some(user) = claimed_by {
                    self.rotated(node, board, user);
                }
                if !self.database.down {
                    self.rotate_epoch(board, epoch);
                }
                let input = RoomInput::Located(self.database.locate(board).map(Some));
                let at = self.soon(10);
                self.schedule(at, Scheduled::Read { node, generation, board, input });
            }
            RoomEffect::Read { since, .. } => {
                let input = RoomInput::Page(self.database.page(board, since, MAX_CATCH_UP as usize).map(Some));
                let at = self.soon(10);
                self.schedule(at, Scheduled::Read { node, generation, board, input });
            }
        }
    }

    /// Whether a user's cursor may rotate a board's epoch.
    pub(crate) fn may_rotate(&self, node: usize, board: usize, user: UserId) -> bool {
        self.nodes[node].claimed.get(&(board, user)).is_none_or(|until| *until <= self.now)
    }

    /// Records that a user's cursor rotated a board's epoch.
    pub(crate) fn rotated(&mut self, node: usize, board: usize, user: UserId) {
        self.nodes[node].claimed.insert((board, user), self.now + CLAIM_MS);
    }

    /// Loses the last commits of a log. It keeps its epoch, or returns to an earlier one if the rotation is lost, too:
    /// then both have lost events.
    pub(crate) fn lose_commits(&mut self, board: usize, commits: usize) {
        self.oracle.goes_back(self.database.place(board).epoch);
        self.another_log(board, |database, board| database.lose(board, commits));
        self.oracle.goes_back(self.database.place(board).epoch);
    }

    /// The same while all nodes restart, so that no room remembers the lost events. No cursor may rotate the epoch
    /// either: pages notice by the following events, which a server keeps for days.
    pub(crate) fn lose_commits_unseen(&mut self, board: usize, commits: usize) {
        (0..NODES).for_each(|node| self.kill(node, 0));
        self.lose_commits(board, commits);
        self.database.young[board] = Some(self.database.place(board).epoch);
        for node in 0..NODES {
            self.start(node);
            (0..CLIENTS).for_each(|n| self.rotated(node, board, client(n)));
        }
    }

    /// Changes a log's epoch, unless it has changed by now.
    pub(crate) fn rotate_epoch(&mut self, board: usize, only: Epoch) {
        if self.database.boards[board].epoch == only {
            self.another_log(board, |database, board| database.rotate_epoch(board, only));
        }
    }
}
