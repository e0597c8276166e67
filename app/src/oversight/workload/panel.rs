//! The panel of the tasks behind a figure, beside the table, which stays in use: tasks are dragged from here into it.

use engine::{
    ApiError, TaskId,
    oversight::{
        query::{AssigneeFilter, TasksQuery},
        workload::{LoadTask, LoadTasks, TaskFilterKind},
    },
};
use leptos::{html, prelude::*, task::spawn_local};

use super::workload_state::{Figure, WorkloadState, when};
use crate::{
    message::sentence,
    oversight::words::{count, hours},
    ui::{
        dialog::{leave_on_escape, show_beside},
        icon::Icon,
        priority::PriorityMark,
        rows::{KeyedRow, rows},
    },
};

/// The loaded pages of tasks.
#[derive(Clone, Copy)]
struct Pages {
    state: WorkloadState,
    /// Where the next page begins, if there is one.
    next: RwSignal<Option<String>>,
    loading: RwSignal<bool>,
    failed: RwSignal<Option<ApiError>>,
    /// Numbers the requests: the response to an older one is dropped.
    request_number: StoredValue<u64>,
}

impl Pages {
    /// Fetches the first page, or one more. The list stays until the response arrives.
    fn load(self, figure: Figure, more: bool) {
        let state = self.state;
        let request_number = self.request_number.get_value() + 1;
        self.request_number.set_value(request_number);
        self.loading.set(true);
        let last = figure.period.map(|first| state.grid().last(first));
        let mut query = TasksQuery {
            project: untrack(|| state.project()),
            user: AssigneeFilter(figure.user),
            which: figure.which,
            from: figure.period,
            to: last,
            after: more.then(|| self.next.get_untracked()).flatten(),
        };
        // As many as are shown: refreshing a list does not shorten it.
        let least = if more { 0 } else { state.tasks.with_untracked(Vec::len) };
        let backend = state.backend();
        spawn_local(async move {
            let mut come = if more { state.tasks.get_untracked() } else { Vec::new() };
            let answer = loop {
                match backend.load_tasks(query.clone()).await {
                    Ok(LoadTasks { tasks, next }) => {
                        come.extend(tasks);
                        if next.is_some() && come.len() < least {
                            query.after = next;
                        } else {
                            break Ok(next);
                        }
                    }
                    Err(error) => break Err(error),
                }
            };
            if self.request_number.try_get_value() != Some(request_number) {
                return;
            }
            self.loading.set(false);
            match answer {
                Ok(next) => {
                    self.failed.set(None);
                    self.next.set(next);
                    state.tasks.set(come);
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }
}

/// The panel: beside the table, and on a phone a sheet from below.
pub(super) fn panel(state: WorkloadState) -> AnyView {
    let pages = Pages {
        state,
        next: RwSignal::new(None),
        loading: RwSignal::new(false),
        failed: RwSignal::new(None),
        request_number: StoredValue::new(0),
    };
    let node = NodeRef::<html::Dialog>::new();
    let open = Memo::new(move |_| state.open.get());
    show_beside(node, open);
    let leave = move || state.open.set(None);
    leave_on_escape(Signal::derive(move || open.get().is_some()), leave);
    Effect::new(move |before: Option<Option<Figure>>| {
        state.load.shown.track();
        let figure = open.get();
        if before.flatten() != figure {
            state.tasks.set(Vec::new());
        }
        if let Some(figure) = figure {
            pages.load(figure, false);
        }
        figure
    });
    view! {
        <dialog class="load-panel" node_ref=node tabindex="-1" aria-labelledby="load-panel-title" data-testid="load-panel">
            {move || open.get().map(|figure| shown(pages, figure, leave))}
        </dialog>
    }
    .into_any()
}

fn shown(pages: Pages, figure: Figure, leave: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let state = pages.state;
    let title = title(state, figure);
    let here = Memo::new(move |_| {
        let here = |task: &&LoadTask| !state.has_left(task, figure);
        state.tasks.with(|tasks| tasks.iter().filter(here).cloned().collect::<Vec<_>>())
    });
    let list = move || {
        let ids = here.with(|tasks| tasks.iter().map(|task| task.id).collect::<Vec<_>>());
        ids.into_iter().map(|id| KeyedRow::new(id, move || row(state, id, figure))).collect()
    };
    let summary = move || {
        let person = state.person(figure.user)?;
        let index = state.view.with(|load| load.periods.iter().position(|first| Some(*first) == figure.period))?;
        let cell = person.cells.get(index)?;
        let of = if figure.user.is_some() { format!(" of {}", hours(cell.capacity)) } else { String::new() };
        Some(format!("{}{of} hours, {}", hours(cell.hours), count(cell.tasks, "card")))
    };
    let foot = move || {
        if let Some(error) = pages.failed.get() {
            return view! {
                <div class="notice danger" role="alert">
                    <p>{sentence(&error)}</p>
                    <button class="button small" type="button" on:click=move |_| pages.load(figure, false)>"Retry"</button>
                </div>
            }
            .into_any();
        }
        let (loading, empty) = (pages.loading.get(), here.with(Vec::is_empty));
        if loading && empty {
            let line = || view! { <span class="skeleton load-task-skeleton"></span> };
            return view! { <div aria-busy="true" aria-label="Loading">{[line(), line(), line()]}</div> }.into_any();
        }
        if empty {
            return view! { <p class="empty small">"No open cards here. Drag one here."</p> }.into_any();
        }
        let more = pages.next.with(Option::is_some).then(|| {
            let (shown, all) = (here.with(Vec::len), behind(state, figure));
            view! {
                <p class="quiet">{format!("{shown} of {} shown", all.max(shown))}</p>
                <button class="button" type="button" disabled=loading on:click=move |_| pages.load(figure, true)>"Show more"</button>
            }
            .into_any()
        });
        more.into_any()
    };
    view! {
        <div class="load-panel-head">
            <div>
                <h2 id="load-panel-title">{title}</h2>
                <p class="quiet">{summary}</p>
            </div>
            <button class="icon-button" type="button" aria-label="Close" on:click=move |_| leave()>
                <Icon name="close" />
            </button>
        </div>
        <ul class="load-tasks">{rows(list)}</ul>
        <div class="load-panel-foot">{foot}</div>
    }
    .into_any()
}

/// The number of tasks behind a figure.
fn behind(state: WorkloadState, figure: Figure) -> usize {
    let Some(person) = state.person(figure.user) else { return 0 };
    let count = match figure.which {
        TaskFilterKind::Period => {
            let index = state.view.with(|load| load.periods.iter().position(|first| Some(*first) == figure.period));
            index.and_then(|index| person.cells.get(index)).map_or(0, |cell| cell.tasks)
        }
        TaskFilterKind::Open => person.open,
        TaskFilterKind::Overdue => person.overdue,
        TaskFilterKind::Blocked => person.blocked,
        TaskFilterKind::Undated => person.undated.tasks,
    };
    count as usize
}

/// `Ada · 16 – 22 Nov`
fn title(state: WorkloadState, figure: Figure) -> String {
    let name = state.name(figure.user);
    let which = match (figure.which, figure.period) {
        (TaskFilterKind::Period, Some(first)) => state.period(first),
        (TaskFilterKind::Period | TaskFilterKind::Open, _) => "all open tasks".to_owned(),
        (TaskFilterKind::Overdue, _) => "overdue".to_owned(),
        (TaskFilterKind::Blocked, _) => "blocked".to_owned(),
        (TaskFilterKind::Undated, _) => "without a date".to_owned(),
    };
    format!("{name} · {which}")
}

/// One task: project, dates, estimate, and its buttons.
fn row(state: WorkloadState, id: TaskId, figure: Figure) -> AnyView {
    let task = Memo::new(move |_| state.tasks.with(|tasks| tasks.iter().find(|task| task.id == id).cloned()));
    (move || task.get().map(|task| line(state, task, figure))).into_any()
}

fn line(state: WorkloadState, task: LoadTask, figure: Figure) -> AnyView {
    let today = state.grid().today;
    let href = format!("/projects/{}?task={}", task.project_id, task.id);
    let place = if untrack(|| state.project()).is_some() {
        task.status.clone()
    } else {
        format!("{} · {}", task.project, task.status)
    };
    let whole = task.estimate_hours.map_or_else(|| "no estimate".to_owned(), |whole| format!("{} h", hours(whole)));
    let work = match task.estimate_hours {
        Some(estimate) if figure.which == TaskFilterKind::Period && task.hours + 0.05 < estimate => {
            format!("{} of {whole}", hours(task.hours))
        }
        _ => whole,
    };
    let blocked = task.blocked_reason.clone().map(|reason| {
        view! {
            <p class="load-task-blocked">
                <Icon name="block" />
                <span class="visually-hidden">"Blocked: "</span>
                {reason}
            </p>
        }
        .into_any()
    });
    let (due, late) = (when(&task, today), task.due_at.is_some_and(|due| engine::Day::utc(due) < today));
    let label = format!("Move {} to…", task.title);
    let moved = task.clone();
    let actions = task.editable.then(|| {
        view! {
            <button
                class="icon-button"
                type="button"
                aria-label=label
                title="Move to…"
                data-move=task.id.to_string()
                on:click=move |_| state.moving.set(Some(moved.clone()))
            >
                <Icon name="move" />
            </button>
        }
        .into_any()
    });
    view! {
        <li>
            <div
                class="load-task"
                class:load-task-movable=task.editable
                data-testid="load-task"
                data-load-task=task.editable.then(|| task.id.to_string())
            >
                <div class="load-task-text">
                    <a class="load-task-title" href=href draggable="false">{task.title}</a>
                    <p class="quiet">
                        <PriorityMark priority=task.priority />
                        <span>{place}</span>
                    </p>
                    <p class="load-task-facts">
                        <span class:load-task-late=late>{late.then(|| view! { <Icon name="clock" /> })}{due}{late.then_some(", overdue")}</span>
                        <span class="num">{work}</span>
                    </p>
                    {blocked}
                </div>
                {actions}
            </div>
        </li>
    }
    .into_any()
}
