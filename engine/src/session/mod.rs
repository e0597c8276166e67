//! A client's side of one project: what is confirmed, what is pending, how the connection stands.

use crate::{TaskId, UserId};

/// What changed in the view since the page last asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Everything: a new snapshot came.
    pub all: bool,
    /// Tasks to look at again: their fields, their place, or whether they are pending.
    pub tasks: Vec<TaskId>,
    /// Tasks that somebody else changed, and who.
    pub remote: Vec<(TaskId, UserId)>,
    /// Whether columns themselves changed.
    pub statuses: bool,
    /// Whether members changed.
    pub members: bool,
    /// Whether the project's own fields changed.
    pub project: bool,
}

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
