//! Inputs and effects of a session: all of its contact with the outside, as values.

use serde::Deserialize;

use crate::{
    ApiError, Comment, CommentId, Op, OpId, Request, Snapshot, TaskId, comment,
    wire::{ClientFrame, EventPage, LogPosition, PresenceMode, ServerFrame},
};

/// Inputs of a session.
#[derive(Clone, Debug)]
pub enum SessionInput {
    /// Time has passed: [`wake_at`](super::Session::wake_at) may have been reached.
    Tick,
    /// The user makes a change.
    Submit {
        /// Its id: created at the gesture, once.
        op_id: OpId,
        /// The op.
        op: Op,
    },
    /// The user retries a rejected op ([`Session::rejected`](super::Session::rejected)).
    Resubmit {
        /// The id of the op.
        op_id: OpId,
        /// The id of the new op.
        fresh: OpId,
    },
    /// The user dismisses a rejected op.
    Discard {
        /// The id of the op.
        op_id: OpId,
    },
    /// The user dismisses the stored ops that this build cannot read.
    DiscardUnreadable,
    /// A snapshot stored by an earlier page was found.
    Stored {
        /// The snapshot.
        snapshot: Box<Snapshot>,
        /// When it was current, in milliseconds.
        at: u64,
    },
    /// A [`SessionEffect::Submit`] was answered, or failed ([`ApiError::network`]).
    Answered {
        /// The id of the op.
        op_id: OpId,
        /// The answer.
        result: Result<Receipt, ApiError>,
    },
    /// A frame arrived on the socket.
    Frame(ServerFrame),
    /// A frame arrived that this build cannot read.
    Unreadable,
    /// The socket was closed by the other side, or could not be opened.
    Closed {
        /// The close code; 1006 when there was none.
        code: u16,
    },
    /// Another tab reports that this browser is signed in as another user.
    OtherUser,
    /// A [`SessionEffect::FetchEvents`] was answered, or failed.
    Events(Result<EventPage, ApiError>),
    /// A [`SessionEffect::FetchSnapshot`] was answered, or failed.
    Snapshot(Result<Box<Snapshot>, ApiError>),
    /// The page was shown, got the focus, or came back from sleep.
    Woken,
    /// The browser reports whether there is a network.
    Network(bool),
    /// The user was active on the page.
    UserActive,
    /// The server's clock was compared with this session's.
    Clock {
        /// How far the server's clock is ahead, in milliseconds.
        ahead: i64,
    },
    /// The page was shown or hidden.
    Visible(bool),
    /// The user wants to be connected now.
    Retry,
    /// The user's presence, for the others on the board.
    Presence {
        /// The task, if any.
        task_id: Option<TaskId>,
        /// The kind of activity.
        mode: PresenceMode,
    },
    /// An input for the open comment thread.
    Thread(ThreadInput),
}

/// Inputs of the open thread.
#[derive(Clone, Debug)]
pub enum ThreadInput {
    /// The page of a task was opened. The thread that was open before is closed.
    Open(TaskId),
    /// It was closed.
    Close,
    /// The reader wants older comments.
    Older,
    /// The reader wants to see a comment, however old.
    Show(CommentId),
    /// The reader wants more comments between that one and the newest.
    Between,
    /// Whether the reader watches the task, as the server has confirmed.
    Watching(bool),
    /// A [`SessionEffect::FetchThread`] was answered, or failed ([`ApiError::network`]).
    Page {
        /// The task.
        task: TaskId,
        /// The comment before which the page ends; `None` for the newest page.
        before: Option<CommentId>,
        /// The answer.
        result: Result<comment::Thread, ApiError>,
    },
    /// A [`SessionEffect::FetchAround`] was answered, or failed ([`ApiError::network`]).
    Around {
        /// The task.
        task: TaskId,
        /// The comment in the middle of the page.
        comment: CommentId,
        /// The answer.
        result: Result<comment::Thread, ApiError>,
    },
}

/// Effects of a session. Each `Submit`, `FetchEvents`, `FetchSnapshot`, `FetchThread` and `FetchAround` is answered by
/// exactly one input, even if it fails.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEffect {
    /// Open the project's socket at this position. It replaces one that hangs, from which nothing more may be passed
    /// in.
    Connect(LogPosition),
    /// Drop the socket. Nothing that it still delivers may be passed in.
    Close,
    /// Send a frame on the socket.
    Send(ClientFrame),
    /// Send an op, with its id as the `Idempotency-Key`.
    Submit {
        /// Its id.
        op_id: OpId,
        /// The request.
        request: Request,
    },
    /// Fetch the events after this position.
    FetchEvents(LogPosition),
    /// Fetch the whole board.
    FetchSnapshot,
    /// Fetch a page of a task's thread.
    FetchThread {
        /// The task.
        task: TaskId,
        /// Before which comment; without one, the newest.
        before: Option<CommentId>,
    },
    /// Fetch the part of a task's thread around a comment.
    FetchAround {
        /// The task.
        task: TaskId,
        /// The comment.
        comment: CommentId,
    },
    /// Tell the user that an op was refused, unless [`Session::rejected`](super::Session::rejected) shows it anyway.
    /// The view no longer contains it.
    Refused {
        /// The op.
        op: Op,
        /// Why not.
        error: ApiError,
    },
}

/// The answer to an op: the place in the log at which it is done. For an op on a comment it includes the comment, whose
/// text is not in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    /// The seq of its last event.
    pub seq: u64,
    /// The comment after the op.
    #[serde(default)]
    pub comment: Option<Box<Comment>>,
    /// Whether the writer of the comment watches its task now.
    #[serde(default)]
    pub watching: Option<bool>,
}
