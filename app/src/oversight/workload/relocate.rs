//! Moving a task without dragging it: "Move to…".

use engine::oversight::workload::LoadTask;
use leptos::{html, prelude::*};

use super::{
    plan::{Target, When},
    workload_state::{NOBODY, WorkloadState},
};
use crate::ui::{
    dialog::show_while,
    dom::{find, focus},
    field::{Choice, Select, send_on_enter},
    focus::restore_focus,
};

const SAME: &str = "same";
const UNDATED: &str = "undated";
const NONE: &str = "none";

/// The dialog: an assignee, and a week.
pub(super) fn relocate(state: WorkloadState) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    show_while(node, Signal::derive(move || state.moving.with(Option::is_some)));
    let close = move || {
        if let Some(task) = state.moving.get_untracked() {
            state.moving.set(None);
            // The task may have left the list: the panel itself gets the focus then.
            restore_focus(move || {
                let button = find(&format!("[data-move=\"{}\"]", task.id));
                if let Some(element) = button.or_else(|| find(".load-panel")) {
                    focus(&element);
                }
            });
        }
    };
    view! {
        <dialog class="dialog move-dialog" node_ref=node aria-labelledby="load-move-title" on:close=move |_| close()>
            {move || state.moving.get().map(|task| choices(state, task, close))}
        </dialog>
    }
    .into_any()
}

fn choices(state: WorkloadState, task: LoadTask, close: impl Fn() + Copy + Send + Sync + 'static) -> AnyView {
    let person = RwSignal::new(task.assignee_id.map_or_else(|| NONE.to_owned(), |user| user.to_string()));
    let week = RwSignal::new(SAME.to_owned());
    let people = state.view.with_untracked(|load| {
        let choice = |user: Option<engine::UserId>, name: &str| match user {
            Some(user) => (user.to_string(), name.to_owned()),
            None => (NONE.to_owned(), NOBODY.to_owned()),
        };
        load.people.iter().map(|person| choice(person.user_id, &person.name)).collect::<Vec<Choice>>()
    });
    let grid = state.grid();
    let weeks = grid.periods.iter().map(|first| {
        let now = if *first <= grid.today && grid.today <= grid.last(*first) { ", this week" } else { "" };
        (first.to_string(), format!("{}{now}", state.period(*first)))
    });
    let ends = [(SAME, "Keep"), (UNDATED, "No date")].map(|(own, text)| (own.to_owned(), text.to_owned()));
    let [same, undated] = ends;
    let weeks = [same].into_iter().chain(weeks).chain([undated]).collect::<Vec<Choice>>();
    let title = task.title.clone();
    let go = move || {
        let when = match week.get_untracked().as_str() {
            SAME => When::Same,
            UNDATED => When::Undated,
            first => first.parse().map_or(When::Same, When::In),
        };
        // `none` is not an id.
        let user = person.get_untracked().parse().ok();
        close();
        state.move_task(task.clone(), Target { user, when });
    };
    view! {
        <form
            on:keydown=send_on_enter
            on:submit=move |event| {
                event.prevent_default();
                go();
            }
        >
            <h2 class="move-title" id="load-move-title">"Move “"{title}"”"</h2>
            <div class="field">
                <Select
                    id="load-move-person"
                    label="Person"
                    value=person
                    choices=Signal::stored(people)
                    on_change=Callback::new(move |chosen| person.set(chosen))
                />
            </div>
            <div class="field">
                <Select
                    id="load-move-week"
                    label="Week"
                    value=week
                    choices=Signal::stored(weeks)
                    on_change=Callback::new(move |chosen| week.set(chosen))
                />
            </div>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| close()>"Cancel"</button>
                <button class="button primary" type="submit">"Move"</button>
            </div>
        </form>
    }
    .into_any()
}
