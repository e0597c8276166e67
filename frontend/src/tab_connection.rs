//! One tab's end of a connection that a browser's tabs share, with a timer.

mod effects;

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
    page_lifecycle::{self, LifecycleListener, PageLifecycle},
    socket::Socket,
    tab,
};

/// What a connection reports to its owner.
pub(crate) enum Signal {
    /// The requested time has come.
    Tick,
    /// The owner should check its connection.
    Woken,
    /// The browser reports whether there is a network.
    Network(bool),
    /// The user was active on the page.
    UserActive,
    /// The user wants to be connected now.
    Retry,
    /// The browser is signed in as another user.
    OtherUser,
    /// The page was shown or hidden.
    Visible(bool),
    /// A frame arrived.
    Frame(String),
    /// The socket was closed with this code.
    Closed(u16),
    /// Another tab exists, or existed.
    Tab(TabId),
}

/// The owner of a connection.
pub(crate) trait Owner {
    /// Handles a signal.
    fn on_signal(&self, signal: Signal);
    /// The address of a socket that starts at the session's position.
    fn address(&self) -> String;
    /// The frame that brings another tab's session up to date; `None` if this one cannot.
    fn greeting(&self) -> Option<String>;
}

/// One end of a shared connection, with one timer and the page's lifecycle events. Dropping it ends them all.
pub(crate) struct TabConnection {
    owner: Weak<dyn Owner>,
    shared: RefCell<SharedSocket>,
    name: String,
    channel: Option<Channel>,
    socket: RefCell<Option<Socket>>,
    held: RefCell<Option<Held>>,
    /// Counts the lock requests: a lock granted to any but the last is released.
    asked: Cell<u32>,
    timer: RefCell<Option<Timeout>>,
    /// When the timer fires.
    armed: Cell<Option<u64>>,
    /// When the owner wants a tick.
    owner_at: Cell<Option<u64>>,
    _lifecycle: LifecycleListener,
    this: Weak<TabConnection>,
}

impl TabConnection {
    /// Creates an end of the connection `name`, which is the same in all tabs that share it.
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
            let shared = channel.is_some() && lock::available();
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
                _lifecycle: LifecycleListener::new(move |event| {
                    if let Some(connection) = waking.upgrade() {
                        connection.page_event(event);
                    }
                }),
                this: Weak::clone(this),
            }
        })
    }

    /// Requests the lock. Called once the owner can receive signals.
    pub(crate) fn begin(&self) {
        let effects = self.shared.borrow().begin();
        self.carry_out(effects);
        self.input(SharedSocketInput::Visible(!page_lifecycle::is_hidden()));
    }

    /// Connects. Replaces the previous connection, which delivers nothing more.
    pub(crate) fn connect(&self) {
        self.input(SharedSocketInput::Connect);
    }

    /// Closes the connection, which delivers nothing more.
    pub(crate) fn close(&self) {
        self.input(SharedSocketInput::Close);
    }

    /// Sends a frame, if there is a connection.
    pub(crate) fn send(&self, frame: ClientFrame) {
        self.input(SharedSocketInput::Send(frame));
    }

    /// Reconnects now. The tab with the socket is told, too.
    pub(crate) fn retry(&self) {
        self.signal(Signal::Retry);
        self.input(SharedSocketInput::Retry);
    }

    /// Leaves the connection to the other tabs for good.
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
            PageLifecycle::Visible(visible) => {
                self.signal(Signal::Visible(visible));
                self.input(SharedSocketInput::Visible(visible));
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
            PageLifecycle::UserActive => self.signal(Signal::UserActive),
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

    /// Sets the timer only if it would fire too late: each frame moves the time at which a connection counts as dead,
    /// and an early tick does no harm.
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

/// Browsers fire timers with a longer wait at once.
const LONGEST_MS: u32 = i32::MAX as u32;
