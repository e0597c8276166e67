//! What a live connection needs of the browser, as one stream of signals.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use engine::wire::ClientFrame;
use gloo_timers::callback::Timeout;

use crate::{
    clock,
    socket::{Said, Socket},
    wake::Wake,
};

/// What the browser says.
pub(crate) enum Signal {
    /// The time that was asked for has come.
    Tick,
    /// The page should look at its connection.
    Woken,
    /// A frame came.
    Frame(String),
    /// The socket was closed with this code.
    Closed(u16),
}

/// One socket at a time, one timer, and wake-ups. Dropping it ends them all.
pub(crate) struct Port {
    heard: Rc<dyn Fn(Signal)>,
    socket: RefCell<Option<Socket>>,
    timer: RefCell<Option<Timeout>>,
    /// When the timer fires.
    armed: Rc<Cell<Option<u64>>>,
    _wake: Wake,
}

impl Port {
    /// A port without a socket, whose signals go to `heard`.
    pub(crate) fn new(heard: impl Fn(Signal) + 'static) -> Self {
        let heard: Rc<dyn Fn(Signal)> = Rc::new(heard);
        let woken = Rc::clone(&heard);
        Self {
            heard,
            socket: RefCell::default(),
            timer: RefCell::default(),
            armed: Rc::default(),
            _wake: Wake::new(Rc::new(move || woken(Signal::Woken))),
        }
    }

    /// Opens a socket in the place of the one before it, which says nothing more.
    pub(crate) fn connect(&self, path: &str) {
        let heard = Rc::clone(&self.heard);
        let socket = Socket::open(path, move |said| {
            heard(match said {
                Said::Frame(text) => Signal::Frame(text),
                Said::Closed(code) => Signal::Closed(code),
            });
        });
        self.socket.replace(Some(socket));
    }

    /// Closes the socket, which says nothing more.
    pub(crate) fn close(&self) {
        self.socket.replace(None);
    }

    /// Sends a frame, if there is a socket.
    pub(crate) fn send(&self, frame: &ClientFrame) {
        if let (Some(socket), Ok(text)) = (&*self.socket.borrow(), serde_json::to_string(frame)) {
            socket.send(text);
        }
    }

    /// Signals a tick at `at`, in milliseconds of [`clock::now`]. The timer is set only when it would come too
    /// late: each frame moves the time at which the socket counts as dead, and an early tick does no harm.
    pub(crate) fn wake_at(&self, at: Option<u64>) {
        let Some(at) = at.filter(|at| self.armed.get().is_none_or(|armed| *at < armed)) else { return };
        self.armed.set(Some(at));
        let (heard, armed) = (Rc::clone(&self.heard), Rc::clone(&self.armed));
        let wait = u32::try_from(at.saturating_sub(clock::now())).unwrap_or(u32::MAX).min(LONGEST_MS);
        let timer = Timeout::new(wait, move || {
            armed.set(None);
            heard(Signal::Tick);
        });
        self.timer.replace(Some(timer));
    }
}

/// Browsers take a longer wait for none.
const LONGEST_MS: u32 = i32::MAX as u32;
