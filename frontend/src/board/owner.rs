//! What a board's end of the connection hears, and asks it for.

use engine::{session::Input, wire::ServerFrame};

use super::Driver;
use crate::port::{Owner, Signal};

impl Owner for Driver {
    fn heard(&self, signal: Signal) {
        self.handle(match signal {
            Signal::Tick => Input::Tick,
            Signal::Woken => Input::Woken,
            Signal::Network(online) => Input::Network(online),
            Signal::Touched => Input::Touched,
            Signal::Retry => Input::Retry,
            Signal::OtherUser => Input::OtherUser,
            Signal::Seen(visible) => Input::Seen(visible),
            Signal::Frame(text) => ServerFrame::parse(&text).map_or(Input::Unreadable, Input::Frame),
            Signal::Closed(code) => Input::Closed { code },
            Signal::Tab(tab) => return self.shelf.watch(tab),
        });
    }

    fn address(&self) -> String {
        format!("/ws/projects/{}?{}", self.project, self.session.borrow().position())
    }

    fn greeting(&self) -> Option<String> {
        self.session.borrow().greeting()
    }
}
