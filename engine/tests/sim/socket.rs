//! Sockets between tabs and nodes: queues, heartbeats, and all ways to break.

use std::rc::Rc;

use engine::{
    UserId,
    room::{
        LogPlace, Queue,
        queue::{Bounds, Push},
    },
    wire::{ClientFrame, DEAD_AFTER_MS, LogPosition, PING_INTERVAL_MS, ResyncReason, ServerFrame, close},
};

use crate::{
    frames,
    plan::{NODES, Proxy},
    scheduled::Scheduled,
    tab::Signal,
    world::World,
};

/// Bounds of a socket's queue: small, so that they are reached.
pub(crate) const BOUNDS: Bounds = Bounds { frames: 8, bytes: 16 * 1024 };
/// How long a lagging reader may take to read its `resync`, in milliseconds.
const SLOW_MS: u64 = 10_000;

pub(crate) struct Socket {
    pub(crate) tab: usize,
    pub(crate) user: UserId,
    /// The session of its cookie.
    pub(crate) session: Option<u64>,
    pub(crate) board: usize,
    pub(crate) node: usize,
    pub(crate) queue: Queue<Rc<str>, u64>,
    /// Whether its node still serves it.
    pub(crate) attached: bool,
    /// Whether its node knows its user.
    pub(crate) known: bool,
    /// Whether its node is closing it.
    pub(crate) closing: bool,
    /// Whether it is a member of the room.
    pub(crate) member: bool,
    pub(crate) half_open: bool,
    pub(crate) stalled_until: u64,
    pub(crate) shaken: bool,
    /// When the last frame under way arrives.
    last: u64,
    /// The node's heartbeat.
    heard: u64,
    sent: u64,
    /// The log's end by the frames that the tab received.
    log_end: Option<LogPlace>,
    /// The cursor with which the tab opened it.
    pub(crate) resume: LogPosition,
}

impl World {
    pub(crate) fn socket(&mut self, id: u64) -> &mut Socket {
        self.sockets.get_mut(&id).unwrap()
    }

    /// Opens a tab's socket at any node that is up.
    pub(crate) fn connect(&mut self, tab: usize, from: LogPosition) -> u64 {
        let nodes: Vec<usize> = (0..NODES).filter(|node| self.nodes[*node].up).collect();
        let node = self.dice.pick(&nodes);
        let id = self.number();
        let proxy = node.and_then(|node| self.blocked[node]).filter(|(until, _)| self.now < *until).map(|(_, how)| how);
        let socket = Socket {
            tab,
            user: self.tabs[tab].user,
            session: self.browser(tab).session,
            board: self.tabs[tab].board,
            node: node.unwrap_or_default(),
            queue: Queue::new(BOUNDS),
            attached: node.is_some() && !matches!(proxy, Some(Proxy::Refuses | Proxy::Hangs)),
            known: false,
            closing: false,
            member: false,
            half_open: matches!(proxy, Some(Proxy::Swallows)),
            stalled_until: 0,
            shaken: false,
            last: self.now,
            heard: self.now,
            sent: self.now,
            log_end: None,
            resume: from,
        };
        self.sockets.insert(id, socket);
        let at = self.soon(80);
        match proxy {
            _ if node.is_none() => self.schedule(at, Scheduled::Cut { socket: id }),
            Some(Proxy::Refuses) => self.schedule(at, Scheduled::Cut { socket: id }),
            Some(Proxy::Hangs) => {}
            Some(Proxy::Swallows) | None => self.schedule(at, Scheduled::Arrive { socket: id }),
        }
        id
    }

    /// Blocks sockets in front of a node. Existing ones break.
    pub(crate) fn block(&mut self, node: usize, how: Proxy, until: u64) {
        self.blocked[node] = Some((until, how));
        for socket in self.sockets_of(node) {
            self.cut(socket);
        }
    }

    /// Closes a socket at its node, after the queued frames.
    pub(crate) fn close(&mut self, id: u64, code: u16) {
        self.socket(id).closing = true;
        self.socket(id).queue.close(code, "");
        self.drain(id);
    }

    /// Queues frames of the room, whose position is `place`. False if the socket is closing.
    pub(crate) fn push(&mut self, id: u64, frames: &[Rc<str>], place: LogPlace) -> bool {
        let now = self.now;
        let socket = self.socket(id);
        let resync = || frames::resync(ResyncReason::Slow, place);
        if socket.queue.push(frames, resync, || now) == Push::Closed {
            return false;
        }
        let (frames, bytes) = socket.queue.load();
        assert!(frames <= BOUNDS.frames && bytes <= BOUNDS.bytes, "a queue without a bound");
        self.overdue(id);
        self.drain(id);
        true
    }

    /// Sends the queue, unless the reader is stalled.
    pub(crate) fn drain(&mut self, id: u64) {
        let now = self.now;
        let Some(socket) = self.sockets.get_mut(&id).filter(|socket| socket.attached) else { return };
        if now < socket.stalled_until {
            let until = socket.stalled_until;
            return self.schedule(until, Scheduled::Drain { socket: id });
        }
        let mut batch = Vec::new();
        while socket.queue.take(&mut batch, 64) {}
        socket.queue.sent(|| now);
        if !batch.is_empty() {
            socket.sent = now;
        }
        let (closing, shaken) = (socket.queue.closing().map(|closing| closing.code), socket.shaken);
        for frame in batch {
            // In order; on a shaken socket frames are lost, repeated and reordered, as from another tab.
            let copies = if shaken { [0, 1, 1, 1, 2][self.dice.below(5) as usize] } else { 1 };
            for _ in 0..copies {
                let at = if shaken { self.soon(600) } else { self.in_turn(id) };
                self.schedule(at, Scheduled::Down { socket: id, frame: Rc::clone(&frame) });
            }
        }
        if let Some(code) = closing {
            let at = self.in_turn(id);
            self.schedule(at, Scheduled::ClosedByNode { socket: id, code });
            self.detach(id);
        }
    }

    /// When a frame sent now arrives: after the ones before it.
    fn in_turn(&mut self, id: u64) -> u64 {
        let at = self.soon(60).max(self.sockets[&id].last);
        self.socket(id).last = at;
        at
    }

    /// Heartbeat of a socket, run by its node's maintenance.
    pub(crate) fn heartbeat(&mut self, id: u64) {
        let now = self.now;
        let socket = self.socket(id);
        let slow = socket.queue.behind().is_some_and(|since| now >= since + SLOW_MS);
        let silent = now >= socket.heard + DEAD_AFTER_MS;
        if slow || silent {
            // Sent past the queue, which nobody reads.
            socket.queue = Queue::new(BOUNDS);
            let at = socket.stalled_until.max(now);
            let code = if slow { close::TOO_SLOW } else { close::NO_PONG };
            self.schedule(at, Scheduled::ClosedByNode { socket: id, code });
            self.detach(id);
        } else if now >= socket.heard.min(socket.sent) + PING_INTERVAL_MS {
            socket.queue.push_lossy(frames::encode(&ServerFrame::Ping));
            self.drain(id);
        }
    }

    /// Delivers a frame to its tab.
    pub(crate) fn down(&mut self, id: u64, frame: &str) {
        let Some(socket) = self.sockets.get_mut(&id).filter(|socket| !socket.half_open) else { return };
        let (tab, shaken) = (socket.tab, socket.shaken);
        if self.tabs[tab].has_socket(id) {
            if !shaken {
                let frame = ServerFrame::parse(frame).unwrap();
                self.socket(id).follow(&frame);
            }
            self.signal(tab, Signal::Frame { socket: id, text: frame.to_owned() });
        }
    }

    /// Handles a tab's frame: it counts as traffic, and a ping is answered.
    pub(crate) fn up(&mut self, id: u64, said: &ClientFrame) {
        let now = self.now;
        if let Some(socket) = self.sockets.get_mut(&id).filter(|socket| !socket.half_open) {
            socket.heard = now;
            if *said == ClientFrame::Ping {
                socket.queue.push_lossy(frames::pong());
                self.drain(id);
            }
        }
    }

    pub(crate) fn closed_by_node(&mut self, id: u64, code: u16) {
        let Some(socket) = self.sockets.get(&id).filter(|socket| !socket.half_open) else { return };
        let tab = socket.tab;
        self.sockets.remove(&id);
        self.signal(tab, Signal::Closed { socket: id, code });
    }

    pub(crate) fn closed_by_tab(&mut self, id: u64) {
        if self.sockets.get(&id).is_some_and(|socket| !socket.half_open) {
            self.detach(id);
        }
    }

    /// Breaks a socket; both ends notice.
    pub(crate) fn cut(&mut self, id: u64) {
        let Some(socket) = self.sockets.get(&id) else { return };
        let tab = socket.tab;
        self.detach(id);
        self.signal(tab, Signal::Closed { socket: id, code: 1006 });
    }
}

impl Socket {
    /// Checks that a socket delivers a log without gaps, or `resync`.
    fn follow(&mut self, frame: &ServerFrame) {
        let next = |log_end: Option<LogPlace>| log_end.map(|place| (place.epoch, place.seq + 1));
        self.log_end = match frame {
            ServerFrame::Sync(sync) => {
                assert_eq!(self.log_end, None, "a second sync");
                Some(LogPlace { epoch: sync.epoch, seq: sync.seq })
            }
            ServerFrame::Resync { epoch, seq, .. } => Some(LogPlace { epoch: *epoch, seq: *seq }),
            ServerFrame::Event(event) => {
                assert_eq!(next(self.log_end), Some((event.epoch, event.seq)), "a gap on a socket");
                Some(LogPlace { epoch: event.epoch, seq: event.seq })
            }
            ServerFrame::Batch(batch) => {
                assert_eq!(next(self.log_end), Some((batch.epoch, batch.from)), "a gap on a socket");
                Some(LogPlace { epoch: batch.epoch, seq: batch.to })
            }
            _ => self.log_end,
        };
    }
}
