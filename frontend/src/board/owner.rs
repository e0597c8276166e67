//! What a board's end of the connection hears, and asks it for.

use engine::{session::Input, wire::ServerFrame};

use super::Driver;
use crate::port::{Owner, Signal};

impl Owner for Driver {
    fn heard(&self, signal: Signal) {
        self.handle(match signal {
            Signal::Tick => Input::Tick,
            Signal::Woken => Input::Woken,
            Signal::Seen(visible) => Input::Seen(visible),
            Signal::Frame(text) => ServerFrame::parse(&text).map_or(Input::Unreadable, Input::Frame),
            Signal::Closed(code) => Input::Closed { code },
            Signal::Tab(tab) => return self.shelf.watch(tab),
        });
    }

    fn address(&self) -> String {
        let session = self.session.borrow();
        let (epoch, since) = (session.confirmed().epoch(), session.confirmed().seq());
        format!("/ws/projects/{}?epoch={epoch}&since={since}", self.project)
    }

    fn greeting(&self) -> Option<String> {
        self.session.borrow().greeting()
    }
}
