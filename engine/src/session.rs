//! A client's side of one project: confirmed board, pending ops and connection.
//!
//! ```text
//! gesture ─ Submit ─► pending ─┐                    ┌─ Submit ──────► HTTP
//! socket ── Frame ──► cursor ──┤► confirmed ► view ─┤─ Fetch… ──────► HTTP
//!                 └─► thread ──┤                    │
//! HTTP ──── Answered, Events, Snapshot ─► both      ├─ Connect, Send ► socket
//! clock ─── Tick, Woken ─► connection, catch-up ────┘─ Refused ──────► toast
//! ```
//!
//! A [`Session`] does no I/O. Its driver passes in each input with the time and a random number, carries out the
//! [`SessionEffect`]s, and ticks it at [`Session::wake_at`]. Its own socket, a socket shared by several tabs and a
//! simulated one look the same to it. So do new ops and ops that were stored before a reload
//! ([`Session::take_persisted_queue`], [`Session::restore`]).

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
    sorted::SortedSet,
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
    /// Stored changes of an earlier page that this build cannot read ([`PersistedQueue::unreadable`]).
    unreadable: Vec<String>,
    /// Changes whenever `rejected` or `unreadable` does.
    rejected_revision: u64,
    /// `rejected_revision` at the last [`Session::take_rejected`].
    reported_revision: u64,
    /// The revisions of the queue and of the rejected ops when they were last persisted.
    persisted: (u64, u64),
    removed: RemovedItems,
    cursor: Cursor,
    connection: Connection,
    catch_up: CatchUp,
    /// The cursor's [`doubts`](Cursor::doubts) and [`top`](Cursor::top) when the last fetch began.
    fetch_basis: (u64, u64),
    /// Whether the current socket has sent its first frame, `sync` or `resync`.
    synced: bool,
    /// An event or frame could not be read: only a snapshot restores the board.
    illegible: bool,
    /// Consecutive snapshots that could not be read.
    illegible_boards: u32,
    people: People,
    /// When the board was last known to be current.
    as_of: Option<u64>,
    /// The `presence` frame that this user's tab sent last.
    own_presence: Option<ClientFrame>,
    /// The comment thread of the task whose page is open.
    thread: Option<OpenThread>,
    changes: Changes,
    /// Tasks with an op that has waited longer than [`SLOW_MS`](pending::SLOW_MS).
    slow: SortedSet<TaskId>,
    /// How far the server's clock is ahead of this session's, in milliseconds.
    clock_ahead: i64,
    /// Tasks of the confirmed board that changed since the queue was last replayed.
    touched_tasks: SortedSet<TaskId>,
}

impl Session {
    /// Starts a session from a snapshot. It connects at its first [`SessionInput::Tick`].
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
            slow: SortedSet::new(),
            clock_ahead: 0,
            touched_tasks: SortedSet::new(),
            confirmed,
        }
    }

    /// The previous page of this tab found sockets blocked, so poll at once.
    pub fn expect_blocked(&mut self) {
        self.connection.expect_blocked();
    }

    /// Adopts the pending ops of an earlier session under their original ids.
    pub fn resume(&mut self, ops: impl IntoIterator<Item = PendingOp>) {
        for op in ops {
            self.view.mark(op.op.task_id());
            self.pending.resume(op);
        }
        self.replay();
    }

    /// The pending ops, oldest first; [`Session::resume`] takes them.
    pub fn pending_ops(&self) -> impl Iterator<Item = &PendingOp> {
        self.pending.ops()
    }

    /// The board that the user sees: the confirmed board with their pending ops played on it.
    pub fn view(&self) -> &Board {
        self.view.board()
    }

    /// The board as the log has it up to the cursor.
    pub fn confirmed(&self) -> &Board {
        &self.confirmed
    }

    /// The view, recomputed from the confirmed board and the pending ops alone. It always equals [`Session::view`],
    /// which is updated incrementally; the tests compare the two.
    pub fn replayed(&self) -> Board {
        View::play(&self.confirmed, &self.pending, self.known()).board().clone()
    }

    /// The confirmed board's place in the log: the cursor that sockets and event requests send.
    pub fn position(&self) -> LogPosition {
        self.cursor.position()
    }

    /// Number of the user's ops that are not confirmed.
    pub fn unconfirmed(&self) -> usize {
        self.pending.len()
    }

    /// Whether a task has an op that is not confirmed.
    pub fn is_pending(&self, task: TaskId) -> bool {
        self.pending.concerns(task)
    }

    /// The connection state that the indicator shows. It is not Live while the board could not be read.
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

    /// Returns everybody who has the board open, if that changed since the last call.
    pub fn take_people(&mut self) -> Option<&[Presence]> {
        self.people.take()
    }

    /// When the next [`SessionInput::Tick`] is due. A late tick does no harm, an early one does nothing.
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

    /// Handles an input and returns the effects to carry out, in order.
    pub fn handle(&mut self, input: SessionInput, now: u64, random: u64) -> Vec<SessionEffect> {
        let mut effects = Vec::new();
        let mut step = ConnectionStep::Rest;
        match input {
            SessionInput::Tick => step = self.connection.tick(now, random),
            SessionInput::Woken => step = self.connection.woken(now, random),
            SessionInput::Retry => step = self.connection.retry(now, random),
            SessionInput::Network(online) => step = self.connection.network(online, now, random),
            SessionInput::UserActive => self.connection.user_acted(now),
            SessionInput::Clock { ahead } => self.clock_ahead = ahead,
            SessionInput::Visible(visible) => self.connection.set_visible(visible),
            SessionInput::Closed { code } => self.connection.closed(code, None, now, random),
            SessionInput::OtherUser if self.link().is_final() => {}
            SessionInput::OtherUser => step = self.end(Link::OtherUser),
            SessionInput::Submit { op_id, op } => self.submit(op_id, op, now, &mut effects),
            SessionInput::Resubmit { op_id, fresh } => self.resubmit(op_id, fresh, now, &mut effects),
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
        // A connection that broke may reconnect without a wait.
        let step = self.connection.tick(now, random);
        self.step(step, &mut effects);
        self.catch_up(now, &mut effects);
        self.give_up(now, &mut effects);
        self.request_thread(now, &mut effects);
        match self.link() {
            Link::Live => self.as_of = Some(self.connection.last_frame_at()),
            // Presence comes over the socket only.
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

    /// Records the outcome of a request. Ends the connection if the session is over or belongs to another user.
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
