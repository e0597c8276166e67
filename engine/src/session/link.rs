//! How a connection stands, in the words of the indicator.

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
    /// Five attempts failed. Still probing.
    Offline,
    /// Refused for good: sign in again.
    SignedOut,
    /// Refused for good: no access to this project.
    NoAccess,
    /// Refused for good: this page is older than the server.
    Outdated,
}

impl Link {
    /// Whether there will be no further attempt.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::SignedOut | Self::NoAccess | Self::Outdated)
    }
}
