//! The board as signals.
//!
//! A change notifies only the signals of what changed: one card, or the two columns that a card left and came to.

mod apply;
mod leaving;
mod ops;
mod others;
mod people;
mod structure;
mod thread;
mod title;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use engine::{
    Board, Day, Member, Op, Project, ProjectId, Snapshot, Status, StatusId, Task, TaskId, Timestamp, User, UserId,
    session::{Link, RejectedOp},
    wire::Presence,
};
use leptos::prelude::*;

use crate::{
    backend::{Backend, Live, Sink},
    ui::{
        avatar::hue,
        toast::{Toasts, use_toasts},
    },
};
use apply::{replace, replace_all};
pub use ops::RefusalListener;
pub(crate) use structure::last_owner;
pub use thread::ShownThread;

/// A card as the page shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The task, without its description.
    pub task: Arc<Task>,
    /// Whether an op of this page on it is unconfirmed.
    pub pending: bool,
    /// Whether the server has left such an op unanswered for so long that the reader should know.
    pub slow: bool,
    /// Another user who is editing or dragging it.
    pub busy: Option<Presence>,
}

/// Where a dragged card was dropped: its upper left corner in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) task: TaskId,
    pub(super) left: f64,
    pub(super) top: f64,
}

/// The signals of one open board. `Copy`, and empty once the page is gone: every method then does nothing, or answers
/// as for an empty board.
#[derive(Clone, Copy)]
pub struct BoardStore {
    me: UserId,
    project_id: ProjectId,
    project: RwSignal<Project>,
    statuses: RwSignal<Vec<Status>>,
    unreadable: RwSignal<u32>,
    unreadable_ops: RwSignal<usize>,
    members: RwSignal<Vec<Member>>,
    cards: StoredValue<HashMap<TaskId, ArcRwSignal<Card>>>,
    columns: StoredValue<HashMap<StatusId, ArcRwSignal<Vec<TaskId>>>>,
    people: RwSignal<Vec<Presence>>,
    /// The card that is open beside the board, as sent to the others.
    viewed: StoredValue<Option<TaskId>>,
    link: RwSignal<Link>,
    unconfirmed: RwSignal<usize>,
    saving: RwSignal<bool>,
    as_of: RwSignal<Option<Timestamp>>,
    rejected: RwSignal<Vec<RejectedOp>>,
    now: RwSignal<Timestamp>,
    today: RwSignal<Day>,
    live: StoredValue<Option<Arc<dyn Live>>>,
    revision: RwSignal<u64>,
    flight: StoredValue<Option<Flight>>,
    toasts: Toasts,
    listener: StoredValue<Option<RefusalListener>>,
    thread: RwSignal<Option<ShownThread>>,
    /// The other user who last changed a task, and at which revision.
    changed_by: StoredValue<HashMap<TaskId, (UserId, u64)>>,
    /// The last announcement of other users' changes.
    others_announcement: RwSignal<String>,
    /// The last title that the reader gave to a card on this page.
    titles: StoredValue<HashMap<TaskId, String>>,
    /// For cards that left the board: the card that took the focus over.
    focus_fallbacks: StoredValue<HashMap<TaskId, TaskId>>,
    /// Cards that the reader deleted on this page.
    deleted_here: StoredValue<HashSet<TaskId>>,
    /// Ops that a toast offers to undo, each with the toast's id.
    offered: StoredValue<Vec<(Op, u64)>>,
    backend: StoredValue<Option<Arc<dyn Backend>>>,
}

impl BoardStore {
    /// Opens a board for as long as the calling component is on the page: its signals at once, its socket once the page
    /// is hydrated. Also provides the store in the context.
    ///
    /// `now` and `today` are the clock and the reader's date of the first paint, in the browser too. `sink` creates the
    /// receiver of what happens on the board, in the browser only.
    pub(super) fn open(
        backend: Arc<dyn Backend>,
        snapshot: Snapshot,
        me: &User,
        now: Timestamp,
        today: Day,
        sink: fn(Self) -> Arc<dyn Sink>,
    ) -> Self {
        let store = Self::new(snapshot.clone(), me, now, today);
        provide_context(store);
        store.backend.set_value(Some(backend.clone()));
        // Effects run in the browser only.
        Effect::new(move |_| {
            let live = backend.open(snapshot.clone(), store.me, sink(store));
            store.live.try_set_value(Some(Arc::from(live)));
        });
        on_cleanup(move || store.live.try_set_value(None).map_or((), drop));
        store
    }

    /// The signals of a snapshot, all set, so that the server and the browser's first render agree. `now` and `today`
    /// are as for [`Self::open`].
    pub fn new(snapshot: Snapshot, me: &User, now: Timestamp, today: Day) -> Self {
        let project_id = snapshot.project.id;
        let board = Board::new(snapshot);
        let cards = board
            .tasks()
            .map(|task| {
                (
                    task.id,
                    ArcRwSignal::new(Card { task: Arc::new(task.clone()), pending: false, slow: false, busy: None }),
                )
            })
            .collect();
        let columns =
            board.statuses().iter().map(|status| (status.id, ArcRwSignal::new(ids(&board, status.id)))).collect();
        Self {
            me: me.id,
            project_id,
            project: RwSignal::new(board.project().clone()),
            statuses: RwSignal::new(board.statuses().to_vec()),
            unreadable: RwSignal::new(board.unreadable()),
            unreadable_ops: RwSignal::new(0),
            members: RwSignal::new(board.members().to_vec()),
            cards: StoredValue::new(cards),
            columns: StoredValue::new(columns),
            people: RwSignal::new(Vec::new()),
            viewed: StoredValue::new(None),
            link: RwSignal::new(Link::Connecting),
            unconfirmed: RwSignal::new(0),
            saving: RwSignal::new(false),
            as_of: RwSignal::new(None),
            rejected: RwSignal::new(Vec::new()),
            now: RwSignal::new(now),
            today: RwSignal::new(today),
            live: StoredValue::new(None),
            revision: RwSignal::new(0),
            flight: StoredValue::new(None),
            toasts: use_toasts(),
            listener: StoredValue::new(None),
            thread: RwSignal::new(None),
            changed_by: StoredValue::new(HashMap::new()),
            others_announcement: RwSignal::new(String::new()),
            titles: StoredValue::new(HashMap::new()),
            focus_fallbacks: StoredValue::new(HashMap::new()),
            deleted_here: StoredValue::new(HashSet::new()),
            offered: StoredValue::new(Vec::new()),
            backend: StoredValue::new(None),
        }
    }

    /// The reader.
    pub fn me(&self) -> UserId {
        self.me
    }

    /// The id of the project.
    pub fn project_id(&self) -> ProjectId {
        self.project_id
    }

    /// The project's own fields.
    pub fn project(&self) -> Signal<Project> {
        self.project.into()
    }

    /// The title of the page: its open card, or the project. Tracked. `None` once the page is gone: the server may ask
    /// for a title that late.
    pub fn title(&self, open: Option<TaskId>) -> Option<String> {
        let task = open.and_then(|id| self.card(id)).map(|card| card.with(|card| card.task.title.clone()));
        task.or_else(|| self.project.try_with(|project| project.name.clone()))
    }

    /// The columns, in order.
    pub fn statuses(&self) -> Signal<Vec<Status>> {
        self.statuses.into()
    }

    /// The number of cards that cannot be shown.
    pub fn unreadable(&self) -> Signal<u32> {
        self.unreadable.into()
    }

    /// The number of this user's stored changes that this build cannot read.
    pub fn unreadable_ops(&self) -> Signal<usize> {
        self.unreadable_ops.into()
    }

    /// The state of the connection.
    pub fn link(&self) -> Signal<Link> {
        self.link.into()
    }

    /// The number of unconfirmed ops of this page.
    pub fn unconfirmed(&self) -> Signal<usize> {
        self.unconfirmed.into()
    }

    /// Whether the server is slow to answer one of them.
    pub fn saving(&self) -> Signal<bool> {
        self.saving.into()
    }

    /// The clock, by the minute. Until the page is hydrated, the time of the first paint.
    pub fn now(&self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// The reader's date. Until the page is hydrated, the date of the first paint.
    pub fn today(&self) -> Signal<Day> {
        self.today.into()
    }

    /// Sets the clock.
    pub fn tick(&self, now: Timestamp, today: Day) {
        self.now.try_set(now);
        if self.today.try_get_untracked() != Some(today) {
            self.today.try_set(today);
        }
    }

    /// A column by its id.
    pub fn status(&self, id: StatusId) -> Option<Status> {
        self.statuses.with(|all| all.iter().find(|status| status.id == id).cloned())
    }

    /// A card's signal. `None` when the task is not on the board.
    pub fn card(&self, id: TaskId) -> Option<ArcRwSignal<Card>> {
        self.cards.try_with_value(|cards| cards.get(&id).cloned()).flatten()
    }

    /// A task as the board shows it, untracked.
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

    /// Connects now.
    pub fn retry(&self) {
        if let Some(live) = self.live() {
            live.retry();
        }
    }

    // The handle is cloned out of its lock, because it may call back into this store.
    fn live(&self) -> Option<Arc<dyn Live>> {
        self.live.try_get_value().flatten()
    }

    /// Lets the next motion of a card start where the card was dropped.
    pub(super) fn set_flight(&self, flight: Option<Flight>) {
        self.flight.try_set_value(flight);
    }

    /// Takes where a card was dropped.
    pub(super) fn take_flight(&self) -> Option<Flight> {
        self.flight.try_update_value(Option::take).flatten()
    }

    /// The number of changes of the view: a measurement of the page is outdated by the next one.
    pub(super) fn revision(&self) -> u64 {
        self.revision.try_get_untracked().unwrap_or_default()
    }

    /// The revision as a signal.
    pub(crate) fn revisions(&self) -> Signal<u64> {
        self.revision.into()
    }

    /// The hue class of a user on this board, untracked.
    pub(super) fn hue(&self, user: UserId) -> &'static str {
        self.members.try_with_untracked(|all| hue(all, user)).unwrap_or_default()
    }

    pub(super) fn set_link(&self, link: Link, unconfirmed: usize, saving: bool, as_of: Option<Timestamp>) {
        self.link.try_maybe_update(|shown| replace(shown, &link));
        self.unconfirmed.try_maybe_update(|shown| replace(shown, &unconfirmed));
        self.saving.try_maybe_update(|shown| replace(shown, &saving));
        self.as_of.try_maybe_update(|shown| replace(shown, &as_of));
    }

    pub(super) fn set_rejected(&self, rejected: &[RejectedOp], unreadable: usize) {
        self.rejected.try_maybe_update(|shown| replace_all(shown, rejected));
        self.unreadable_ops.try_maybe_update(|shown| replace(shown, &unreadable));
    }
}

fn ids(board: &Board, status: StatusId) -> Vec<TaskId> {
    board.column(status).map(|task| task.id).collect()
}
