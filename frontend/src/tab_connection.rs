//! What a live connection needs of the browser: one end of a connection that its tabs share, and a timer.

mod act;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use engine::{
    TabId,
    session::{SharedSocket, SharedSocketInput},
    wire::ClientFrame,
};
use gloo_timers::callback::Timeout;

use crate::{
    build,
    channel::Channel,
    clock,
    lock::{self, Held},
    page_lifecycle::{self, PageLifecycle, Wake},
    socket::Socket,
    tab,
};

/// What the browser says.
pub(crate) enum Signal {
    /// The time that was asked for has come.
    Tick,
    /// The page should look at its connection.
    Woken,
    /// The browser says whether there is a network.
    Network(bool),
    /// The user does something on the page.
    Touched,
    /// The user wants to be connected now.
    Retry,
    /// The browser is signed in as another user.
    OtherUser,
    /// The page was shown or hidden.
    Seen(bool),
    /// A frame came.
    Frame(String),
    /// The socket was closed with this code.
    Closed(u16),
    /// There is another tab, or was.
    Tab(TabId),
}

/// Whose connection it is.
pub(crate) trait Owner {
    /// Takes in what the browser says.
    fn on_signal(&self, signal: Signal);
    /// The address of a socket that begins where the session is.
    fn address(&self) -> String;
    /// The frame that brings another tab's session to where this one is; `None` where this one does not know.
    fn greeting(&self) -> Option<String>;
}

/// One end of a shared connection, one timer, and wake-ups. Dropping it ends them all.
pub(crate) struct TabConnection {
    owner: Weak<dyn Owner>,
    shared: RefCell<SharedSocket>,
    name: String,
    channel: Option<Channel>,
    socket: RefCell<Option<Socket>>,
    held: RefCell<Option<Held>>,
    /// Counts the questions for the lock: an answer to any but the last is given back.
    asked: Cell<u32>,
    timer: RefCell<Option<Timeout>>,
    /// When the timer fires.
    armed: Cell<Option<u64>>,
    /// When the owner wants a tick.
    owner_at: Cell<Option<u64>>,
    _wake: Wake,
    this: Weak<TabConnection>,
}

impl TabConnection {
    /// An end of the connection `name`, which is the same in all tabs that are to share it.
    pub(crate) fn new(name: &str, owner: Weak<dyn Owner>) -> Rc<Self> {
        // Tabs of different builds share nothing.
        let name = format!("lockstep:{}:{name}", build::version().unwrap_or_default());
        Rc::new_cyclic(|this: &Weak<Self>| {
            let (connection, waking) = (Weak::clone(this), Weak::clone(this));
            let channel = Channel::open(&name, move |message| {
                if let Some(connection) = connection.upgrade() {
                    connection.input(SharedSocketInput::Message(message));
                }
            });
            let shared = channel.is_some() && lock::exist();
            Self {
                owner,
                shared: RefCell::new(SharedSocket::new(tab::id(), shared)),
                name,
                channel,
                socket: RefCell::default(),
                held: RefCell::default(),
                asked: Cell::default(),
                timer: RefCell::default(),
                armed: Cell::default(),
                owner_at: Cell::default(),
                _wake: Wake::new(move |event| {
                    if let Some(connection) = waking.upgrade() {
                        connection.page_event(event);
                    }
                }),
                this: Weak::clone(this),
            }
        })
    }

    /// Stands in line for the lock. To be called once the owner can be spoken to.
    pub(crate) fn begin(&self) {
        let effects = self.shared.borrow().begin();
        self.carry_out(effects);
        self.input(SharedSocketInput::Seen(!page_lifecycle::is_hidden()));
    }

    /// Connects, in the place of the connection before, which says nothing more.
    pub(crate) fn connect(&self) {
        self.input(SharedSocketInput::Connect);
    }

    /// Ends the connection, which says nothing more.
    pub(crate) fn close(&self) {
        self.input(SharedSocketInput::Close);
    }

    /// Sends a frame, if there is a connection.
    pub(crate) fn send(&self, frame: ClientFrame) {
        self.input(SharedSocketInput::Send(frame));
    }

    /// The user wants to be connected now. The tab that has the socket is told, too.
    pub(crate) fn retry(&self) {
        self.signal(Signal::Retry);
        self.input(SharedSocketInput::Retry);
    }

    /// Leaves the connection to the other tabs, for good.
    pub(crate) fn end(&self) {
        self.input(SharedSocketInput::End);
    }

    /// Whether the socket is in this tab.
    pub(crate) fn leads(&self) -> bool {
        self.shared.borrow().leads()
    }

    /// Signals a tick at `at`, in milliseconds of [`clock::now`].
    pub(crate) fn wake_at(&self, at: Option<u64>) {
        self.owner_at.set(at);
        self.arm();
    }

    fn page_event(&self, event: PageLifecycle) {
        match event {
            PageLifecycle::Seen(visible) => {
                self.signal(Signal::Seen(visible));
                self.input(SharedSocketInput::Seen(visible));
            }
            PageLifecycle::Frozen => self.input(SharedSocketInput::Frozen),
            PageLifecycle::Thawed => self.input(SharedSocketInput::Thawed),
            PageLifecycle::Woken => {
                self.signal(Signal::Woken);
                self.input(SharedSocketInput::Woken);
            }
            PageLifecycle::Network(online) => {
                self.signal(Signal::Network(online));
                if online {
                    self.input(SharedSocketInput::Woken);
                }
            }
            PageLifecycle::Touched => self.signal(Signal::Touched),
            PageLifecycle::Retry => self.retry(),
            PageLifecycle::OtherUser => self.signal(Signal::OtherUser),
        }
    }

    fn input(&self, input: SharedSocketInput) {
        let effects = self.shared.borrow_mut().handle(input, clock::now());
        self.carry_out(effects);
        self.arm();
    }

    fn signal(&self, signal: Signal) {
        if let Some(owner) = self.owner.upgrade() {
            owner.on_signal(signal);
        }
    }

    /// Sets the timer only when it would come too late: each frame moves the time at which a connection counts as
    /// dead, and an early tick does no harm.
    fn arm(&self) {
        let at = [self.owner_at.get(), self.shared.borrow().wake_at()].into_iter().flatten().min();
        let Some(at) = at.filter(|at| self.armed.get().is_none_or(|armed| *at < armed)) else { return };
        self.armed.set(Some(at));
        let wait = u32::try_from(at.saturating_sub(clock::now())).unwrap_or(u32::MAX).min(LONGEST_MS);
        let connection = Weak::clone(&self.this);
        let timer = Timeout::new(wait, move || {
            if let Some(connection) = connection.upgrade() {
                connection.armed.set(None);
                connection.input(SharedSocketInput::Tick);
                connection.signal(Signal::Tick);
            }
        });
        self.timer.replace(Some(timer));
    }
}

impl Drop for TabConnection {
    fn drop(&mut self) {
        let effects = self.shared.borrow_mut().handle(SharedSocketInput::End, clock::now());
        self.carry_out(effects);
    }
}

/// Browsers take a longer wait for none.
const LONGEST_MS: u32 = i32::MAX as u32;
