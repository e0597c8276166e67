//! The short fields of a task: where it is, whose, how urgent, when, how long, and what stands in its way.

use engine::{Day, Op, Placement, Priority, TaskPatch, Timestamp, limit};
use leptos::prelude::*;

use super::{Open, drafts::BLOCKED};
use crate::{
    field::{Choice, DateField, Drafts, LineField, Rule, Save, Select, people},
    icon::Icon,
};

const PRIORITIES: [(Priority, &str, &str); 5] = [
    (Priority::None, "none", "No priority"),
    (Priority::Low, "low", "Low"),
    (Priority::Medium, "medium", "Medium"),
    (Priority::High, "high", "High"),
    (Priority::Urgent, "urgent", "Urgent"),
];

impl Open {
    fn patch(self, patch: TaskPatch) {
        self.store.submit(Op::UpdateTask { task_id: self.id, patch });
    }
}

/// The grid of fields.
#[component]
pub(super) fn Properties(open: Open) -> impl IntoView {
    view! {
        <div class="properties">
            <StatusField open />
            <AssigneeField open />
            <PriorityField open />
            <TaskDate
                open
                id="task-start"
                label="Start"
                value=open.read(|task| date(task.start_at))
                patch=|start_at| TaskPatch { start_at: Some(start_at), ..TaskPatch::default() }
            />
            <TaskDate
                open
                id="task-due"
                label="Due"
                value=open.read(|task| date(task.due_at))
                patch=|due_at| TaskPatch { due_at: Some(due_at), ..TaskPatch::default() }
            />
            <EstimateField open />
            <BlockedField open />
        </div>
    }
    .into_any()
}

fn date(moment: Option<Timestamp>) -> String {
    moment.map(|moment| Day::utc(moment).to_string()).unwrap_or_default()
}

#[component]
fn StatusField(open: Open) -> impl IntoView {
    let store = open.store;
    let choices = Signal::derive(move || {
        store.statuses().with(|all| all.iter().map(|status| (status.id.to_string(), status.name.clone())).collect())
    });
    let value = open.read(|task| task.status_id.to_string());
    let choose = Callback::new(move |value: String| {
        if let Ok(status_id) = value.parse() {
            let to = Placement { status_id, after_id: None, before_id: None };
            store.submit(Op::MoveTask { task_id: open.id, to });
        }
    });
    view! {
        <div class="property">
            <Select id="task-status" label="Status" value choices disabled=open.locked() saves=true on_change=choose />
        </div>
    }
    .into_any()
}

#[component]
fn AssigneeField(open: Open) -> impl IntoView {
    let store = open.store;
    let value = open.read(|task| task.assignee_id.map(|id| id.to_string()).unwrap_or_default());
    let nobody: Choice = (String::new(), "Nobody".to_owned());
    let choices = people(store.members(), value, vec![nobody]);
    let choose = Callback::new(move |value: String| {
        store.submit(Op::AssignTask { task_id: open.id, assignee_id: value.parse().ok() });
    });
    view! {
        <div class="property">
            <Select id="task-assignee" label="Assignee" value choices disabled=open.locked() saves=true on_change=choose />
        </div>
    }
    .into_any()
}

#[component]
fn PriorityField(open: Open) -> impl IntoView {
    let value = open.read(|task| {
        let named = PRIORITIES.iter().find(|(priority, ..)| *priority == task.priority);
        named.map(|(_, name, _)| (*name).to_owned()).unwrap_or_default()
    });
    let choices =
        PRIORITIES.iter().map(|(_, name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<Choice>>();
    let choose = Callback::new(move |value: String| {
        let priority = PRIORITIES.iter().find(|(_, name, _)| *name == value).map(|(priority, ..)| *priority);
        open.patch(TaskPatch { priority, ..TaskPatch::default() });
    });
    view! {
        <div class="property">
            <Select
                id="task-priority"
                label="Priority"
                value
                choices=Signal::stored(choices)
                disabled=open.locked()
                saves=true
                on_change=choose
            />
        </div>
    }
    .into_any()
}

#[component]
fn TaskDate(
    open: Open,
    id: &'static str,
    label: &'static str,
    value: Signal<String>,
    patch: fn(Option<Timestamp>) -> TaskPatch,
) -> impl IntoView {
    let save = Callback::new(move |value: String| {
        open.patch(patch(value.parse().ok().map(Day::timestamp)));
    });
    view! {
        <div class="property">
            <DateField id label value locked=open.locked() today=open.store.today() on_save=save />
        </div>
    }
    .into_any()
}

#[component]
fn EstimateField(open: Open) -> impl IntoView {
    let value = open.read(|task| task.estimate_hours.map(|hours| hours.to_string()).unwrap_or_default());
    let save = Callback::new(move |hours: String| {
        open.patch(TaskPatch { estimate_hours: Some(hours.parse().ok()), ..TaskPatch::default() });
    });
    view! {
        <div class="property">
            <LineField
                id="task-estimate"
                label="Hours"
                placeholder="No estimate"
                value
                locked=open.locked()
                takes=Rule::Number { min: 0.0, max: limit::ESTIMATE_HOURS, whole: false, optional: true }
                save=Save::Now(save)
            />
        </div>
    }
    .into_any()
}

#[component]
fn BlockedField(open: Open) -> impl IntoView {
    let value = open.read(|task| task.blocked_reason.clone().unwrap_or_default());
    let save = Callback::new(move |reason: String| {
        let reason = Some(reason).filter(|reason| !reason.is_empty());
        open.patch(TaskPatch { blocked_reason: Some(reason), ..TaskPatch::default() });
    });
    let blocked = Memo::new(move |_| !value.with(String::is_empty));
    let locked = open.locked();
    view! {
        <div class="property wide" class:blocked=move || blocked.get()>
            <LineField
                id="task-blocked"
                label="Blocked by"
                placeholder="Nothing"
                value
                locked
                takes=Rule::Line { max: limit::REASON, optional: true }
                save=Save::Now(save)
                drafts=Drafts::new(open.store.me(), BLOCKED, open.id)
            />
            <button
                class="button small"
                type="button"
                hidden=move || !blocked.get() || locked.get()
                on:click=move |_| open.patch(TaskPatch { blocked_reason: Some(None), ..TaskPatch::default() })
            >
                <Icon name="check" />
                "Unblock"
            </button>
        </div>
    }
    .into_any()
}
