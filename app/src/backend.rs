//! The app's only way out. The server answers it from its services for the first paint; the
//! browser answers it with fetch and sockets.

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

/// An answer that is under way.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send>>;

/// What the sign-in page has to know before anybody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Site {
    /// Whether anybody may make an account.
    pub registration_open: bool,
    /// Whether this server sends e-mail, by which a forgotten password can be reset.
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
    /// The password, which is no secret.
    pub password: String,
}

/// All that a page can ask of the world.
pub trait Backend: Send + Sync + 'static {
    /// The server's clock, in the browser as well, whose own may be off. Pages use the one of the first paint until they are hydrated.
    fn now(&self) -> Timestamp;
    /// Which date it is for the reader: in the browser's time zone, and on the server in the one of their preferences.
    fn today(&self) -> Reply<Day>;
    /// What the sign-in page shows.
    fn site(&self) -> Reply<Site>;
    /// The user the browser is signed in as, who may differ from the user this page shows.
    fn me(&self) -> Reply<Option<User>>;
    /// A user has signed in on this page: it shows them from here on, and what it asks for names them.
    fn signed_in(&self, user: UserId);
    /// Calls `told(true)` when the browser is signed in as a user whom this page does not show, and `told(false)` when
    /// that ends. Never on the server.
    fn when_other_user(&self, told: Arc<dyn Fn(bool) + Send + Sync>);
    /// The projects of whoever is signed in.
    fn projects(&self) -> Reply<Vec<Project>>;
    /// A project's board.
    fn board(&self, project: ProjectId) -> Reply<Snapshot>;
    /// The people who share a project with the signed-in user, that user included.
    fn colleagues(&self) -> Reply<Vec<Colleague>>;
    /// The tasks of a project that have a text in their title or description.
    fn search(&self, project: ProjectId, text: String) -> Reply<Vec<TaskId>>;
    /// The open invitations to a project, for its owners.
    fn invitations(&self, project: ProjectId) -> Reply<Vec<Invitation>>;
    /// What an invitation says to whoever has its link, signed in or not.
    fn invitation(&self, token: String) -> Reply<InvitationOffer>;
    /// A task's description.
    fn description(&self, task: TaskId) -> Reply<TaskDescription>;
    /// The newest comments on a task, for the first paint: a live board reads them itself.
    fn thread(&self, task: TaskId) -> Reply<comment::Thread>;
    /// What the account of whoever is signed in says to them.
    fn account(&self) -> Reply<Account>;
    /// The sessions of whoever is signed in.
    fn account_sessions(&self) -> Reply<Vec<AccountSession>>;
    /// What whoever is signed in wants to be told.
    fn preferences(&self) -> Reply<Preferences>;
    /// Who has how much, and when. `None`: the version `known` is still so.
    fn workload(&self, query: WorkloadQuery, known: Option<String>) -> Reply<Option<Workload>>;
    /// The tasks behind a figure of the workload.
    fn load_tasks(&self, query: TasksQuery) -> Reply<LoadTasks>;
    /// What a week brought. `None`: the version `known` is still so.
    fn report(&self, query: ReportQuery, known: Option<String>) -> Reply<Option<Report>>;
    /// How work flows. `None`: the version `known` is still so.
    fn flow(&self, query: FlowQuery, known: Option<String>) -> Reply<Option<Flow>>;
    /// How much somebody works.
    fn capacity(&self, user: UserId) -> Reply<Capacity>;
    /// Puts the text that the server has under `address` onto the clipboard. Refused on the server.
    fn copy(&self, address: String) -> Reply<()>;
    /// Puts a text of the page onto the clipboard. Refused on the server.
    fn copy_text(&self, text: String) -> Reply<()>;
    /// Any other request: a write that is not an op, such as signing in or adding a member. It is
    /// sent with an op id of its own, and not retried. Refused on the server.
    fn send(&self, request: Request) -> Reply<Value>;
    /// The same under an op id that the caller keeps, so that it can be sent again.
    fn send_as(&self, op: OpId, request: Request) -> Reply<Value>;
    /// How many changes of a user wait in this browser, on all boards. None on the server.
    fn unsent(&self, user: UserId) -> Reply<usize>;
    /// Forgets what this browser keeps for a user: they sign out. Nothing on the server.
    fn forget(&self, user: UserId) -> Reply<()>;
    /// Keeps a board live for the user `me` until the handle is dropped. On the server the handle does nothing.
    fn open(&self, snapshot: Snapshot, me: UserId, sink: Arc<dyn Sink>) -> Box<dyn Live>;
    /// Hands an op to a board of this tab that was left and is still at work, behind what that has yet to send. False where
    /// there is none, and on the server.
    fn submit_behind(&self, me: UserId, project: ProjectId, op: &Op) -> bool;
    /// Keeps the bell of the user `me` live until the handle is dropped. On the server the handle does nothing.
    fn listen(&self, me: UserId, sink: Arc<dyn BellSink>) -> Box<dyn LiveBell>;
    /// Whether this browser shows notifications outside of the page. Never on the server.
    fn alerts(&self) -> Alerts;
    /// Turns them on, for which the browser asks its user, or off. Nothing on the server.
    fn set_alerts(&self, on: bool) -> Reply<Alerts>;
}

/// Whether the browser shows notifications outside of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alerts {
    /// Nothing has looked yet.
    #[default]
    Unknown,
    /// It cannot.
    Unavailable,
    /// Its user has not asked for them.
    Off,
    /// It does.
    On,
    /// Its user has told the browser not to.
    Blocked,
}

/// A live board. Dropping it closes the socket.
pub trait Live: Send + Sync {
    /// Shows the op at once and sends it. The answer comes as [`Sink::changed`] or [`Sink::refused`].
    fn submit(&self, op: Op) -> OpId;
    /// Connects now: the Retry button.
    fn retry(&self);
    /// Tells the others what this user is doing.
    fn presence(&self, task: Option<TaskId>, mode: engine::wire::PresenceMode);
    /// Opens, closes or goes on with the thread of a task. What there is to read comes as [`Sink::thread`].
    fn thread(&self, input: ThreadInput);
    /// Tries an op of [`Sink::unmade`] once more.
    fn again(&self, op: OpId);
    /// Drops an op of [`Sink::unmade`]: its author has decided.
    fn discard(&self, op: OpId);
    /// Drops the stored ops that this build cannot read: their author has decided.
    fn discard_unreadable(&self);
}

/// Where a live board puts what happens: the page's signals.
pub trait Sink: Send + Sync {
    /// The view changed. `progress` tells how far the ops on a task are that are not yet confirmed.
    fn changed(&self, view: &Board, changes: &Changes, progress: &dyn Fn(TaskId) -> TaskProgress);
    /// The connection, or the number of unconfirmed ops, changed, or whether one of them waits for too long. `as_of` is
    /// when the board was last known to be current.
    fn link(&self, link: Link, unconfirmed: usize, saving: bool, as_of: Option<Timestamp>);
    /// The server refused an op. The view is already without it.
    fn refused(&self, op: &Op, error: &ApiError);
    /// All ops that were refused and wait for their author to decide, and how many stored ops this build cannot read.
    /// Comes before [`Sink::refused`].
    fn unmade(&self, unmade: &[RejectedOp], unreadable: usize);
    /// This browser refuses to store what waits: it is lost when the page is closed before it is sent.
    fn not_stored(&self);
    /// Who is on the board, whole.
    fn presence(&self, people: &[Presence]);
    /// The open thread changed, or another one is open, or none.
    fn thread(&self, thread: Option<&OpenThread>);
}

/// A live bell. Dropping it closes the socket.
pub trait LiveBell: Send + Sync {
    /// Connects now: the Retry button.
    fn retry(&self);
    /// Asks for what follows a list, all or the unread ones, that ends at `below`.
    fn more(&self, unread: bool, below: Option<NotificationId>);
    /// The user has read one.
    fn read(&self, id: NotificationId);
    /// The user has read all that are there now.
    fn read_all(&self);
    /// This page shows this task: what concerns it need not be shown outside of the page.
    fn shows(&self, task: Option<TaskId>);
    /// This page shows figures of oversight, or no longer: says when they may have changed, and once at the beginning.
    fn oversee(&self, on: bool);
}

/// Where the bell's socket puts what happens.
pub trait BellSink: Send + Sync {
    /// The connection changed.
    fn link(&self, link: Link);
    /// What it shows changed.
    fn changed(&self, bell: &Bell);
    /// The figures of oversight may have changed: ask again.
    fn oversight_changed(&self);
    /// These came just now, oldest first.
    fn fresh(&self, notifications: &[Notification]);
    /// Older ones could not be had.
    fn failed(&self, error: &ApiError);
    /// The server refused to take note of what was read. It shows as unread again.
    fn refused(&self, error: &ApiError);
    /// The user has chosen one of those that the browser showed.
    fn chosen(&self, notification: &Notification);
}
