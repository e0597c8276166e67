//! The tabs: what becomes of each, and which page is in it.

use engine::{
    TabId, UserId,
    session::{Session, SessionInput, SharedSocket, SharedSocketInput, tabs::TabEnvelope},
};

use crate::{
    ids::id,
    page::Page,
    pause::Asleep,
    scheduled::Scheduled,
    world::{World, client},
};

/// How long somebody waits who could not load a page, in milliseconds.
pub(crate) const PATIENCE_MS: u64 = 3_000;

/// What comes to a page from outside. A tab that does not run hears it later.
pub(crate) enum Signal {
    /// A request is answered.
    Answer(Box<SessionInput>),
    /// A socket says something, or is closed.
    Frame {
        socket: u64,
        text: String,
    },
    Closed {
        socket: u64,
        code: u16,
    },
    /// The question for the lock is answered; the lock is stolen.
    Granted {
        lock_request: u64,
    },
    LockStolen {
        lock_request: u64,
    },
    /// Another tab says something.
    TabMessage(TabEnvelope),
    /// What another tab showed is no more.
    Gone {
        document: u64,
    },
    /// It was shown or hidden.
    Seen(bool),
    /// It came to the front, or the network is back.
    Woken,
}

pub(crate) struct Tab {
    pub(crate) user: UserId,
    pub(crate) board: usize,
    /// Closed; otherwise it is there, or tries to be.
    pub(crate) shut: bool,
    /// What was loaded last. The pages of several boards can be shown in it, one after another.
    pub(crate) document: u64,
    /// Which of its pages this is: answers to an earlier one go nowhere.
    pub(crate) generation: u64,
    pub(crate) page: Option<Page>,
    pub(crate) hidden: bool,
    /// Since when it is not hidden.
    pub(crate) shown_since: u64,
    /// What comes while it does not run.
    pub(crate) asleep: Option<Asleep>,
    /// Since when it runs.
    pub(crate) awake_since: u64,
    pub(crate) tick_at: Option<u64>,
}

impl Tab {
    pub(crate) fn new(tab: usize, board: usize) -> Self {
        Self {
            user: client(tab / 2),
            board,
            shut: true,
            document: 0,
            generation: 0,
            page: None,
            hidden: false,
            shown_since: 0,
            asleep: None,
            awake_since: 0,
            tick_at: None,
        }
    }

    pub(crate) fn is_current(&self, generation: u64) -> bool {
        !self.shut && self.generation == generation
    }

    pub(crate) fn runs(&self) -> bool {
        self.page.is_some() && self.asleep.is_none()
    }

    pub(crate) fn has_socket(&self, socket: u64) -> bool {
        self.page.as_ref().is_some_and(|page| page.socket == Some(socket))
    }

    pub(crate) fn id(&self) -> TabId {
        id(8, self.document)
    }
}

impl World {
    pub(crate) fn open(&mut self, tab: usize) {
        if self.tabs[tab].shut {
            self.tabs[tab].shut = false;
            self.load_soon(tab, 1);
        }
    }

    pub(crate) fn reload(&mut self, tab: usize) {
        if !self.tabs[tab].shut {
            self.shared_input(tab, SharedSocketInput::Frozen);
            self.end(tab);
            self.load_soon(tab, 1);
        }
    }

    /// The page ends without a word.
    pub(crate) fn crash(&mut self, tab: usize) {
        if !self.tabs[tab].shut {
            self.end(tab);
            self.load_soon(tab, 1);
        }
    }

    pub(crate) fn shut(&mut self, tab: usize) {
        if !self.tabs[tab].shut {
            self.shared_input(tab, SharedSocketInput::Frozen);
            self.end(tab);
            self.tabs[tab].shut = true;
        }
    }

    /// Goes on to another board without loading the document anew.
    pub(crate) fn visit(&mut self, tab: usize, board: usize) {
        if !self.tabs[tab].shut && self.tabs[tab].board != board {
            self.shared_input(tab, SharedSocketInput::End);
            self.leave(tab);
            self.tabs[tab].board = board;
            self.load_soon(tab, 1);
        }
    }

    /// The document is no more, and neither is its page.
    fn end(&mut self, tab: usize) {
        self.leave(tab);
        let document = std::mem::take(&mut self.tabs[tab].document);
        if document != 0 {
            self.gone(tab, document);
        }
    }

    /// The page is no more.
    pub(crate) fn leave(&mut self, tab: usize) {
        self.unlock(tab);
        let it = &mut self.tabs[tab];
        it.generation += 1;
        it.asleep = None;
        if let Some(socket) = it.page.take().and_then(|page| page.socket) {
            let at = self.soon(80);
            self.schedule(at, Scheduled::ClosedByTab { socket });
        }
    }

    pub(crate) fn load_soon(&mut self, tab: usize, least: u64) {
        let (at, generation) = (self.soon(200) + least, self.tabs[tab].generation);
        self.schedule(at, Scheduled::Load { tab, generation });
    }

    /// The page comes, with the board in it.
    pub(crate) fn load(&mut self, tab: usize) {
        let (board, user) = (self.tabs[tab].board, self.tabs[tab].user);
        let there = !self.database.down && self.nodes.iter().any(|node| node.up) && self.signed_in(tab);
        let Some(snapshot) = self.database.snapshot(board, user).filter(|_| there) else {
            return self.load_soon(tab, PATIENCE_MS);
        };
        if self.tabs[tab].document == 0 {
            self.tabs[tab].document = self.number();
        }
        let (now, shares) = (self.now, self.browser(tab).shares);
        let it = &mut self.tabs[tab];
        it.awake_since = now;
        let shared = SharedSocket::new(it.id(), shares);
        let begin = shared.begin();
        it.page = Some(Page::new(Session::new(snapshot, user, now), shared));
        let seen = !it.hidden;
        self.carry_out_of_shared(tab, begin);
        self.shared_input(tab, SharedSocketInput::Seen(seen));
        self.input(tab, SessionInput::Seen(seen));
        self.input(tab, SessionInput::Tick);
        self.find_board(tab);
        self.find_stored(tab, None);
    }

    pub(crate) fn tick_tab(&mut self, tab: usize) {
        self.tabs[tab].tick_at = None;
        if self.tabs[tab].runs() {
            self.shared_input(tab, SharedSocketInput::Tick);
            self.input(tab, SessionInput::Tick);
        }
    }

    /// Something comes to a tab's page, if there is one and it runs.
    pub(crate) fn signal(&mut self, tab: usize, signal: Signal) {
        if let Some(asleep) = &mut self.tabs[tab].asleep {
            return asleep.came.push_back(signal);
        }
        match signal {
            Signal::Answer(input) => self.input(tab, *input),
            Signal::Frame { socket, text } if self.tabs[tab].has_socket(socket) => {
                self.record_contact(tab);
                self.shared_input(tab, SharedSocketInput::Frame(text));
            }
            Signal::Closed { socket, code } if self.tabs[tab].has_socket(socket) => {
                self.tabs[tab].page.as_mut().unwrap().socket = None;
                self.shared_input(tab, SharedSocketInput::Closed(code));
            }
            Signal::Frame { .. } | Signal::Closed { .. } => {}
            Signal::Granted { lock_request } => self.granted(tab, lock_request),
            Signal::LockStolen { lock_request } => self.lock_stolen(tab, lock_request),
            Signal::TabMessage(message) => self.shared_input(tab, SharedSocketInput::Message(message)),
            Signal::Gone { document } => {
                self.shared_input(tab, SharedSocketInput::Ended(id(8, document)));
                self.find_stored(tab, Some(document));
            }
            Signal::Seen(visible) => {
                self.input(tab, SessionInput::Seen(visible));
                self.shared_input(tab, SharedSocketInput::Seen(visible));
            }
            Signal::Woken => {
                self.input(tab, SessionInput::Woken);
                self.shared_input(tab, SharedSocketInput::Woken);
            }
        }
    }
}
