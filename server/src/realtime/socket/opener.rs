//! The opener of a socket.

use std::net::IpAddr;

use engine::UserId;

use crate::realtime::token::TokenUser;

/// The opener of a socket, and the user whom their page shows.
pub(crate) struct SocketOpener {
    pub(crate) identity: OpenerIdentity,
    /// `None` for scripts, which need not name one.
    pub(crate) page_user: Option<UserId>,
    /// The address that the socket counts against.
    pub(crate) address: IpAddr,
}

/// The identity of a socket's opener.
pub(crate) enum OpenerIdentity {
    Known(TokenUser),
    /// Their credentials are invalid or expired.
    Invalid,
    /// They have shown no credentials yet.
    Pending,
    /// The database does not answer.
    Unavailable,
}
