//! The short fields of a card: column, assignee, priority, due date, estimate, and what blocks it. Each has an icon; a
//! value with a mark on the board has the same mark here.

use engine::{Day, Op, Placement, Priority, TaskPatch, Timestamp, limit};
use leptos::prelude::*;

use super::{OpenCard, drafts::BLOCKED};
use crate::{
    board::due::Nearness,
    ui::{
        avatar::{Avatar, member_label},
        field::{Choice, DateField, Drafts, LineField, Rule, Save, Select, people},
        icon::Icon,
        priority::PriorityMark,
    },
};

const PRIORITIES: [(Priority, &str, &str); 5] = [
    (Priority::None, "none", "No priority"),
    (Priority::Low, "low", "Low"),
    (Priority::Medium, "medium", "Medium"),
    (Priority::High, "high", "High"),
    (Priority::Urgent, "urgent", "Urgent"),
];

impl OpenCard {
    fn patch(self, patch: TaskPatch) {
        self.store.submit(Op::UpdateTask { task_id: self.id, patch });
    }
}

/// All fields, one below the other.
#[component]
pub(super) fn Properties(open: OpenCard) -> impl IntoView {
    view! {
        <div class="properties">
            <StatusField open />
            <AssigneeField open />
            <PriorityField open />
            <StartField open />
            <DueField open />
            <EstimateField open />
            <BlockedField open />
        </div>
    }
    .into_any()
}

fn date(moment: Option<Timestamp>) -> String {
    moment.map(|moment| Day::utc(moment).to_string()).unwrap_or_default()
}

/// The mark of a value, over the left end of its field. Decorative: the field has the words.
fn mark(mark: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    view! { <span class="property-mark" aria-hidden="true">{mark}</span> }.into_any()
}

/// Stands in for the mark of an empty value.
fn blank() -> AnyView {
    view! { <span class="property-blank"></span> }.into_any()
}

#[component]
fn StatusField(open: OpenCard) -> impl IntoView {
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
    let color = Memo::new(move |_| {
        let status = open.task.with(|task| task.as_ref().map(|task| task.status_id))?;
        store.status(status).map(|status| status.color)
    });
    let dot = move || {
        view! {
            <svg class="column-dot" viewBox="0 0 10 10">
                <circle cx="5" cy="5" r="4" fill=color.get() />
            </svg>
        }
        .into_any()
    };
    view! {
        <div class="property">
            <Icon name="board" />
            <Select id="task-status" label="Column" value choices disabled=open.locked() saves=true on_change=choose />
            {mark(dot)}
        </div>
    }
    .into_any()
}

#[component]
fn AssigneeField(open: OpenCard) -> impl IntoView {
    let store = open.store;
    let value = open.read(|task| task.assignee_id.map(|id| id.to_string()).unwrap_or_default());
    let nobody: Choice = (String::new(), "Unassigned".to_owned());
    let choices = people(store.members(), value, vec![nobody]);
    let choose = Callback::new(move |value: String| {
        store.submit(Op::AssignTask { task_id: open.id, assignee_id: value.parse().ok() });
    });
    let assignee = open.read(|task| task.assignee_id);
    let face = move || match assignee.get().and_then(|id| store.member(id)) {
        Some(member) => {
            let class = if member.former { "avatar-small avatar-former" } else { "avatar-small" };
            view! { <Avatar user=member.user_id name=member_label(&member) decorative=true class /> }.into_any()
        }
        None => blank(),
    };
    view! {
        <div class="property">
            <Icon name="user" />
            <Select id="task-assignee" label="Assignee" value choices disabled=open.locked() saves=true on_change=choose />
            {mark(face)}
        </div>
    }
    .into_any()
}

#[component]
fn PriorityField(open: OpenCard) -> impl IntoView {
    let priority = open.read(|task| task.priority);
    let value = Signal::derive(move || {
        let priority = priority.get();
        let named = PRIORITIES.iter().find(|(one, ..)| *one == priority);
        named.map(|(_, name, _)| (*name).to_owned()).unwrap_or_default()
    });
    let choices =
        PRIORITIES.iter().map(|(_, name, text)| ((*name).to_owned(), (*text).to_owned())).collect::<Vec<Choice>>();
    let choose = Callback::new(move |value: String| {
        let priority = PRIORITIES.iter().find(|(_, name, _)| *name == value).map(|(priority, ..)| *priority);
        open.patch(TaskPatch { priority, ..TaskPatch::default() });
    });
    let bars = move || match priority.get() {
        Priority::None => blank(),
        priority => view! { <PriorityMark priority /> }.into_any(),
    };
    view! {
        <div class="property">
            <Icon name="priority" />
            <Select
                id="task-priority"
                label="Priority"
                value
                choices=Signal::stored(choices)
                disabled=open.locked()
                saves=true
                on_change=choose
            />
            {mark(bars)}
        </div>
    }
    .into_any()
}

#[component]
fn StartField(open: OpenCard) -> impl IntoView {
    let value = open.read(|task| date(task.start_at));
    let save = Callback::new(move |value: String| {
        open.patch(TaskPatch { start_at: Some(moment(&value)), ..TaskPatch::default() });
    });
    view! {
        <div class="property">
            <Icon name="start" />
            <DateField id="task-start" label="Start" value locked=open.locked() today=open.store.today() on_save=save />
        </div>
    }
    .into_any()
}

/// The due date. Its mark has the colour that the card on the board has.
#[component]
fn DueField(open: OpenCard) -> impl IntoView {
    let value = open.read(|task| date(task.due_at));
    let save = Callback::new(move |value: String| {
        open.patch(TaskPatch { due_at: Some(moment(&value)), ..TaskPatch::default() });
    });
    let nearness = Memo::new(move |_| {
        let today = open.store.today().get();
        open.task.with(|task| task.as_ref().map_or(Nearness::Later, |task| Nearness::of(task, today)))
    });
    view! {
        <div
            class="property"
            class:property-near=move || nearness.get() == Nearness::Near
            class:property-late=move || nearness.get() == Nearness::Late
        >
            <Icon name="calendar" />
            <DateField id="task-due" label="Due" value locked=open.locked() today=open.store.today() on_save=save />
            <span class="property-note" data-testid="overdue" hidden=move || nearness.get() != Nearness::Late>"Overdue"</span>
        </div>
    }
    .into_any()
}

fn moment(value: &str) -> Option<Timestamp> {
    value.parse().ok().map(Day::timestamp)
}

#[component]
fn EstimateField(open: OpenCard) -> impl IntoView {
    let value = open.read(|task| task.estimate_hours.map(|hours| hours.to_string()).unwrap_or_default());
    let save = Callback::new(move |hours: String| {
        open.patch(TaskPatch { estimate_hours: Some(hours.parse().ok()), ..TaskPatch::default() });
    });
    view! {
        <div class="property">
            <Icon name="clock" />
            <LineField
                id="task-estimate"
                label="Estimate"
                placeholder="No estimate"
                value
                locked=open.locked()
                takes=Rule::Number { min: 0.0, max: limit::ESTIMATE_HOURS, whole: false, optional: true }
                save=Save::Now(save)
            />
            <span class="property-note" hidden=move || value.with(String::is_empty)>"hours"</span>
        </div>
    }
    .into_any()
}

#[component]
fn BlockedField(open: OpenCard) -> impl IntoView {
    let value = open.read(|task| task.blocked_reason.clone().unwrap_or_default());
    let save = Callback::new(move |reason: String| {
        let reason = Some(reason).filter(|reason| !reason.is_empty());
        open.patch(TaskPatch { blocked_reason: Some(reason), ..TaskPatch::default() });
    });
    let blocked = Memo::new(move |_| !value.with(String::is_empty));
    let locked = open.locked();
    view! {
        <div class="property wide" class:blocked=move || blocked.get()>
            <Icon name="block" />
            <LineField
                id="task-blocked"
                label="Blocked by"
                placeholder="Not blocked"
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
