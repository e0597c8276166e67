//! Who opens a socket.

use std::net::IpAddr;

use engine::UserId;

use crate::realtime::token::TokenUser;

/// Who opened a socket, and whom their page shows.
pub(crate) struct Asker {
    pub(crate) who: Who,
    /// Scripts need not say.
    pub(crate) named: Option<UserId>,
    /// What their sockets are counted against.
    pub(crate) address: IpAddr,
}

/// Who opened a socket.
pub(crate) enum Who {
    Known(TokenUser),
    /// What they showed is not good (any more).
    Nobody,
    /// They have shown nothing yet.
    Unsaid,
    /// The database does not answer.
    Unclear,
}
