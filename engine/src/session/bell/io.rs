//! Inputs and effects of a bell.

use serde_json::json;

use crate::{
    ApiError, Method, NotificationId, Request, TaskId,
    notification::NotificationPage,
    wire::{ClientFrame, ServerFrame},
};

/// Inputs of a bell.
#[derive(Clone, Debug)]
pub enum BellInput {
    /// Time has passed.
    Tick,
    /// A frame arrived on the socket; `None` if this build cannot read it.
    Frame(Option<ServerFrame>),
    /// The socket was closed by the other side, or could not be opened.
    Closed {
        /// The close code; 1006 when there was none.
        code: u16,
    },
    /// Another tab reports that this browser is signed in as another user.
    OtherUser,
    /// The browser came online or went offline, or the page was shown, got the focus, or came back from sleep.
    Woken,
    /// The page was shown or hidden.
    Visible(bool),
    /// The user wants to be connected now.
    Retry,
    /// The browser reports whether there is a network.
    Network(bool),
    /// The user was active on the page.
    UserActive,
    /// The user wants to see older notifications.
    More {
        /// Only unread ones.
        unread: bool,
        /// Where the visible list ends ([`Bell::floor`](super::Bell::floor)). A bell that has loaded more by then shows
        /// that first.
        below: Option<NotificationId>,
    },
    /// A [`BellEffect::FetchPage`] or [`BellEffect::Poll`] was answered, or failed ([`ApiError::network`]).
    Page {
        /// As it was asked for.
        unread: bool,
        /// As it was asked for.
        before: Option<NotificationId>,
        /// The answer.
        result: Result<NotificationPage, ApiError>,
    },
    /// The user has read a notification.
    Read(NotificationId),
    /// The task that the user views from now on, or none. Its notifications are marked as read and not announced.
    Looks(Option<TaskId>),
    /// The user has marked all present notifications as read.
    ReadAll,
    /// Whether the page shows oversight figures, and so wants to know when they may have changed.
    Oversee(bool),
    /// The pending [`BellEffect::Mark`] was answered, or failed.
    Marked(Result<(), ApiError>),
}

/// Effects of a bell. Each `FetchPage`, `Poll` and `Mark` is answered by exactly one input, even if it fails; one
/// `Mark` is in flight at a time.
#[derive(Clone, Debug, PartialEq)]
pub enum BellEffect {
    /// Open the socket. It replaces one that hangs, from which nothing more may be passed in.
    Connect,
    /// Drop the socket. Nothing that it still delivers may be passed in.
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
    /// Fetch the newest page in place of a socket. A failure is not reported to the user.
    Poll,
    /// Tell the server what was read.
    Mark(ReadMarks),
    /// Tell the user that the server refused a mark. The notifications show as unread again.
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
    /// The request that sends the marks.
    pub fn request(&self) -> Request {
        Request::new(Method::Post, "/api/notifications/read").json(match self {
            Self::Ids(ids) => json!({ "ids": ids }),
            Self::UpTo(newest) => json!({ "up_to": newest }),
        })
    }

    /// Whether it covers a notification.
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
