//! Time, and what is under way in it.

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

/// Something under way. Nodes and tabs are named with the life in which it concerns them.
pub(crate) enum Scheduled {
    /// Somebody has to be woken.
    TickTab {
        tab: usize,
    },
    TickNode {
        node: usize,
        life: u64,
        board: usize,
    },
    /// Every few seconds a node looks after its sockets and its room.
    Beat {
        node: usize,
        life: u64,
    },
    Back {
        node: usize,
    },
    /// On a socket: it arrives at its node, is looked up, and carries frames.
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
        said: ClientFrame,
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
    /// A node's question to the database is answered.
    Read {
        node: usize,
        life: u64,
        board: usize,
        input: RoomInput<Logged>,
    },
    /// After a commit, and over the bus.
    Publish {
        node: usize,
        life: u64,
        board: usize,
        place: LogPlace,
        events: Vec<Logged>,
    },
    Heard {
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
        life: u64,
        input: Box<SessionInput>,
    },
    Load {
        tab: usize,
        life: u64,
    },
    Awake {
        tab: usize,
        life: u64,
    },
    Shown {
        tab: usize,
        life: u64,
    },
    /// In a browser: a lock is granted or taken away, a tab hears another one, or of its end.
    Signal {
        tab: usize,
        life: u64,
        signal: Signal,
    },
    DatabaseUp,
}

impl World {
    /// Lets time pass: what is coming comes.
    pub(crate) fn pass(&mut self, until: u64) {
        while let Some(entry) = self.coming.first_entry().filter(|entry| entry.key().0 <= until) {
            let ((at, _), happening) = entry.remove_entry();
            self.now = at.max(self.now);
            self.happen(happening);
        }
        self.now = until;
    }

    fn happen(&mut self, happening: Scheduled) {
        match happening {
            Scheduled::TickTab { tab } => self.tick_tab(tab),
            Scheduled::TickNode { node, life, board } if self.nodes[node].lives(life) => self.tick_node(node, board),
            Scheduled::Beat { node, life } if self.nodes[node].lives(life) => self.beat(node),
            Scheduled::Back { node } => self.start(node),
            Scheduled::Arrive { socket } => self.arrive(socket),
            Scheduled::Checked { socket, access } => self.checked(socket, access),
            Scheduled::Down { socket, frame } => self.down(socket, &frame),
            Scheduled::Up { socket, said } => self.up(socket, &said),
            Scheduled::Drain { socket } => self.drain(socket),
            Scheduled::ClosedByNode { socket, code } => self.closed_by_node(socket, code),
            Scheduled::ClosedByTab { socket } => self.closed_by_tab(socket),
            Scheduled::Cut { socket } => self.cut(socket),
            Scheduled::Left { node, board, socket } => self.left(node, board, socket),
            Scheduled::Read { node, life, board, input } if self.nodes[node].lives(life) => {
                self.room(node, board, input);
            }
            Scheduled::Publish { node, life, board, place, events } if self.nodes[node].lives(life) => {
                self.publish(node, board, place, events);
            }
            Scheduled::Heard { node, board, input } => self.room(node, board, input),
            Scheduled::Revoked { node, revocation } => self.expel(node, revocation),
            Scheduled::Request { from, node, ask } => self.serve(from, node, *ask),
            Scheduled::Answer { tab, life, input } if self.tabs[tab].lives(life) => {
                self.signal(tab, Signal::Answer(input));
            }
            Scheduled::Load { tab, life } if self.tabs[tab].lives(life) => self.load(tab),
            Scheduled::Awake { tab, life } if self.tabs[tab].lives(life) => self.awake(tab),
            Scheduled::Shown { tab, life } if self.tabs[tab].lives(life) => self.show(tab),
            Scheduled::Signal { tab, life, signal } if self.tabs[tab].lives(life) => self.signal(tab, signal),
            Scheduled::DatabaseUp => {
                self.database.down = false;
                self.database.up_since = self.now;
            }
            Scheduled::TickNode { .. }
            | Scheduled::Beat { .. }
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
