//! What goes into a line and what comes out.

use super::{TabEnvelope, TabMessage};
use crate::{TabId, wire::ClientFrame};

/// What happens to a line.
#[derive(Clone, Debug)]
pub enum SharedSocketInput {
    /// The session wants a socket.
    Connect,
    /// The session is done with it.
    Close,
    /// The session has something to say on it.
    Send(ClientFrame),
    /// The user has come back.
    Woken,
    /// The user wants to be connected now.
    Retry,
    /// The own socket said something.
    Frame(String),
    /// The own socket was closed.
    Closed(u16),
    /// Another tab said something.
    Message(TabEnvelope),
    /// This tab has the lock.
    Granted,
    /// Another tab has taken the lock.
    LockStolen,
    /// The tab was shown or hidden.
    Seen(bool),
    /// The session is refused for good, or its page is left: this tab shares nothing any more.
    End,
    /// The browser stops the tab until it is shown again.
    Frozen,
    /// It goes on.
    Thawed,
    /// A tab is gone, by the word of the browser.
    Ended(TabId),
    /// Time has passed.
    Tick,
}

/// What a line wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedSocketEffect {
    /// Ask for the lock.
    Ask {
        /// Whoever has it.
        steal: bool,
    },
    /// Give the lock back, or take the question for it back.
    Release,
    /// Open a socket at the session's cursor, in the place of the one before it.
    Open,
    /// Close the socket. Nothing that it still says may be passed in.
    Shut,
    /// Send this on the socket.
    Write(ClientFrame),
    /// Say this to another tab, or to all.
    Post(Option<TabId>, TabMessage),
    /// Tell a tab what its session has to know to be live, as a frame; or [`TabMessage::Opening`], if this one does not know.
    Greet(TabId),
    /// Say when that tab ends: [`SharedSocketInput::Ended`].
    Watch(TabId),
    /// The session's socket says this.
    Frame(String),
    /// The session's socket was closed.
    Closed(u16),
    /// The session should look at its connection.
    Woken,
    /// The user of another tab wants to be connected now.
    Retry,
}
