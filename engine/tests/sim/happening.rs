//! Time, and what is under way in it.

use std::rc::Rc;

use engine::{
    room::{Input as RoomInput, Place},
    session::Input,
    wire::ClientFrame,
};

use crate::{
    accounts::Revocation,
    http::{Ask, From},
    rows::Logged,
    seat::Access,
    tab::Signal,
    world::World,
};

/// Something under way. Nodes and tabs are named with the life in which it concerns them.
pub(crate) enum Happening {
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
        place: Place,
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
        input: Box<Input>,
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

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::TickTab { tab } => self.tick_tab(tab),
            Happening::TickNode { node, life, board } if self.nodes[node].lives(life) => self.tick_node(node, board),
            Happening::Beat { node, life } if self.nodes[node].lives(life) => self.beat(node),
            Happening::Back { node } => self.start(node),
            Happening::Arrive { socket } => self.arrive(socket),
            Happening::Checked { socket, access } => self.checked(socket, access),
            Happening::Down { socket, frame } => self.down(socket, &frame),
            Happening::Up { socket, said } => self.up(socket, &said),
            Happening::Drain { socket } => self.drain(socket),
            Happening::ClosedByNode { socket, code } => self.closed_by_node(socket, code),
            Happening::ClosedByTab { socket } => self.closed_by_tab(socket),
            Happening::Cut { socket } => self.cut(socket),
            Happening::Left { node, board, socket } => self.left(node, board, socket),
            Happening::Read { node, life, board, input } if self.nodes[node].lives(life) => {
                self.room(node, board, input);
            }
            Happening::Publish { node, life, board, place, events } if self.nodes[node].lives(life) => {
                self.publish(node, board, place, events);
            }
            Happening::Heard { node, board, input } => self.room(node, board, input),
            Happening::Revoked { node, revocation } => self.expel(node, revocation),
            Happening::Request { from, node, ask } => self.serve(from, node, *ask),
            Happening::Answer { tab, life, input } if self.tabs[tab].lives(life) => {
                self.signal(tab, Signal::Answer(input));
            }
            Happening::Load { tab, life } if self.tabs[tab].lives(life) => self.load(tab),
            Happening::Awake { tab, life } if self.tabs[tab].lives(life) => self.awake(tab),
            Happening::Shown { tab, life } if self.tabs[tab].lives(life) => self.show(tab),
            Happening::Signal { tab, life, signal } if self.tabs[tab].lives(life) => self.signal(tab, signal),
            Happening::DatabaseUp => {
                self.database.down = false;
                self.database.up_since = self.now;
            }
            Happening::TickNode { .. }
            | Happening::Beat { .. }
            | Happening::Read { .. }
            | Happening::Publish { .. }
            | Happening::Answer { .. }
            | Happening::Load { .. }
            | Happening::Awake { .. }
            | Happening::Shown { .. }
            | Happening::Signal { .. } => {}
        }
    }
}
