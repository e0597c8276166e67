//! The board as signals. A change from far away touches the signals of what changed and nothing
//! else: one card, or the two columns that it left and came to.

mod apply;
mod leaving;
mod member;
mod ops;
mod others;
mod presence;
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
    /// Whether an op of this page on it is not yet confirmed.
    pub pending: bool,
    /// Whether the server has left one unanswered for so long that its reader should know.
    pub slow: bool,
    /// Somebody else who edits or drags it just now.
    pub busy: Option<Presence>,
}

/// A card that was let go in mid-air, by its corner in the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) task: TaskId,
    pub(super) left: f64,
    pub(super) top: f64,
}

/// The signals of one open board. `Copy`, and worth nothing once the page is gone: every method
/// then does nothing, or answers as for an empty board.
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
    /// The task that is open beside the board, as the others were told.
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
    /// Who else has changed a task last, and in which revision of the view.
    changed_by: StoredValue<HashMap<TaskId, (UserId, u64)>>,
    /// What others do, as it is read out.
    others_announcement: RwSignal<String>,
    /// The last title that the reader has given to a card on this page.
    titles: StoredValue<HashMap<TaskId, String>>,
    /// Which card took over the focus from one that left the board.
    focus_fallbacks: StoredValue<HashMap<TaskId, TaskId>>,
    /// Cards that the reader has deleted on this page.
    deleted_here: StoredValue<HashSet<TaskId>>,
    /// Acts whose undo is on offer, each with its toast.
    offered: StoredValue<Vec<(Op, u64)>>,
    backend: StoredValue<Option<Arc<dyn Backend>>>,
}

impl BoardStore {
    /// Opens a board for as long as the calling component is on the page: its signals at once,
    /// its socket as soon as the page is hydrated. The store is in the context, too.
    ///
    /// `now` and `today` are the clock and the reader's date of the first paint, in the browser too. `sink` takes what
    /// happens on the board, and is made in the browser only.
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

    /// The signals of a snapshot, all of them set: what the server renders and what the browser
    /// renders first are the same. `now` and `today` are as for [`Self::open`].
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

    /// What the page is called: its open task, or the project. Tracked, and `None` once the page is gone: the server
    /// may ask for a title that late.
    pub fn title(&self, open: Option<TaskId>) -> Option<String> {
        let task = open.and_then(|id| self.card(id)).map(|card| card.with(|card| card.task.title.clone()));
        task.or_else(|| self.project.try_with(|project| project.name.clone()))
    }

    /// The columns, in order.
    pub fn statuses(&self) -> Signal<Vec<Status>> {
        self.statuses.into()
    }

    /// How many cards are on the board that cannot be shown.
    pub fn unreadable(&self) -> Signal<u32> {
        self.unreadable.into()
    }

    /// How many changes of this user are stored that this build cannot read.
    pub fn unreadable_ops(&self) -> Signal<usize> {
        self.unreadable_ops.into()
    }

    /// How the connection stands.
    pub fn link(&self) -> Signal<Link> {
        self.link.into()
    }

    /// How many ops of this page are not confirmed.
    pub fn unconfirmed(&self) -> Signal<usize> {
        self.unconfirmed.into()
    }

    /// Whether the server takes long to answer one of them.
    pub fn saving(&self) -> Signal<bool> {
        self.saving.into()
    }

    /// The clock, by the minute; that of the first paint until the page is hydrated.
    pub fn now(&self) -> Signal<Timestamp> {
        self.now.into()
    }

    /// The reader's date; that of the first paint until the page is hydrated.
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

    /// Connects now.
    pub fn retry(&self) {
        if let Some(live) = self.live() {
            live.retry();
        }
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
        self.revision.try_get_untracked().unwrap_or_default()
    }

    /// The same, for who wants to hear of each.
    pub(crate) fn revisions(&self) -> Signal<u64> {
        self.revision.into()
    }

    /// The hue class of a person on this board, untracked.
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
