//! A board as the owner of its end of the connection.

use engine::{session::SessionInput, wire::ServerFrame};

use super::Driver;
use crate::tab_connection::{Owner, Signal};

impl Owner for Driver {
    fn on_signal(&self, signal: Signal) {
        self.handle(match signal {
            Signal::Tick => SessionInput::Tick,
            Signal::Woken => SessionInput::Woken,
            Signal::Network(online) => SessionInput::Network(online),
            Signal::UserActive => SessionInput::UserActive,
            Signal::Retry => SessionInput::Retry,
            Signal::OtherUser => SessionInput::OtherUser,
            Signal::Visible(visible) => SessionInput::Visible(visible),
            Signal::Frame(text) => ServerFrame::parse(&text).map_or(SessionInput::Unreadable, SessionInput::Frame),
            Signal::Closed(code) => SessionInput::Closed { code },
            Signal::Tab(tab) => return self.store.watch(tab),
        });
    }

    fn address(&self) -> String {
        format!("/ws/projects/{}?{}", self.project, self.session.borrow().position())
    }

    fn greeting(&self) -> Option<String> {
        self.session.borrow().greeting()
    }
}
