//! The dialog for a member's capacity: working hours, and days off.

use engine::{
    Day, Method, Request, UserId,
    oversight::{Capacity, DaysOff},
};
use leptos::{html, prelude::*, task::spawn_local};
use serde_json::{Value, json};

use super::workload_state::WorkloadState;
use crate::{
    date::WEEKDAYS,
    message::sentence,
    oversight::words::hours,
    ui::{
        dialog::show_while,
        field::{DateField, LineField, Rule, Save, first_invalid},
        form::{FormError, Submission, SubmitButton},
        icon::Icon,
        rows::{KeyedRow, rows},
    },
};

/// A range of days off while it is edited.
#[derive(Clone, Copy)]
struct DaysOffRange {
    key: u32,
    first: RwSignal<String>,
    last: RwSignal<String>,
}

/// The form's fields.
#[derive(Clone, Copy)]
struct CapacityForm {
    hours: [RwSignal<String>; 7],
    ranges: RwSignal<Vec<DaysOffRange>>,
    /// Numbers the ranges.
    next: StoredValue<u32>,
}

impl CapacityForm {
    fn new(capacity: &Capacity) -> Self {
        let this = Self {
            hours: capacity.hours.map(|of| RwSignal::new(hours(of))),
            ranges: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        for DaysOff { first, last } in &capacity.days_off {
            this.add(first.to_string(), last.to_string());
        }
        this
    }

    fn add(self, first: String, last: String) {
        let key = self.next.get_value();
        self.next.set_value(key + 1);
        self.ranges
            .update(|ranges| ranges.push(DaysOffRange { key, first: RwSignal::new(first), last: RwSignal::new(last) }));
    }

    /// The form's values, from fields that have saved. A range without dates is left out.
    fn body(self) -> Value {
        let hours = self.hours.map(|of| of.get_untracked().parse::<f64>().ok());
        let days_off = self.ranges.with_untracked(|ranges| {
            let days = |line: &DaysOffRange| {
                let (first, last) = (line.first.get_untracked(), line.last.get_untracked());
                let last = if last.is_empty() { first.clone() } else { last };
                (!first.is_empty()).then(|| json!({ "first": first, "last": last }))
            };
            ranges.iter().filter_map(days).collect::<Vec<_>>()
        });
        json!({ "hours": hours, "days_off": days_off })
    }
}

/// The dialog, shown while a member's capacity is edited.
pub(super) fn editor(state: WorkloadState) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    show_while(node, Signal::derive(move || state.capacity.with(Option::is_some)));
    let close = move || state.capacity.set(None);
    view! {
        <dialog class="dialog capacity-dialog" node_ref=node aria-labelledby="capacity-title" on:close=move |_| close()>
            {move || state.capacity.get().map(|(user, name)| dialog_body(state, user, name, close))}
        </dialog>
    }
    .into_any()
}

fn dialog_body(
    state: WorkloadState,
    user: UserId,
    name: String,
    close: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let answer = RwSignal::new(None);
    let reply = state.backend().capacity(user);
    spawn_local(async move {
        let got = reply.await;
        answer.try_set(Some(got));
    });
    let body = move || match answer.get() {
        None => view! { <span class="skeleton capacity-skeleton"></span> }.into_any(),
        Some(Ok(capacity)) => form(state, user, &capacity, close),
        Some(Err(error)) => view! {
            <p class="field-error" role="alert">{sentence(&error)}</p>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| close()>"Close"</button>
            </div>
        }
        .into_any(),
    };
    view! {
        <h2 id="capacity-title">"Capacity of "{name}</h2>
        {body}
    }
    .into_any()
}

fn form(
    state: WorkloadState,
    user: UserId,
    capacity: &Capacity,
    close: impl Fn() + Copy + Send + Sync + 'static,
) -> AnyView {
    let form_state = CapacityForm::new(capacity);
    let submission = Submission::idle();
    let today = state.grid().today;
    let done = Callback::new(move |_: Value| {
        close();
        state.load.refetch();
    });
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if first_invalid(&event) {
            return;
        }
        let put = Request::new(Method::Put, format!("/api/users/{user}/capacity")).json(form_state.body());
        submission.send(put, done);
    };
    let fields = WEEKDAYS.into_iter().zip(form_state.hours).map(|(day, value)| hours_field(day, value));
    let ranges = move || {
        form_state
            .ranges
            .get()
            .into_iter()
            .map(|line| KeyedRow::new(line.key, move || days_off(form_state, line, today)))
            .collect()
    };
    view! {
        <form class="form" on:submit=send>
            <fieldset>
                <legend class="label">"Hours per day"</legend>
                <div class="capacity-hours">{fields.collect_view()}</div>
            </fieldset>
            <fieldset>
                <legend class="label">"Days off"</legend>
                <ul class="capacity-days">{rows(ranges)}</ul>
                <button
                    class="button small"
                    type="button"
                    on:click=move |_| form_state.add(next(form_state, today), String::new())
                >
                    <Icon name="plus" />
                    "Add days off"
                </button>
            </fieldset>
            <FormError submission />
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| close()>"Cancel"</button>
                <SubmitButton label="Save" busy="Saving…" submission />
            </div>
        </form>
    }
    .into_any()
}

/// The start of a new range: after the last one, and not in the past.
fn next(form_state: CapacityForm, today: Day) -> String {
    let last = form_state
        .ranges
        .with_untracked(|ranges| ranges.iter().filter_map(|line| line.last.get_untracked().parse::<Day>().ok()).max());
    last.map_or(today, |last| last.plus(1).max(today)).to_string()
}

fn hours_field(day: &'static str, value: RwSignal<String>) -> AnyView {
    let save = Save::Now(Callback::new(move |hours| value.set(hours)));
    let takes = Rule::Number { min: 0.0, max: 24.0, whole: false, optional: false };
    let id = format!("capacity-{day}");
    view! {
        <div class="capacity-day">
            <span aria-hidden="true">{&day[..3]}</span>
            <LineField id label=day bare=true value=value.into() locked=Signal::stored(false) takes save />
        </div>
    }
    .into_any()
}

fn days_off(form_state: CapacityForm, line: DaysOffRange, today: Day) -> AnyView {
    let field = |id: &str, label: &'static str, value: RwSignal<String>, optional: bool| {
        let id = format!("off-{id}-{}", line.key);
        let today = Signal::stored(today);
        let on_save = Callback::new(move |day| value.set(day));
        view! { <DateField id label bare=true placeholder="" value=value.into() optional today on_save /> }.into_any()
    };
    view! {
        <li class="capacity-line">
            {field("first", "First day off", line.first, false)}
            <span class="quiet">"to"</span>
            {field("last", "Last day off", line.last, true)}
            <button
                class="icon-button"
                type="button"
                aria-label="Remove these days off"
                title="Remove"
                on:click=move |_| form_state.ranges.update(|ranges| ranges.retain(|other| other.key != line.key))
            >
                <Icon name="close" />
            </button>
        </li>
    }
    .into_any()
}
