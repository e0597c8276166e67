//! The connection state that the indicator shows.

use crate::ApiError;

/// State of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Link {
    /// The page's first connection attempt is under way.
    #[default]
    Connecting,
    /// Connected, and caught up with the log.
    Live,
    /// The connection broke; this attempt is waiting or under way.
    Reconnecting {
        /// 1 to 5.
        attempt: u8,
    },
    /// Sockets are blocked but requests are answered: the session polls, and keeps probing.
    Polling,
    /// Five attempts failed. The session keeps probing.
    Offline,
    /// Refused for good: sign in again.
    SignedOut,
    /// Refused for good: no access to this project.
    NoAccess,
    /// Refused for good: this page is older than the server.
    Outdated,
    /// This browser is signed in as another user. Ends when the page's own user signs in again.
    OtherUser,
}

impl Link {
    /// Whether the connection has ended for good.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::SignedOut | Self::NoAccess | Self::Outdated | Self::OtherUser)
    }

    /// The final state that a refused request implies: signed out, or another user's session.
    pub(super) fn of_refusal(error: &ApiError) -> Option<Self> {
        match error.status {
            401 => Some(Self::SignedOut),
            409 if error.code == "other_user" => Some(Self::OtherUser),
            _ => None,
        }
    }

    /// Whether the page's data is kept current, by a socket or by polling.
    pub const fn is_current(self) -> bool {
        matches!(self, Self::Live | Self::Polling)
    }
}
