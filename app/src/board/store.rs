//! The board as signals. A change from far away touches the signals of what changed and nothing
//! else: one card, or the two columns that it left and came to.

mod apply;

use std::{collections::HashMap, sync::Arc};

use engine::{
    ApiError, Board, Member, Op, Project, ProjectId, Role, Snapshot, Status, StatusId, Task, TaskDraft, TaskId,
    Timestamp, User, UserId,
    session::Link,
    wire::{Presence, PresenceMode},
};
use leptos::prelude::*;

use apply::{replace, replace_all};

use super::{due::Day, refusal, refusal::quoted, sink::BoardSink};
use crate::{
    backend::{Backend, Live},
    toast::{Toast, Toasts, use_toasts},
};

/// A card as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The task, without its description.
    pub task: Arc<Task>,
    /// Whether an op of this page on it is not yet confirmed.
    pub pending: bool,
}

/// A card that was let go in mid-air, by its corner in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) task: TaskId,
    pub(super) left: f64,
    pub(super) top: f64,
}

/// Looks at a refusal before it becomes a toast, and tells whether it has dealt with it.
pub type RefusalListener = Callback<(Op, ApiError), bool>;

/// The signals of one open board. `Copy`, and worth nothing once the page is gone: every method
/// then does nothing, or answers as for an empty board.
#[derive(Clone, Copy)]
pub struct BoardStore {
    me: UserId,
    project_id: ProjectId,
    project: RwSignal<Project>,
    statuses: RwSignal<Vec<Status>>,
    members: RwSignal<Vec<Member>>,
    cards: StoredValue<HashMap<TaskId, ArcRwSignal<Card>>>,
    columns: StoredValue<HashMap<StatusId, ArcRwSignal<Vec<TaskId>>>>,
    people: RwSignal<Vec<Presence>>,
    link: RwSignal<Link>,
    unconfirmed: RwSignal<usize>,
    now: RwSignal<Timestamp>,
    today: RwSignal<Day>,
    live: StoredValue<Option<Arc<dyn Live>>>,
    revision: StoredValue<u64>,
    flight: StoredValue<Option<Flight>>,
    toasts: Toasts,
    listener: StoredValue<Option<RefusalListener>>,
}

impl BoardStore {
    /// Opens a board for as long as the calling component is on the page: its signals at once,
    /// its socket as soon as the page is hydrated. The store is in the context, too.
    ///
    /// `now` is the clock of the first paint, in the browser too.
    pub fn open(backend: Arc<dyn Backend>, snapshot: Snapshot, me: &User, now: Timestamp) -> Self {
        let store = Self::new(snapshot.clone(), me, now);
        provide_context(store);
        // Effects run in the browser only.
        Effect::new(move |_| {
            let live = backend.open(snapshot.clone(), store.me, Arc::new(BoardSink::new(store)));
            store.live.try_set_value(Some(Arc::from(live)));
        });
        on_cleanup(move || store.live.try_set_value(None).map_or((), drop));
        store
    }

    /// The signals of a snapshot, all of them set: what the server renders and what the browser
    /// renders first are the same.
    ///
    /// `now` is the clock of the first paint, in the browser too.
    pub fn new(snapshot: Snapshot, me: &User, now: Timestamp) -> Self {
        let project_id = snapshot.project.id;
        let board = Board::new(snapshot);
        let cards = board
            .tasks()
            .map(|task| (task.id, ArcRwSignal::new(Card { task: Arc::new(task.clone()), pending: false })))
            .collect();
        let columns =
            board.statuses().iter().map(|status| (status.id, ArcRwSignal::new(ids(&board, status.id)))).collect();
        Self {
            me: me.id,
            project_id,
            project: RwSignal::new(board.project().clone()),
            statuses: RwSignal::new(board.statuses().to_vec()),
            members: RwSignal::new(board.members().to_vec()),
            cards: StoredValue::new(cards),
            columns: StoredValue::new(columns),
            people: RwSignal::new(Vec::new()),
            link: RwSignal::new(Link::Connecting),
            unconfirmed: RwSignal::new(0),
            now: RwSignal::new(now),
            today: RwSignal::new(Day::utc(now)),
            live: StoredValue::new(None),
            revision: StoredValue::new(0),
            flight: StoredValue::new(None),
            toasts: use_toasts(),
            listener: StoredValue::new(None),
        }
    }

    /// Who looks at it.
    pub fn me(&self) -> UserId {
        self.me
    }

    /// Which board.
    pub fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// The project's own fields.
    pub fn project(&self) -> Signal<Project> {
        self.project.into()
    }

    /// The columns, in order.
    pub fn statuses(&self) -> Signal<Vec<Status>> {
        self.statuses.into()
    }

    /// Who is in the project.
    pub fn members(&self) -> Signal<Vec<Member>> {
        self.members.into()
    }

    /// Who is on the board now.
    pub fn people(&self) -> Signal<Vec<Presence>> {
        self.people.into()
    }

    /// How the connection stands.
    pub fn link(&self) -> Signal<Link> {
        self.link.into()
    }

    /// How many ops of this page are not confirmed.
    pub fn unconfirmed(&self) -> Signal<usize> {
        self.unconfirmed.into()
    }

    /// The clock, by the minute; that of the first paint until the page is hydrated.
    pub fn now(&self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// The reader's date; that of UTC until the page is hydrated.
    pub fn today(&self) -> Signal<Day> {
        self.today.into()
    }

    /// Moves the clock.
    pub fn tick(&self, now: Timestamp, today: Day) {
        self.now.try_set(now);
        if self.today.try_get_untracked() != Some(today) {
            self.today.try_set(today);
        }
    }

    /// A status by its id.
    pub fn status(&self, id: StatusId) -> Option<Status> {
        self.statuses.with(|all| all.iter().find(|status| status.id == id).cloned())
    }

    /// A member by its id.
    pub fn member(&self, id: UserId) -> Option<Member> {
        self.members.with(|all| all.iter().find(|member| member.user_id == id).cloned())
    }

    /// What the reader may do here.
    pub fn role(&self) -> Role {
        let listed = self.members.with(|all| all.iter().find(|member| member.user_id == self.me).map(|me| me.role));
        listed.or_else(|| self.project.with(|project| project.role)).unwrap_or(Role::Viewer)
    }

    /// Whether the reader may change tasks.
    pub fn can_edit(&self) -> bool {
        self.role() >= Role::Editor
    }

    /// Whether the reader may change tasks, untracked: for event handlers.
    pub fn can_edit_now(&self) -> bool {
        untrack(|| self.can_edit())
    }

    /// A card's signal. `None` when the task is not on the board.
    pub fn card(&self, id: TaskId) -> Option<ArcRwSignal<Card>> {
        self.cards.try_with_value(|cards| cards.get(&id).cloned()).flatten()
    }

    /// A task as the board shows it now, untracked.
    pub fn task(&self, id: TaskId) -> Option<Arc<Task>> {
        self.card(id).map(|card| card.with_untracked(|card| card.task.clone()))
    }

    /// The tasks of a column, in order. Empty for a column that is not on the board.
    pub fn column(&self, id: StatusId) -> ArcRwSignal<Vec<TaskId>> {
        let known = self.columns.try_with_value(|columns| columns.get(&id).cloned()).flatten();
        known.unwrap_or_else(|| {
            let fresh = ArcRwSignal::new(Vec::new());
            self.columns.try_update_value(|columns| columns.insert(id, fresh.clone()));
            fresh
        })
    }

    /// Shows an op at once and sends it. Does nothing before the page is hydrated.
    pub fn submit(&self, op: Op) {
        if let Some(live) = self.live() {
            live.submit(op);
        }
    }

    /// Makes a task at the end of a column, and tells its id.
    pub fn create(&self, status: StatusId, title: String, id: TaskId) {
        self.submit(Op::CreateTask {
            project_id: self.project_id,
            draft: TaskDraft { id: Some(id), title, status_id: Some(status), ..TaskDraft::default() },
        });
    }

    /// Takes a task off the board. A toast offers to undo it.
    pub fn delete(&self, id: TaskId) {
        let Some(task) = self.task(id) else { return };
        let store = *self;
        store.submit(Op::DeleteTask { task_id: id });
        let undo = move || store.submit(Op::RestoreTask { task_id: id });
        store.toasts.show(Toast::done(format!("Deleted {}", quoted(&task.title))).with("Undo", undo));
    }

    /// Connects now.
    pub fn retry(&self) {
        if let Some(live) = self.live() {
            live.retry();
        }
    }

    /// Tells the others what the reader is doing.
    pub fn tell(&self, task: Option<TaskId>, mode: PresenceMode) {
        if let Some(live) = self.live() {
            live.presence(task, mode);
        }
    }

    /// Shows refusals to `listener` first, until the next one is set or `None`.
    pub fn set_refusal_listener(&self, listener: Option<RefusalListener>) {
        self.listener.try_set_value(listener);
    }

    /// Says why an op was refused, unless the listener has dealt with it.
    pub(super) fn refuse(&self, op: &Op, error: &ApiError) {
        let listener = self.listener.try_get_value().flatten();
        if listener.and_then(|listener| listener.try_run((op.clone(), error.clone()))) == Some(true) {
            return;
        }
        let title = op.task_id().and_then(|id| self.task(id)).map(|task| quoted(&task.title));
        let toast = Toast::problem(refusal::words(op, title.as_deref(), error));
        let store = *self;
        let again = op.clone();
        self.toasts.show(if error.is_temporary() {
            toast.with("Retry", move || store.submit(again.clone()))
        } else {
            toast
        });
    }

    // The handle is cloned out of its lock: what it does may come back to this store.
    fn live(&self) -> Option<Arc<dyn Live>> {
        self.live.try_get_value().flatten()
    }

    /// The next motion of a card begins where it was let go.
    pub(super) fn set_flight(&self, flight: Option<Flight>) {
        self.flight.try_set_value(flight);
    }

    /// Where a card was let go, once.
    pub(super) fn take_flight(&self) -> Option<Flight> {
        self.flight.try_update_value(Option::take).flatten()
    }

    /// Counts the changes of the view: a measurement of the page is worth nothing in the next one.
    pub(super) fn revision(&self) -> u64 {
        self.revision.try_get_value().unwrap_or_default()
    }

    pub(super) fn set_link(&self, link: Link, unconfirmed: usize) {
        self.link.try_maybe_update(|shown| replace(shown, &link));
        self.unconfirmed.try_maybe_update(|shown| replace(shown, &unconfirmed));
    }

    pub(super) fn set_people(&self, people: &[Presence]) {
        self.people.try_maybe_update(|shown| replace_all(shown, people));
    }
}

fn ids(board: &Board, status: StatusId) -> Vec<TaskId> {
    board.column(status).map(|task| task.id).collect()
}
