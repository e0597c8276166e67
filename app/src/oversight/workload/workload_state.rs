//! The state that the parts of the workload share.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use engine::{
    ApiError, Day, Op, OpId, ProjectId, UserId,
    oversight::{
        Workload,
        query::WorkloadQuery,
        workload::{LoadTask, PersonLoad, TaskFilterKind},
    },
};
use leptos::{prelude::*, task::spawn_local};

use super::plan::{self, Grid, Target, When};
use crate::{
    backend::Backend,
    date::{DayWords as _, span},
    message::sentence,
    oversight::live_query::LiveQuery,
    session::backend,
    ui::{
        dom::fresh_id,
        toast::{Toast, Toasts, use_toasts},
    },
};

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A figure of the table, whose tasks the panel lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Figure {
    /// The assignee; `None` for unassigned tasks.
    pub(super) user: Option<UserId>,
    /// Which of their tasks.
    pub(super) which: TaskFilterKind,
    /// The first day of the period, for [`TaskFilterKind::Period`].
    pub(super) period: Option<Day>,
}

/// A move that the figures do not contain yet.
#[derive(Clone)]
struct PendingMove {
    id: u64,
    task: LoadTask,
    from: Option<Day>,
    to: Target,
    /// The number of the first answer that contains the move, once the server has confirmed it.
    counted_by: Option<u64>,
}

/// The figures, the open list, and pending moves.
#[derive(Clone, Copy)]
pub(super) struct WorkloadState {
    pub(super) load: LiveQuery<Workload>,
    /// The figures with the pending moves applied.
    pub(super) view: Memo<Arc<Workload>>,
    /// The figure whose tasks the panel lists.
    pub(super) open: RwSignal<Option<Figure>>,
    /// The tasks of the open figure that are loaded.
    pub(super) tasks: RwSignal<Vec<LoadTask>>,
    /// The task that "Move to…" is open for.
    pub(super) moving: RwSignal<Option<LoadTask>>,
    /// The member whose capacity is being edited, with their name.
    pub(super) capacity: RwSignal<Option<(UserId, String)>>,
    /// The announcement for screen readers.
    pub(super) announcement: RwSignal<String>,
    query: Memo<WorkloadQuery>,
    pending_moves: RwSignal<Vec<PendingMove>>,
    backend: StoredValue<Arc<dyn Backend>>,
    toasts: Toasts,
}

impl WorkloadState {
    pub(super) fn new(load: LiveQuery<Workload>, query: Memo<WorkloadQuery>) -> Self {
        let pending_moves = RwSignal::new(Vec::<PendingMove>::new());
        let view = Memo::new(move |_| {
            let shown = load.shown.get();
            pending_moves.with(|pending_moves| {
                if pending_moves.is_empty() {
                    return shown;
                }
                let mut view = (*shown).clone();
                for PendingMove { task, from, to, .. } in pending_moves {
                    plan::apply_move(&mut view, task, *from, *to);
                }
                Arc::new(view)
            })
        });
        // A move that the server has counted is no longer applied on top.
        Effect::new(move || {
            let answered = load.answered.get();
            pending_moves.maybe_update(|pending_moves| {
                let before = pending_moves.len();
                pending_moves.retain(|pending| pending.counted_by.is_none_or(|counted_by| answered < counted_by));
                pending_moves.len() < before
            });
        });
        Self {
            load,
            view,
            open: RwSignal::new(None),
            tasks: RwSignal::new(Vec::new()),
            moving: RwSignal::new(None),
            capacity: RwSignal::new(None),
            announcement: RwSignal::new(String::new()),
            query,
            pending_moves,
            backend: StoredValue::new(backend()),
            toasts: use_toasts(),
        }
    }

    pub(super) fn backend(self) -> Arc<dyn Backend> {
        self.backend.get_value()
    }

    /// Tracks the chosen project; `None` is all of them.
    pub(super) fn project(self) -> Option<ProjectId> {
        self.query.with(|query| query.project)
    }

    /// Tracks a member's figures.
    pub(super) fn person(self, user: Option<UserId>) -> Option<PersonLoad> {
        self.view.with(|load| load.people.iter().find(|person| person.user_id == user).cloned())
    }

    /// A member's name, or the words for unassigned tasks.
    pub(super) fn name(self, user: Option<UserId>) -> String {
        let name = self.view.with_untracked(|load| {
            load.people.iter().find(|person| person.user_id == user).map(|person| person.name.clone())
        });
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| NOBODY.to_owned())
    }

    pub(super) fn grid(self) -> Grid {
        self.view.with_untracked(|load| Grid::of(load))
    }

    /// A period in words: `16 – 22 Nov`.
    pub(super) fn period(self, first: Day) -> String {
        let grid = self.grid();
        span(first, grid.last(first), grid.today)
    }

    /// Whether a pending move has taken a task out of the open figure.
    pub(super) fn has_left(self, task: &LoadTask, figure: Figure) -> bool {
        self.pending_moves.with(|pending_moves| {
            let mut of_task = pending_moves.iter().filter(|pending| pending.task.id == task.id);
            of_task.next_back().is_some_and(|pending| {
                let elsewhere = match (figure.which, pending.to.when) {
                    (_, When::Same) | (TaskFilterKind::Open | TaskFilterKind::Blocked, _) => false,
                    (TaskFilterKind::Undated, when) => when != When::Undated,
                    (TaskFilterKind::Period | TaskFilterKind::Overdue, When::In(period)) => {
                        Some(period) != figure.period
                    }
                    (TaskFilterKind::Period | TaskFilterKind::Overdue, When::Undated) => true,
                };
                pending.to.user != figure.user || elsewhere
            })
        })
    }

    /// The period of the open figure, which a task is moved from.
    pub(super) fn source_period(self) -> Option<Day> {
        self.open.with_untracked(|open| open.and_then(|figure| figure.period))
    }

    /// Moves a task: here at once, then on the server.
    pub(super) fn move_task(self, task: LoadTask, to: Target) {
        let from = self.source_period();
        let ops = plan::ops(&task, from, to, &self.grid());
        if ops.is_empty() {
            return;
        }
        let back = plan::reverse(&task, &ops);
        let (title, place) = (task.title.clone(), self.place(to));
        let home = Target { user: task.assignee_id, when: plan::current_period(&task, from, &self.grid()) };
        let undo = (plan::after(&task, &ops), home);
        self.announcement.set(format!("Moved {title} to {place}."));
        let done = move || {
            let (task, to) = undo.clone();
            let back = back.clone();
            let undo = move || self.send(task.clone(), None, to, back.clone(), Arc::new(|| ()));
            self.toasts.show(Toast::done(format!("Moved “{title}” to {place}.")).with("Undo", undo));
        };
        self.send(task, from, to, ops, Arc::new(done));
    }

    /// `Ada, 16 – 22 Nov`
    fn place(self, to: Target) -> String {
        let name = self.name(to.user);
        match to.when {
            When::Same => name,
            When::In(period) => format!("{name}, {}", self.period(period)),
            When::Undated => format!("{name}, no date"),
        }
    }

    fn send(self, task: LoadTask, from: Option<Day>, to: Target, ops: Vec<Op>, done: Arc<dyn Fn() + Send + Sync>) {
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        let title = task.title.clone();
        self.pending_moves
            .update(|pending_moves| pending_moves.push(PendingMove { id, task, from, to, counted_by: None }));
        // Under op ids that stay the same, so that a retry has no second effect.
        let named = ops.into_iter().filter_map(|op| Some((OpId::new(fresh_id()?), op))).collect::<Vec<_>>();
        let backend = self.backend();
        spawn_local(async move {
            let mut answer = Ok(());
            for (op_id, op) in named {
                answer = backend.send_as(op_id, op.request()).await.map(drop);
                if answer.as_ref().is_err_and(ApiError::is_temporary) {
                    // Retried: perhaps only the response was lost.
                    answer = backend.send_as(op_id, op.request()).await.map(drop);
                }
                if answer.is_err() {
                    break;
                }
            }
            if self.pending_moves.try_with_untracked(|_| ()).is_none() {
                return;
            }
            match answer {
                Ok(()) => done(),
                Err(error) => {
                    // Without the refused move, the figures are those of the server.
                    self.pending_moves.update(|pending_moves| pending_moves.retain(|pending| pending.id != id));
                    self.announcement.set(format!("{title} is back where it was."));
                    self.toasts.show(Toast::problem(format!("“{title}” was not moved. {}", sentence(&error))));
                }
            }
            let counted_by = self.load.refetch();
            self.pending_moves.update(|pending_moves| {
                if let Some(pending) = pending_moves.iter_mut().find(|pending| pending.id == id) {
                    pending.counted_by = Some(counted_by);
                }
            });
        });
    }
}

/// The name of the row of unassigned tasks.
pub(super) const NOBODY: &str = "Unassigned";

/// A task's dates in words: `16 – 20 Nov`, `due 20 Nov`, `from 16 Nov`.
pub(super) fn when(task: &LoadTask, today: Day) -> String {
    match plan::dates(task) {
        (Some(start), Some(due)) if start <= due => span(start, due, today),
        (_, Some(due)) => format!("due {}", due.plain(today)),
        (Some(start), None) => format!("from {}", start.plain(today)),
        (None, None) => "no date".to_owned(),
    }
}
