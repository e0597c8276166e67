//! Time, and what is under way in it.

use std::rc::Rc;

use engine::{
    room::{Input as RoomInput, Place},
    session::Input,
};

use crate::{database::Logged, http::Ask, world::World};

/// Something under way. Nodes and tabs are named with the life in which it concerns them.
pub(crate) enum Happening {
    /// Somebody has to be woken.
    TickTab {
        tab: usize,
    },
    TickNode {
        node: usize,
        life: u64,
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
        checked: Result<Option<Place>, ()>,
    },
    Down {
        socket: u64,
        frame: Rc<str>,
    },
    Up {
        socket: u64,
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
        socket: u64,
    },
    /// A node's question to the database is answered.
    Read {
        node: usize,
        life: u64,
        input: RoomInput<Logged>,
    },
    /// After a commit, and over the bus.
    Publish {
        node: usize,
        life: u64,
        place: Place,
        events: Vec<Logged>,
    },
    Heard {
        node: usize,
        input: RoomInput<Logged>,
    },
    /// HTTP.
    Request {
        tab: usize,
        life: u64,
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
            Happening::TickNode { node, life } if self.nodes[node].lives(life) => self.tick_node(node),
            Happening::Beat { node, life } if self.nodes[node].lives(life) => self.beat(node),
            Happening::Back { node } => self.start(node),
            Happening::Arrive { socket } => self.arrive(socket),
            Happening::Checked { socket, checked } => self.checked(socket, checked),
            Happening::Down { socket, frame } => self.down(socket, &frame),
            Happening::Up { socket } => self.up(socket),
            Happening::Drain { socket } => self.drain(socket),
            Happening::ClosedByNode { socket, code } => self.closed_by_node(socket, code),
            Happening::ClosedByTab { socket } => self.closed_by_tab(socket),
            Happening::Cut { socket } => self.cut(socket),
            Happening::Left { node, socket } => self.left(node, socket),
            Happening::Read { node, life, input } if self.nodes[node].lives(life) => self.room(node, input),
            Happening::Publish { node, life, place, events } if self.nodes[node].lives(life) => {
                self.publish(node, place, events);
            }
            Happening::Heard { node, input } => self.room(node, input),
            Happening::Request { tab, life, node, ask } => self.serve(tab, life, node, *ask),
            Happening::Answer { tab, life, input } if self.tabs[tab].lives(life) => self.input(tab, *input),
            Happening::Load { tab, life } if self.tabs[tab].lives(life) => self.load(tab),
            Happening::Awake { tab, life } if self.tabs[tab].lives(life) => self.awake(tab),
            Happening::DatabaseUp => self.database.down = false,
            Happening::TickNode { .. }
            | Happening::Beat { .. }
            | Happening::Read { .. }
            | Happening::Publish { .. }
            | Happening::Answer { .. }
            | Happening::Load { .. }
            | Happening::Awake { .. } => {}
        }
    }
}
