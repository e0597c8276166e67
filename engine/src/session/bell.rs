//! The bell's side of `/ws/notifications`: the same connection machine, without a cursor.

use super::{Connection, Link, Step};
use crate::wire::{ClientFrame, ServerFrame};

/// What the world tells the bell.
#[derive(Clone, Debug)]
pub enum BellInput {
    /// Time has passed.
    Tick,
    /// A frame came on the socket; `None` when this build cannot read it.
    Frame(Option<ServerFrame>),
    /// The socket was closed by the other side, or could not be opened.
    Closed {
        /// The close code; 1006 when there was none.
        code: u16,
    },
    /// The browser came online or went offline, or the page was shown, got the focus, or came back from sleep.
    Woken,
    /// The user wants to be connected now.
    Retry,
}

/// What the bell wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BellEffect {
    /// Open the socket.
    Connect,
    /// Drop the socket. Nothing that it still says may be passed in.
    Close,
    /// Send a frame on the socket.
    Send(ClientFrame),
}

/// One user's bell. Times are in milliseconds of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Bell {
    connection: Connection,
    unread: u64,
}

impl Bell {
    /// A bell that connects at its first [`BellInput::Tick`].
    pub fn new(now: u64) -> Self {
        Self { connection: Connection::new(now), unread: 0 }
    }

    /// How the connection stands.
    pub fn link(&self) -> Link {
        self.connection.link()
    }

    /// How many notifications are unread, as the server last said.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// The frame that brings the bell of another tab to where this one is; `None` before it is live.
    pub fn greeting(&self) -> Option<String> {
        let text = format!(r#"{{"type":"unread_sync","notifications":[],"unread":{}}}"#, self.unread);
        (self.link() == Link::Live).then_some(text)
    }

    /// When the next [`BellInput::Tick`] is due.
    pub fn wake_at(&self) -> Option<u64> {
        self.connection.wake_at()
    }

    /// Takes in what happened, and says what to do.
    pub fn handle(&mut self, input: BellInput, now: u64, random: u64) -> Vec<BellEffect> {
        let mut effects = Vec::new();
        let step = match input {
            BellInput::Tick => self.connection.tick(now, random),
            BellInput::Woken => self.connection.woken(now, random),
            BellInput::Retry => self.connection.retry(now),
            BellInput::Closed { code } => {
                self.connection.closed(code, None, now, random);
                Step::Rest
            }
            BellInput::Frame(frame) if self.connection.has_socket() => self.frame(frame, now, random, &mut effects),
            BellInput::Frame(_) => Step::Rest,
        };
        for step in [step, self.connection.tick(now, random)] {
            match step {
                Step::Rest => {}
                Step::Connect => effects.push(BellEffect::Connect),
                Step::Close => effects.push(BellEffect::Close),
                Step::Ping => effects.push(BellEffect::Send(ClientFrame::Ping)),
            }
        }
        effects
    }

    fn frame(&mut self, frame: Option<ServerFrame>, now: u64, random: u64, effects: &mut Vec<BellEffect>) -> Step {
        self.connection.heard(now);
        match frame {
            Some(ServerFrame::UnreadSync { unread, .. }) => {
                self.unread = unread;
                self.connection.caught_up(now);
            }
            Some(ServerFrame::Ping) => effects.push(BellEffect::Send(ClientFrame::Pong)),
            Some(ServerFrame::Bye { code, retry_ms, .. }) => {
                self.connection.closed(code, Some(retry_ms), now, random);
                return Step::Close;
            }
            _ => {}
        }
        Step::Rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::close;

    const CONNECT: [BellEffect; 1] = [BellEffect::Connect];

    #[test]
    fn it_connects_authenticates_and_heals() {
        let mut bell = Bell::new(0);
        assert_eq!(bell.handle(BellInput::Tick, 0, 0), CONNECT);
        let sync = ServerFrame::UnreadSync { notifications: Vec::new(), unread: 7 };
        assert!(bell.handle(BellInput::Frame(Some(sync.clone())), 5, 0).is_empty());
        assert_eq!((bell.link(), bell.unread()), (Link::Live, 7));
        let pong = [BellEffect::Send(ClientFrame::Pong)];
        assert_eq!(bell.handle(BellInput::Frame(Some(ServerFrame::Ping)), 6, 0), pong);

        assert!(bell.handle(BellInput::Closed { code: 1006 }, 20, 300).is_empty());
        assert_eq!((bell.link(), bell.unread()), (Link::Reconnecting { attempt: 1 }, 7));
        assert_eq!(bell.handle(BellInput::Tick, bell.wake_at().unwrap(), 0), CONNECT);
        assert!(bell.handle(BellInput::Frame(Some(sync)), 400, 0).is_empty());
        assert_eq!(bell.link(), Link::Live);

        let bye = ServerFrame::Bye { code: close::SIGN_IN, reason: String::new(), retry_ms: 0 };
        assert_eq!(bell.handle(BellInput::Frame(Some(bye)), 500, 0), [BellEffect::Close]);
        assert_eq!((bell.link(), bell.wake_at()), (Link::SignedOut, None));
    }
}
