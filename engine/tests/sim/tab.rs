//! Tabs: opening, closing and reloading them, and the page in each.

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

/// How long a user waits after a failed page load, in milliseconds.
pub(crate) const PATIENCE_MS: u64 = 3_000;

/// External input of a page. A paused tab gets it later.
pub(crate) enum Signal {
    /// A request is answered.
    Answer(Box<SessionInput>),
    /// A socket delivers a frame, or is closed.
    Frame {
        socket: u64,
        text: String,
    },
    Closed {
        socket: u64,
        code: u16,
    },
    /// A lock request is granted; a lock is stolen.
    Granted {
        lock_request: u64,
    },
    LockStolen {
        lock_request: u64,
    },
    /// Another tab sends a message.
    TabMessage(TabEnvelope),
    /// Another tab's document has ended.
    Gone {
        document: u64,
    },
    /// The tab was shown or hidden.
    Visible(bool),
    /// The tab came to the front, or the network is back.
    Woken,
}

pub(crate) struct Tab {
    pub(crate) user: UserId,
    pub(crate) board: usize,
    /// Whether it is closed. Otherwise it has a page, or is loading one.
    pub(crate) shut: bool,
    /// The document loaded last. It can show the pages of several boards, one after another.
    pub(crate) document: u64,
    /// Counts its pages: answers to an earlier one are dropped.
    pub(crate) generation: u64,
    pub(crate) page: Option<Page>,
    pub(crate) hidden: bool,
    /// Since when it is visible.
    pub(crate) shown_since: u64,
    /// Input that waits while it is paused.
    pub(crate) asleep: Option<Asleep>,
    /// Since when it is running.
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

    /// Ends the page without a message.
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

    /// Opens another board in the same document.
    pub(crate) fn visit(&mut self, tab: usize, board: usize) {
        if !self.tabs[tab].shut && self.tabs[tab].board != board {
            self.shared_input(tab, SharedSocketInput::End);
            self.leave(tab);
            self.tabs[tab].board = board;
            self.load_soon(tab, 1);
        }
    }

    /// Ends the document and its page.
    fn end(&mut self, tab: usize) {
        self.leave(tab);
        let document = std::mem::take(&mut self.tabs[tab].document);
        if document != 0 {
            self.gone(tab, document);
        }
    }

    /// Ends the page.
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

    /// Loads the page with its board.
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
        self.shared_input(tab, SharedSocketInput::Visible(seen));
        self.input(tab, SessionInput::Visible(seen));
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

    /// Delivers a signal to a tab's page, if there is one and it runs.
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
            Signal::Visible(visible) => {
                self.input(tab, SessionInput::Visible(visible));
                self.shared_input(tab, SharedSocketInput::Visible(visible));
            }
            Signal::Woken => {
                self.input(tab, SessionInput::Woken);
                self.shared_input(tab, SharedSocketInput::Woken);
            }
        }
    }
}
