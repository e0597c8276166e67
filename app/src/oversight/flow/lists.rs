//! Work in progress and blocked tasks: one bar per task, with its figure beside it. A list reads as a table already.

use engine::{
    ProjectId, TaskId,
    oversight::{
        Flow,
        flow::{Ageing, BlockedTime},
    },
};
use leptos::prelude::*;

use crate::{
    oversight::words::lasted,
    ui::{avatar::Avatar, icon::Icon},
};

/// More bars than this are shown on demand.
const FIRST: usize = 12;

/// One bar.
struct Line {
    id: TaskId,
    project: ProjectId,
    title: String,
    hours: f64,
    /// The line below the title.
    facts: AnyView,
}

/// The note in place of an empty list or chart.
pub(super) fn empty(text: &'static str) -> AnyView {
    view! { <p class="empty small">{text}</p> }.into_any()
}

/// Work in progress, by age.
pub(super) fn ageing(flow: &Flow) -> AnyView {
    if flow.ageing.is_empty() {
        return empty("Nothing is in progress. Cards in an “In progress” column appear here.");
    }
    let slow = if flow.finished.is_empty() { f64::MAX } else { flow.cycle.p85 };
    let line = |task: &Ageing| {
        let face = task
            .assignee_id
            .zip(task.assignee.clone())
            .map(|(user, name)| view! { <Avatar user name=name decorative=true class="avatar-small" /> }.into_any());
        let late = (task.hours > slow).then(|| {
            view! { <span class="flow-slow"><Icon name="alert" />"older than 85 % of finished cards"</span> }.into_any()
        });
        let facts = view! {
            {face}
            <span>{task.assignee.clone().unwrap_or_else(|| "Unassigned".to_owned())}</span>
            <span>{task.status.clone()}</span>
            {task.blocked.then(|| stuck("blocked"))}
            {late}
        };
        let (title, facts) = (task.title.clone(), facts.into_any());
        Line { id: task.id, project: task.project_id, title, hours: task.hours, facts }
    };
    lines(flow.ageing.iter().map(line).collect(), "lines")
}

/// Tasks that were blocked.
pub(super) fn blocked(flow: &Flow) -> AnyView {
    if flow.blocked.is_empty() {
        return empty("Nothing was blocked in this period.");
    }
    let line = |task: &BlockedTime| {
        let facts = task.still.then(|| stuck("still blocked")).into_any();
        Line { id: task.id, project: task.project_id, title: task.title.clone(), hours: task.hours, facts }
    };
    lines(flow.blocked.iter().map(line).collect(), "lines lines-blocked")
}

fn stuck(text: &'static str) -> AnyView {
    view! { <span class="flow-blocked"><Icon name="block" />{text}</span> }.into_any()
}

fn lines(all: Vec<Line>, class: &'static str) -> AnyView {
    let most = all.iter().map(|line| line.hours).fold(0.01, f64::max);
    let count = all.len();
    let whole = RwSignal::new(false);
    let line = |(at, line): (usize, Line)| {
        let share = format!("{}%", (line.hours / most * 100.0).round().max(1.0) as i64);
        let href = format!("/projects/{}?task={}", line.project, line.id);
        let rest = at >= FIRST;
        view! {
            <li class="line" hidden=move || rest && !whole.get()>
                <div class="line-text">
                    <a class="link" href=href>{line.title}</a>
                    <p class="line-facts quiet">{line.facts}</p>
                </div>
                <svg class="line-bar" height="8" aria-hidden="true">
                    <rect class="line-bar-fill" width=share height="8" rx="4" />
                </svg>
                <span class="line-hours num">{lasted(line.hours)}</span>
            </li>
        }
        .into_any()
    };
    let list = all.into_iter().enumerate().map(line).collect_view();
    let rest = (count > FIRST).then(|| {
        view! {
            <p class="lines-rest quiet" hidden=move || whole.get()>
                {format!("{FIRST} of {count} shown")}
                <button class="button small" type="button" on:click=move |_| whole.set(true)>
                    {format!("Show {} more", count - FIRST)}
                </button>
            </p>
        }
        .into_any()
    });
    view! {
        <ul class=class>{list}</ul>
        {rest}
    }
    .into_any()
}
