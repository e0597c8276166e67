//! What goes into a bell and what comes out.

use serde_json::json;

use crate::{
    ApiError, Method, NotificationId, Request, TaskId,
    notification::NotificationPage,
    wire::{ClientFrame, ServerFrame},
};

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
    /// This browser is signed in as another user, as another tab says.
    OtherUser,
    /// The browser came online or went offline, or the page was shown, got the focus, or came back from sleep.
    Woken,
    /// The page was shown or hidden.
    Seen(bool),
    /// The user wants to be connected now.
    Retry,
    /// The browser says whether there is a network.
    Network(bool),
    /// The user does something on the page.
    Touched,
    /// The user wants to see older notifications.
    More {
        /// Only unread ones.
        unread: bool,
        /// Where the list that they see ends ([`Bell::floor`](super::Bell::floor)). A bell that has more by then shows
        /// that first.
        below: Option<NotificationId>,
    },
    /// A [`BellEffect::FetchPage`] or [`BellEffect::Poll`] was answered, or was not ([`ApiError::network`]).
    Page {
        /// As it was asked for.
        unread: bool,
        /// As it was asked for.
        before: Option<NotificationId>,
        /// With what.
        result: Result<NotificationPage, ApiError>,
    },
    /// The user has read one.
    Read(NotificationId),
    /// The user looks at a task from now on, or at none: what is about it is read, and is no news.
    Looks(Option<TaskId>),
    /// The user has read all that are there now.
    ReadAll,
    /// The page shows figures of oversight from now on, or no longer: whether to say when they may have changed.
    Oversee(bool),
    /// The [`BellEffect::Mark`] that is out was answered, or was not.
    Marked(Result<(), ApiError>),
}

/// What the bell wants done. Each `FetchPage`, `Poll` and `Mark` has to be answered by exactly one input, whatever
/// becomes of it; there is one `Mark` out at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum BellEffect {
    /// Open the socket. It takes the place of one that hangs: nothing that the one before still says may be passed in.
    Connect,
    /// Drop the socket. Nothing that it still says may be passed in.
    Close,
    /// Send a frame on the socket.
    Send(ClientFrame),
    /// Fetch a page of notifications.
    FetchPage {
        /// Only unread ones.
        unread: bool,
        /// Only older ones than this.
        before: Option<NotificationId>,
    },
    /// Fetch the newest page in the place of a socket, and say nothing where it cannot be had.
    Poll,
    /// Tell the server what was read.
    Mark(ReadMarks),
    /// Tell the user that the server refused to take note of what they read. It shows as unread again.
    Refused(ApiError),
}

/// Notifications that were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadMarks {
    /// These.
    Ids(Vec<NotificationId>),
    /// This one and all older ones.
    UpTo(NotificationId),
}

impl ReadMarks {
    /// The request that tells the server.
    pub fn request(&self) -> Request {
        Request::new(Method::Post, "/api/notifications/read").json(match self {
            Self::Ids(ids) => json!({ "ids": ids }),
            Self::UpTo(newest) => json!({ "up_to": newest }),
        })
    }

    /// Whether it is about a notification.
    pub(super) fn covers(&self, id: NotificationId) -> bool {
        match self {
            Self::Ids(ids) => ids.contains(&id),
            Self::UpTo(newest) => id <= *newest,
        }
    }
}

impl BellEffect {
    /// The request of a [`BellEffect::FetchPage`].
    pub fn page(unread: bool, before: Option<NotificationId>) -> Request {
        let unread = if unread { "unread=1" } else { "unread=0" };
        let before = before.map(|before| format!("&before={before}")).unwrap_or_default();
        Request::new(Method::Get, format!("/api/notifications?{unread}{before}"))
    }
}
