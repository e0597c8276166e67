//! What goes into a session and what comes out: all of its contact with the world, as values.

use serde::Deserialize;

use crate::{
    ApiError, Comment, CommentId, Op, OpId, Request, Snapshot, TaskId, comment,
    wire::{ClientFrame, EventPage, LogPosition, PresenceMode, ServerFrame},
};

/// What the world tells a session.
#[derive(Clone, Debug)]
pub enum SessionInput {
    /// Time has passed: [`wake_at`](super::Session::wake_at) was reached, or may have been.
    Tick,
    /// The user wants something.
    Submit {
        /// Made at the gesture, and never again for the same one.
        op_id: OpId,
        /// What.
        op: Op,
    },
    /// The user wants an op of [`Session::unmade`](super::Session::unmade) once more.
    Again {
        /// Which.
        op_id: OpId,
        /// The id of the new op.
        fresh: OpId,
    },
    /// The user has decided about an op of [`Session::unmade`](super::Session::unmade): it is not shown any more.
    Discard {
        /// Which.
        op_id: OpId,
    },
    /// The user has decided about what this build cannot read of the stored ops: it is dropped.
    DiscardUnreadable,
    /// A snapshot that an earlier page has stored was found.
    Stored {
        /// The snapshot.
        snapshot: Box<Snapshot>,
        /// When it was known to be current, in milliseconds.
        at: u64,
    },
    /// An [`SessionEffect::Submit`] was answered, or was not ([`ApiError::network`]).
    Answered {
        /// Which.
        op_id: OpId,
        /// With what.
        result: Result<Receipt, ApiError>,
    },
    /// A frame came on the socket.
    Frame(ServerFrame),
    /// A frame came that this build cannot read.
    Unreadable,
    /// The socket was closed by the other side, or could not be opened.
    Closed {
        /// The close code; 1006 when there was none.
        code: u16,
    },
    /// This browser is signed in as another user, as another tab says.
    OtherUser,
    /// An [`SessionEffect::FetchEvents`] was answered.
    Events(Result<EventPage, ApiError>),
    /// An [`SessionEffect::FetchSnapshot`] was answered.
    Snapshot(Result<Box<Snapshot>, ApiError>),
    /// The page was shown, got the focus, or came back from sleep.
    Woken,
    /// The browser says whether there is a network.
    Network(bool),
    /// The user does something on the page.
    Touched,
    /// The server's clock was compared with the one that this session is told.
    Clock {
        /// How far the server's is ahead, in milliseconds.
        ahead: i64,
    },
    /// The page was shown or hidden.
    Seen(bool),
    /// The user wants to be connected now.
    Retry,
    /// What the user is doing, for the others to see.
    Presence {
        /// At which task.
        task_id: Option<TaskId>,
        /// What.
        mode: PresenceMode,
    },
    /// Something happened to the thread of the task whose page is open.
    Thread(ThreadInput),
}

/// What happens to a thread.
#[derive(Clone, Debug)]
pub enum ThreadInput {
    /// The page of a task was opened. The thread that was open before is closed.
    Open(TaskId),
    /// It was closed.
    Close,
    /// Its reader wants older comments.
    Older,
    /// Its reader wants to see a comment, however old.
    Show(CommentId),
    /// Its reader wants more of what lies between that and the newest comments.
    Between,
    /// Its reader watches the task now, or no longer: the server has said so.
    Watching(bool),
    /// An [`SessionEffect::FetchThread`] was answered, or was not ([`ApiError::network`]).
    Page {
        /// Of which task.
        task: TaskId,
        /// Before which comment.
        before: Option<CommentId>,
        /// With what.
        result: Result<comment::Thread, ApiError>,
    },
    /// An [`SessionEffect::FetchAround`] was answered, or was not ([`ApiError::network`]).
    Around {
        /// Of which task.
        task: TaskId,
        /// Around which comment.
        comment: CommentId,
        /// With what.
        result: Result<comment::Thread, ApiError>,
    },
}

/// What a session wants done. Each `Submit`, `FetchEvents`, `FetchSnapshot`, `FetchThread` and
/// `FetchAround` has to be answered by exactly one input, whatever becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionEffect {
    /// Open the project's socket, with what there is. It takes the place of one that hangs: nothing that the one before
    /// still says may be passed in.
    Connect(LogPosition),
    /// Drop the socket. Nothing that it still says may be passed in.
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
    /// Fetch the events after this place.
    FetchEvents(LogPosition),
    /// Fetch the whole board.
    FetchSnapshot,
    /// Fetch a page of a task's thread.
    FetchThread {
        /// Of which task.
        task: TaskId,
        /// Before which comment; without one, the newest.
        before: Option<CommentId>,
    },
    /// Fetch the part of a task's thread around a comment.
    FetchAround {
        /// Of which task.
        task: TaskId,
        /// Which comment.
        comment: CommentId,
    },
    /// Tell the user that the server refused, unless they are told anyway by
    /// [`Session::unmade`](super::Session::unmade). The view is already without it.
    Refused {
        /// What they wanted.
        op: Op,
        /// Why not.
        error: ApiError,
    },
}

/// What every answer to an op says: the place in the log at which the op is done. That of an op on a comment has the
/// comment with it, whose text is in no log.
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
