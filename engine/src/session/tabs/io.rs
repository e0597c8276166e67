//! Inputs and effects of a shared socket.

use super::{TabEnvelope, TabMessage};
use crate::{TabId, wire::ClientFrame};

/// Inputs of a shared socket.
#[derive(Clone, Debug)]
pub enum SharedSocketInput {
    /// The session wants a socket.
    Connect,
    /// The session closes it.
    Close,
    /// The session sends a frame.
    Send(ClientFrame),
    /// The user has returned to the tab.
    Woken,
    /// The user wants to be connected now.
    Retry,
    /// This tab's socket delivered a frame.
    Frame(String),
    /// This tab's socket was closed, with this code.
    Closed(u16),
    /// Another tab sent a message.
    Message(TabEnvelope),
    /// This tab was granted the lock.
    Granted,
    /// Another tab has stolen the lock.
    LockStolen,
    /// The tab was shown or hidden.
    Visible(bool),
    /// The session was refused for good, or its page is left: this tab stops sharing.
    End,
    /// The browser freezes the tab.
    Frozen,
    /// The tab was thawed.
    Thawed,
    /// A watched tab is gone.
    Ended(TabId),
    /// Time has passed.
    Tick,
}

/// Effects of a shared socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SharedSocketEffect {
    /// Ask for the lock.
    Ask {
        /// Even if another tab has it.
        steal: bool,
    },
    /// Give the lock back, or withdraw the request for it.
    Release,
    /// Open a socket at the session's cursor, replacing any previous one.
    Open,
    /// Close the socket. Nothing that it still delivers may be passed in.
    Shut,
    /// Send this frame on the socket.
    Write(ClientFrame),
    /// Send this message to one tab, or to all.
    Post(Option<TabId>, TabMessage),
    /// Send a tab the frame that makes its session live, or [`TabMessage::Opening`] if this one cannot.
    Greet(TabId),
    /// Report when that tab ends: [`SharedSocketInput::Ended`].
    Watch(TabId),
    /// Pass this frame to the session.
    Frame(String),
    /// Tell the session that its socket was closed.
    Closed(u16),
    /// Tell the session to check its connection.
    Woken,
    /// The user of another tab wants to be connected now.
    Retry,
}
