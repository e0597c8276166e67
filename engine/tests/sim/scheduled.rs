//! Virtual time and its scheduled events.

use std::rc::Rc;

use engine::{
    room::{LogPlace, RoomInput},
    session::SessionInput,
    wire::ClientFrame,
};

use crate::{
    accounts::Revocation,
    client_socket::Access,
    http::{Ask, From},
    rows::Logged,
    tab::Signal,
    world::World,
};

/// A scheduled event. It is dropped if its node or tab has another generation by then.
pub(crate) enum Scheduled {
    /// A timer of a tab or a room is due.
    TickTab {
        tab: usize,
    },
    TickNode {
        node: usize,
        generation: u64,
        board: usize,
    },
    /// A node's regular maintenance.
    Maintenance {
        node: usize,
        generation: u64,
    },
    Back {
        node: usize,
    },
    /// Events of a socket: arrival at its node, access check, frames.
    Arrive {
        socket: u64,
    },
    Checked {
        socket: u64,
        access: Access,
    },
    Down {
        socket: u64,
        frame: Rc<str>,
    },
    Up {
        socket: u64,
        frame: ClientFrame,
    },
    Drain {
        socket: u64,
    },
    ClosedByNode {
        socket: u64,
        code: u16,
    },
    ClosedByTab {
        socket: u64,
    },
    Cut {
        socket: u64,
    },
    Left {
        node: usize,
        board: usize,
        socket: u64,
    },
    /// The database answers a node.
    Read {
        node: usize,
        generation: u64,
        board: usize,
        input: RoomInput<Logged>,
    },
    /// Publication after a commit, and delivery over the bus.
    Publish {
        node: usize,
        generation: u64,
        board: usize,
        place: LogPlace,
        events: Vec<Logged>,
    },
    BusDelivery {
        node: usize,
        board: usize,
        input: RoomInput<Logged>,
    },
    Revoked {
        node: usize,
        revocation: Revocation,
    },
    /// HTTP.
    Request {
        from: From,
        node: usize,
        ask: Box<Ask>,
    },
    Answer {
        tab: usize,
        generation: u64,
        input: Box<SessionInput>,
    },
    Load {
        tab: usize,
        generation: u64,
    },
    Awake {
        tab: usize,
        generation: u64,
    },
    Shown {
        tab: usize,
        generation: u64,
    },
    /// A signal within a browser: about a lock, or from another tab.
    Signal {
        tab: usize,
        generation: u64,
        signal: Signal,
    },
    DatabaseUp,
}

impl World {
    /// Advances time, running due events.
    pub(crate) fn pass(&mut self, until: u64) {
        while let Some(entry) = self.scheduled.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), event) = entry.remove_entry();
            self.now = at.max(self.now);
            self.happen(event);
        }
        self.now = until;
    }

    fn happen(&mut self, event: Scheduled) {
        match event {
            Scheduled::TickTab { tab } => self.tick_tab(tab),
            Scheduled::TickNode { node, generation, board } if self.nodes[node].is_current(generation) => {
                self.tick_node(node, board)
            }
            Scheduled::Maintenance { node, generation } if self.nodes[node].is_current(generation) => {
                self.maintain(node)
            }
            Scheduled::Back { node } => self.start(node),
            Scheduled::Arrive { socket } => self.arrive(socket),
            Scheduled::Checked { socket, access } => self.checked(socket, access),
            Scheduled::Down { socket, frame } => self.down(socket, &frame),
            Scheduled::Up { socket, frame } => self.up(socket, &frame),
            Scheduled::Drain { socket } => self.drain(socket),
            Scheduled::ClosedByNode { socket, code } => self.closed_by_node(socket, code),
            Scheduled::ClosedByTab { socket } => self.closed_by_tab(socket),
            Scheduled::Cut { socket } => self.cut(socket),
            Scheduled::Left { node, board, socket } => self.left(node, board, socket),
            Scheduled::Read { node, generation, board, input } if self.nodes[node].is_current(generation) => {
                self.room(node, board, input);
            }
            Scheduled::Publish { node, generation, board, place, events }
                if self.nodes[node].is_current(generation) =>
            {
                self.publish(node, board, place, events);
            }
            Scheduled::BusDelivery { node, board, input } => self.room(node, board, input),
            Scheduled::Revoked { node, revocation } => self.expel(node, revocation),
            Scheduled::Request { from, node, ask } => self.serve(from, node, *ask),
            Scheduled::Answer { tab, generation, input } if self.tabs[tab].is_current(generation) => {
                self.signal(tab, Signal::Answer(input));
            }
            Scheduled::Load { tab, generation } if self.tabs[tab].is_current(generation) => self.load(tab),
            Scheduled::Awake { tab, generation } if self.tabs[tab].is_current(generation) => self.awake(tab),
            Scheduled::Shown { tab, generation } if self.tabs[tab].is_current(generation) => self.show(tab),
            Scheduled::Signal { tab, generation, signal } if self.tabs[tab].is_current(generation) => {
                self.signal(tab, signal)
            }
            Scheduled::DatabaseUp => {
                self.database.down = false;
                self.database.up_since = self.now;
            }
            Scheduled::TickNode { .. }
            | Scheduled::Maintenance { .. }
            | Scheduled::Read { .. }
            | Scheduled::Publish { .. }
            | Scheduled::Answer { .. }
            | Scheduled::Load { .. }
            | Scheduled::Awake { .. }
            | Scheduled::Shown { .. }
            | Scheduled::Signal { .. } => {}
        }
    }
}
