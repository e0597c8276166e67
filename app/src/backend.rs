//! The app's only I/O. The server implements it with its services for the first paint, the browser with fetch and
//! sockets.

use std::{future::Future, pin::Pin, sync::Arc};

use engine::{
    Account, AccountSession, ApiError, Board, Colleague, Day, Invitation, InvitationOffer, Notification,
    NotificationId, Op, OpId, Project, ProjectId, Request, Snapshot, TaskDescription, TaskId, Timestamp, User, UserId,
    comment,
    notification::Preferences,
    oversight::{
        Capacity, Flow, Report, Workload,
        query::{FlowQuery, ReportQuery, TasksQuery, WorkloadQuery},
        workload::LoadTasks,
    },
    session::{Bell, Changes, Link, OpenThread, RejectedOp, TaskProgress, ThreadInput},
    wire::Presence,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The future of a response.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send>>;

/// What the sign-in page shows before anyone is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Site {
    /// Whether registration is open.
    pub registration_open: bool,
    /// Whether this server sends e-mail, which resetting a password needs.
    pub email_available: bool,
    /// Demo accounts to sign in as with one click; empty unless demo data is on.
    pub demo: Vec<DemoAccount>,
}

/// An account of the demo data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DemoAccount {
    /// The name that the board shows.
    pub name: String,
    /// The sign-in address.
    pub email: String,
    /// The password, which is public.
    pub password: String,
}

/// Everything that a page asks of the outside.
pub trait Backend: Send + Sync + 'static {
    /// The server's clock, in the browser too, whose own may be wrong. Until it is hydrated, a page uses the time of
    /// its first paint.
    fn now(&self) -> Timestamp;
    /// The reader's date: in the browser's time zone, and on the server in the time zone of their preferences.
    fn today(&self) -> Reply<Day>;
    /// What the sign-in page shows.
    fn site(&self) -> Reply<Site>;
    /// The user the browser is signed in as, who may differ from the user this page shows.
    fn me(&self) -> Reply<Option<User>>;
    /// Switches this page to the user who has just signed in. Requests name that user from then on.
    fn signed_in(&self, user: UserId);
    /// Calls `on_change(true)` when the browser is signed in as a user whom this page does not show, and `on_change(false)` when
    /// that ends. Never on the server.
    fn when_other_user(&self, on_change: Arc<dyn Fn(bool) + Send + Sync>);
    /// The projects of the signed-in user.
    fn projects(&self) -> Reply<Vec<Project>>;
    /// A project's board.
    fn board(&self, project: ProjectId) -> Reply<Snapshot>;
    /// The people who share a project with the signed-in user, that user included.
    fn colleagues(&self) -> Reply<Vec<Colleague>>;
    /// The tasks of a project whose title or description contains a text.
    fn search(&self, project: ProjectId, text: String) -> Reply<Vec<TaskId>>;
    /// The open invitations to a project, for its owners.
    fn invitations(&self, project: ProjectId) -> Reply<Vec<Invitation>>;
    /// The invitation behind a link, whether or not its reader is signed in.
    fn invitation(&self, token: String) -> Reply<InvitationOffer>;
    /// A task's description.
    fn description(&self, task: TaskId) -> Reply<TaskDescription>;
    /// The newest comments on a task, for the first paint. A live board fetches its own.
    fn thread(&self, task: TaskId) -> Reply<comment::Thread>;
    /// The account of the signed-in user.
    fn account(&self) -> Reply<Account>;
    /// The sessions of the signed-in user.
    fn account_sessions(&self) -> Reply<Vec<AccountSession>>;
    /// The notification preferences of the signed-in user.
    fn preferences(&self) -> Reply<Preferences>;
    /// Each member's load by period. `None`: the version `known` is current.
    fn workload(&self, query: WorkloadQuery, known: Option<String>) -> Reply<Option<Workload>>;
    /// The tasks behind a figure of the workload.
    fn load_tasks(&self, query: TasksQuery) -> Reply<LoadTasks>;
    /// The report of a week. `None`: the version `known` is current.
    fn report(&self, query: ReportQuery, known: Option<String>) -> Reply<Option<Report>>;
    /// The flow metrics. `None`: the version `known` is current.
    fn flow(&self, query: FlowQuery, known: Option<String>) -> Reply<Option<Flow>>;
    /// A member's working hours.
    fn capacity(&self, user: UserId) -> Reply<Capacity>;
    /// Copies the text that the server has at `address` to the clipboard. Refused on the server.
    fn copy(&self, address: String) -> Reply<()>;
    /// Copies a text to the clipboard. Refused on the server.
    fn copy_text(&self, text: String) -> Reply<()>;
    /// Sends any other request: a write that is not an op, such as signing in or adding a member. It gets an op id of
    /// its own, and is not retried. Refused on the server.
    fn send(&self, request: Request) -> Reply<Value>;
    /// Sends a request under an op id of the caller, who can send it again.
    fn send_as(&self, op: OpId, request: Request) -> Reply<Value>;
    /// The number of a user's changes that wait in this browser, on all boards. 0 on the server.
    fn unsent(&self, user: UserId) -> Reply<usize>;
    /// Deletes what this browser stores for a user who signs out. Does nothing on the server.
    fn forget(&self, user: UserId) -> Reply<()>;
    /// Keeps a board live for the user `me` until the handle is dropped. On the server the handle does nothing.
    fn open(&self, snapshot: Snapshot, me: UserId, sink: Arc<dyn Sink>) -> Box<dyn Live>;
    /// Queues an op behind the unsent ones of a board that this tab has left but still sends for. `false` where there
    /// is no such board, and on the server.
    fn submit_behind(&self, me: UserId, project: ProjectId, op: &Op) -> bool;
    /// Keeps the bell of the user `me` live until the handle is dropped. On the server the handle does nothing.
    fn listen(&self, me: UserId, sink: Arc<dyn BellSink>) -> Box<dyn LiveBell>;
    /// Whether this browser shows desktop notifications. Never on the server.
    fn alerts(&self) -> Alerts;
    /// Turns desktop notifications on, for which the browser asks its user, or off. Does nothing on the server.
    fn set_alerts(&self, on: bool) -> Reply<Alerts>;
}

/// The state of desktop notifications in this browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alerts {
    /// Not looked up yet.
    #[default]
    Unknown,
    /// The browser has none.
    Unavailable,
    /// The user has not asked for them.
    Off,
    /// They are shown.
    On,
    /// The user has blocked them in the browser.
    Blocked,
}

/// A live board. Dropping it closes the socket.
pub trait Live: Send + Sync {
    /// Shows the op at once and sends it. [`Sink::changed`] or [`Sink::refused`] follows.
    fn submit(&self, op: Op) -> OpId;
    /// Connects now: for the Retry button.
    fn retry(&self);
    /// Sends this user's presence to the others on the board.
    fn presence(&self, task: Option<TaskId>, mode: engine::wire::PresenceMode);
    /// Opens, closes or extends the thread of a task. The comments arrive by [`Sink::thread`].
    fn thread(&self, input: ThreadInput);
    /// Sends an op of [`Sink::rejected`] again.
    fn resubmit(&self, op: OpId);
    /// Discards an op of [`Sink::rejected`].
    fn discard(&self, op: OpId);
    /// Discards the stored ops that this build cannot read.
    fn discard_unreadable(&self);
}

/// Receives what happens on a live board, for the page's signals.
pub trait Sink: Send + Sync {
    /// The view changed. `progress` returns the progress of a task's unconfirmed ops.
    fn changed(&self, view: &Board, changes: &Changes, progress: &dyn Fn(TaskId) -> TaskProgress);
    /// The connection or the number of unconfirmed ops changed, or one of them has been waiting for too long. `as_of`
    /// is when the board was last known to be current.
    fn link(&self, link: Link, unconfirmed: usize, saving: bool, as_of: Option<Timestamp>);
    /// The server refused an op. The view no longer contains it.
    fn refused(&self, op: &Op, error: &ApiError);
    /// All refused ops that their author has to decide on, and the number of stored ops that this build cannot read.
    /// Comes before [`Sink::refused`].
    fn rejected(&self, rejected: &[RejectedOp], unreadable: usize);
    /// This browser cannot store unsent ops: they are lost if the page closes before they are sent.
    fn not_stored(&self);
    /// Everyone on the board: replaces what came before.
    fn presence(&self, people: &[Presence]);
    /// The open thread changed, another one was opened, or it was closed.
    fn thread(&self, thread: Option<&OpenThread>);
}

/// A live bell. Dropping it closes the socket.
pub trait LiveBell: Send + Sync {
    /// Connects now: for the Retry button.
    fn retry(&self);
    /// Fetches the notifications older than `below`, of all or of the unread ones.
    fn more(&self, unread: bool, below: Option<NotificationId>);
    /// Marks one notification as read.
    fn read(&self, id: NotificationId);
    /// Marks everything that is listed now as read.
    fn read_all(&self);
    /// Sets the task that this page shows: its notifications need no desktop notification.
    fn set_open_task(&self, task: Option<TaskId>);
    /// Starts or stops reports that oversight figures may have changed. The first report comes at once.
    fn oversee(&self, on: bool);
}

/// Receives what happens on the bell's socket.
pub trait BellSink: Send + Sync {
    /// The connection changed.
    fn link(&self, link: Link);
    /// The lists or the unread count changed.
    fn changed(&self, bell: &Bell);
    /// The oversight figures may have changed: pages refetch them.
    fn oversight_changed(&self);
    /// New notifications arrived, oldest first.
    fn fresh(&self, notifications: &[Notification]);
    /// Older notifications could not be fetched.
    fn failed(&self, error: &ApiError);
    /// The server refused to mark notifications as read. They show as unread again.
    fn refused(&self, error: &ApiError);
    /// The user clicked a desktop notification.
    fn chosen(&self, notification: &Notification);
}
