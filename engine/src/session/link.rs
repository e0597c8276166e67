//! How a connection stands, in the words of the indicator.

use crate::ApiError;

/// How the connection stands, as the indicator shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Link {
    /// The first connect of this page is under way.
    #[default]
    Connecting,
    /// Connected, and caught up with the log.
    Live,
    /// The connection broke; attempt `attempt` of five is waiting or under way.
    Reconnecting {
        /// 1 to 5.
        attempt: u8,
    },
    /// Sockets are blocked, and requests are answered: the page asks every few seconds. Still probing.
    Polling,
    /// Five attempts failed. Still probing.
    Offline,
    /// Refused for good: sign in again.
    SignedOut,
    /// Refused for good: no access to this project.
    NoAccess,
    /// Refused for good: this page is older than the server.
    Outdated,
    /// Refused until its user signs in again: this browser is signed in as another one.
    OtherUser,
}

impl Link {
    /// Whether there will be no further attempt.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::SignedOut | Self::NoAccess | Self::Outdated | Self::OtherUser)
    }

    /// How the connection ends with a request that is refused with this: the session is over, or another user's.
    pub(super) fn of_refusal(error: &ApiError) -> Option<Self> {
        match error.status {
            401 => Some(Self::SignedOut),
            409 if error.code == "other_user" => Some(Self::OtherUser),
            _ => None,
        }
    }

    /// Whether what the page shows is kept current, by a socket or by requests.
    pub const fn is_current(self) -> bool {
        matches!(self, Self::Live | Self::Polling)
    }
}
