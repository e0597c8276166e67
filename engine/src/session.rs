//! A client's side of one project: what is confirmed, what is pending, how the connection stands.
//!
//! ```text
//! gesture ─ Submit ─► pending ─┐                    ┌─ Submit ──────► HTTP
//! socket ── Frame ──► cursor ──┤► confirmed ► view ─┤─ Fetch… ──────► HTTP
//!                 └─► thread ──┤                    │
//! HTTP ──── Answered, Events, Snapshot ─► both      ├─ Connect, Send ► socket
//! clock ─── Tick, Woken ─► connection, repair ──────┘─ Refused ──────► toast
//! ```
//!
//! A [`Session`] does nothing by itself. Whoever drives it passes in what happened, with the time and a
//! random number, carries out the [`SessionEffect`]s, and ticks it at [`Session::wake_at`]. A socket of its own, a
//! socket shared by several tabs and a simulated one are the same to it; so are ops made just now and
//! ops that were stored before a reload ([`Session::take_persisted_queue`], [`Session::restore`]).

mod backoff;
pub mod bell;
mod catch_up;
mod clock;
pub mod connection;
pub mod cursor;
mod greeting;
mod io;
mod link;
mod log;
mod overlay;
pub mod pending;
mod people;
pub mod persisted_queue;
pub mod recent;
mod removed;
mod slow;
mod submission;
pub mod tabs;
pub mod thread;
mod view;

use std::collections::BTreeSet;

pub use bell::{Bell, BellEffect, BellInput, ReadMarks};
pub use clock::ServerClock;
pub use connection::{Connection, ConnectionStep};
pub use cursor::{Cursor, Jump, Need};
pub use io::{Receipt, SessionEffect, SessionInput, ThreadInput};
pub use link::Link;
pub use pending::PendingOp;
pub use persisted_queue::{PersistedQueue, RejectedOp};
pub use slow::TaskProgress;
pub use tabs::{SharedSocket, SharedSocketEffect, SharedSocketInput};
pub use thread::OpenThread;
pub use view::Changes;

use self::{catch_up::CatchUp, overlay::Known, pending::Pending, people::People, removed::RemovedItems, view::View};
use crate::{
    ApiError, Board, Snapshot, TaskId, UserId,
    wire::{ClientFrame, LogPosition, Presence},
};

/// One user's live board. Times are in milliseconds since 1970, of a clock that does not go backwards.
#[derive(Clone, Debug)]
pub struct Session {
    me: UserId,
    confirmed: Board,
    view: View,
    pending: Pending,
    rejected: Vec<RejectedOp>,
    /// What an earlier page has stored and this build cannot read ([`PersistedQueue::unreadable`]).
    unreadable: Vec<String>,
    /// Counts the changes of both.
    rejected_revision: u64,
    reported_revision: u64,
    /// The revisions of the queue and of these when they were last stored.
    persisted: (u64, u64),
    removed: RemovedItems,
    cursor: Cursor,
    connection: Connection,
    catch_up: CatchUp,
    /// How often there was a reason to doubt the cursor, and what was known to exist, when something was asked last.
    fetch_basis: (u64, u64),
    /// Whether this socket has said where the log is.
    synced: bool,
    /// Something came that cannot be read, so that only a snapshot tells how the board is.
    illegible: bool,
    /// Snapshots in a row that could not be read.
    illegible_boards: u32,
    people: People,
    /// When the board was last known to be current.
    as_of: Option<u64>,
    /// What this user does, as the others last heard it.
    own_presence: Option<ClientFrame>,
    /// That of the task whose page is open.
    thread: Option<OpenThread>,
    changes: Changes,
    /// Tasks with an op that the server takes long to answer.
    slow: BTreeSet<TaskId>,
    /// How far the server's clock is ahead of this session's, in milliseconds.
    clock_ahead: i64,
    /// Tasks of the confirmed board that changed since the queue was last played on it.
    touched_tasks: BTreeSet<TaskId>,
}

impl Session {
    /// A session that starts from a snapshot and connects at its first [`SessionInput::Tick`].
    pub fn new(snapshot: Snapshot, me: UserId, now: u64) -> Self {
        let confirmed = Board::new(snapshot);
        Self {
            me,
            view: View::new(&confirmed),
            pending: Pending::default(),
            rejected: Vec::new(),
            unreadable: Vec::new(),
            rejected_revision: 0,
            reported_revision: 0,
            persisted: (0, 0),
            removed: RemovedItems::default(),
            cursor: Cursor::new(confirmed.epoch(), confirmed.seq(), confirmed.last()),
            connection: Connection::new(now).asking_when_idle(),
            catch_up: CatchUp::default(),
            fetch_basis: (0, 0),
            synced: false,
            illegible: false,
            illegible_boards: 0,
            people: People::default(),
            as_of: None,
            own_presence: None,
            thread: None,
            changes: Changes::default(),
            slow: BTreeSet::new(),
            clock_ahead: 0,
            touched_tasks: BTreeSet::new(),
            confirmed,
        }
    }

    /// Sockets were blocked a moment ago, on the page before.
    pub fn expect_blocked(&mut self) {
        self.connection.expect_blocked();
    }

    /// Takes up wishes that an earlier session could not finish, with the ids that they had.
    pub fn resume(&mut self, ops: impl IntoIterator<Item = PendingOp>) {
        for op in ops {
            self.view.mark(op.op.task_id());
            self.pending.resume(op);
        }
        self.replay();
    }

    /// What is to be kept for [`Session::resume`].
    pub fn pending_ops(&self) -> impl Iterator<Item = &PendingOp> {
        self.pending.ops()
    }

    /// What the user sees: the confirmed board and their own pending ops.
    pub fn view(&self) -> &Board {
        self.view.board()
    }

    /// What the log says, up to the cursor.
    pub fn confirmed(&self) -> &Board {
        &self.confirmed
    }

    /// The view made anew from nothing but the confirmed board and the pending ops. Always equal to
    /// [`Session::view`], which gets there in fewer steps: the tests hold the two against each other.
    pub fn replayed(&self) -> Board {
        View::play(&self.confirmed, &self.pending, self.known()).board().clone()
    }

    /// Where the confirmed board is in its log: what a socket and a request for events are asked with.
    pub fn position(&self) -> LogPosition {
        self.cursor.position()
    }

    /// How many of the user's ops are not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.pending.len()
    }

    /// Whether a task has an op that is not confirmed.
    pub fn is_pending(&self, task: TaskId) -> bool {
        self.pending.concerns(task)
    }

    /// What the indicator shows. A board that does not follow what its socket says is not live.
    pub fn link(&self) -> Link {
        match self.connection.link() {
            Link::Live if self.illegible => Link::Connecting,
            link => link,
        }
    }

    /// What changed in the view since the last call.
    pub fn take_changes(&mut self) -> Changes {
        let tasks = self.view.take_changed();
        self.changes.add_structure(&self.view.take_frame_changes());
        let changes = std::mem::take(&mut self.changes);
        let Changes { all, thread, .. } = changes;
        if all { Changes { all, thread, ..Changes::default() } } else { Changes { tasks, ..changes } }
    }

    /// Everybody on the board, if that changed since the last call.
    pub fn take_people(&mut self) -> Option<&[Presence]> {
        self.people.take()
    }

    /// When the next [`SessionInput::Tick`] is due. A late one does no harm, an early one does nothing.
    pub fn wake_at(&self) -> Option<u64> {
        let missing = self.cursor.need_at().filter(|_| self.synced || self.connection.is_reachable());
        let poll = self.connection.polls_at().filter(|_| !self.synced);
        let watch = self.cursor.watch_at().filter(|_| self.synced);
        let fetch = [missing, poll, watch].into_iter().flatten().min();
        [
            self.connection.wake_at(),
            self.pending.wake_at().filter(|_| self.connection.may_ask()),
            self.catch_up.wake_at(fetch, self.cursor.is_lost()),
            self.thread.as_ref().and_then(|thread| thread.wake_at(self.is_live())),
            self.slow_at(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Takes in what happened, and says what to do.
    pub fn handle(&mut self, input: SessionInput, now: u64, random: u64) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        let mut step = ConnectionStep::Rest;
        match input {
            SessionInput::Tick => step = self.connection.tick(now, random),
            SessionInput::Woken => step = self.connection.woken(now, random),
            SessionInput::Retry => step = self.connection.retry(now, random),
            SessionInput::Network(online) => step = self.connection.network(online, now, random),
            SessionInput::Touched => self.connection.user_acted(now),
            SessionInput::Clock { ahead } => self.clock_ahead = ahead,
            SessionInput::Seen(visible) => self.connection.set_visible(visible),
            SessionInput::Closed { code } => self.connection.closed(code, None, now, random),
            SessionInput::OtherUser if self.link().is_final() => {}
            SessionInput::OtherUser => step = self.end(Link::OtherUser),
            SessionInput::Submit { op_id, op } => self.submit(op_id, op, now, &mut effects),
            SessionInput::Again { op_id, fresh } => self.again(op_id, fresh, now, &mut effects),
            SessionInput::Discard { op_id } => drop(self.discard(op_id)),
            SessionInput::DiscardUnreadable => self.discard_unreadable(),
            SessionInput::Stored { snapshot, at } => self.stored(*snapshot, at),
            SessionInput::Answered { op_id, result } => step = self.answered(op_id, result, now, random, &mut effects),
            SessionInput::Frame(frame) => step = self.frame(frame, now, random, &mut effects),
            SessionInput::Unreadable => self.unreadable(now),
            SessionInput::Events(result) => step = self.events(result, now, random),
            SessionInput::Snapshot(result) => step = self.snapshot(result, now, random),
            SessionInput::Presence { task_id, mode } => {
                self.presence(ClientFrame::Presence { task_id, mode }, &mut effects)
            }
            SessionInput::Thread(input) => self.thread_input(input, now, &mut effects),
        }
        self.step(step, &mut effects);
        self.check_unanswered(now);
        // A connection that broke may be due to come back without a wait.
        let step = self.connection.tick(now, random);
        self.step(step, &mut effects);
        self.catch_up(now, &mut effects);
        self.give_up(now, &mut effects);
        self.request_thread(now, &mut effects);
        match self.link() {
            Link::Live => self.as_of = Some(self.connection.last_frame_at()),
            // Who else is here, only a socket tells.
            Link::Polling => self.people.reset(Vec::new()),
            _ => {}
        }
        if self.connection.may_ask()
            && let Some((op_id, request)) = self.pending.send(now)
        {
            effects.push(SessionEffect::Submit { op_id, request });
        }
        self.update_slow(now);
        effects
    }

    fn step(&mut self, step: ConnectionStep, effects: &mut Vec<SessionEffect>) {
        self.synced &= self.connection.has_socket() && step != ConnectionStep::Connect;
        match step {
            ConnectionStep::Rest => {}
            ConnectionStep::Connect => {
                self.lose_subscription();
                effects.push(SessionEffect::Connect(self.position()));
            }
            ConnectionStep::Close => effects.push(SessionEffect::Close),
            ConnectionStep::Ping => effects.push(SessionEffect::Send(ClientFrame::Ping)),
        }
    }

    /// A request was answered, or was not. Ends the connection where the session is over, or is another user's.
    fn request_finished(&mut self, error: Option<&ApiError>, now: u64, random: u64) -> Option<ConnectionStep> {
        if let Some(link) = error.and_then(Link::of_refusal) {
            return Some(self.end(link));
        }
        let may_ask = self.connection.may_ask();
        self.connection.request_finished(error.is_none_or(|error| !error.is_temporary()), now, random);
        if self.connection.may_ask() && !may_ask {
            self.pending.retry_now();
        }
        None
    }

    fn end(&mut self, link: Link) -> ConnectionStep {
        let step = if self.connection.has_socket() { ConnectionStep::Close } else { ConnectionStep::Rest };
        self.connection.end(link);
        step
    }

    fn known(&self) -> Known<'_> {
        Known { me: self.me, removed: &self.removed }
    }

    fn replay(&mut self) {
        let touched = std::mem::take(&mut self.touched_tasks);
        let known = Known { me: self.me, removed: &self.removed };
        self.view.replay(&self.confirmed, touched, &self.pending, known);
    }
}
