//! The columns of the board: name, colour, meaning, WIP limit, order.

use engine::{Category, Method, Request, Status, StatusId, limit};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::Shared;
use crate::{
    dialog::Confirm,
    draft::DraftInput,
    form::{Choice, FormError, Select, Submission, SubmitButton, TextField},
    icon::Icon,
};

/// The colours on offer; the API takes any other.
const COLORS: [(&str, &str); 10] = [
    ("#8b93a3", "Grey"),
    ("#6b7cff", "Indigo"),
    ("#3b9eff", "Blue"),
    ("#12a594", "Teal"),
    ("#46a758", "Green"),
    ("#e2a336", "Amber"),
    ("#f0743c", "Orange"),
    ("#e5484d", "Red"),
    ("#d6409f", "Pink"),
    ("#8e4ec6", "Purple"),
];

const CATEGORIES: [(Category, &str, &str); 3] = [
    (Category::Todo, "todo", "Not begun"),
    (Category::Doing, "doing", "In progress"),
    (Category::Done, "done", "Done"),
];

fn word(category: Category) -> String {
    CATEGORIES.iter().find(|(own, ..)| *own == category).map(|(_, word, _)| (*word).to_owned()).unwrap_or_default()
}

fn categories() -> Signal<Vec<Choice>> {
    let choices = CATEGORIES.iter().map(|(_, word, text)| ((*word).to_owned(), (*text).to_owned()));
    Signal::stored(choices.collect::<Vec<Choice>>())
}

/// The list of columns, and the form for one more.
#[component]
pub(super) fn Columns(shared: Shared) -> impl IntoView {
    let submission = Submission::idle();
    let ids = Memo::new(move |_| {
        shared.store.statuses().with(|all| all.iter().map(|status| status.id).collect::<Vec<StatusId>>())
    });
    view! {
        <section class="panel" id="columns" aria-labelledby="columns-title">
            <h2 id="columns-title">"Columns"</h2>
            <p class="quiet">
                "A card in a column that means “Done” counts as completed. A limit is shown, never enforced."
            </p>
            <ul class="rows">
                <For each=move || ids.get() key=|id| *id let:id>
                    <Row shared submission ids id />
                </For>
            </ul>
            <FormError submission />
            {move || shared.can_edit().then(|| view! { <Add shared /> })}
        </section>
    }
    .into_any()
}

/// One column of the list, and the way to change it.
#[derive(Clone, Copy)]
struct Column {
    shared: Shared,
    submission: Submission,
    id: StatusId,
    status: Memo<Option<Status>>,
}

impl Column {
    fn read(self, field: fn(&Status) -> String) -> Signal<String> {
        Signal::derive(move || self.status.with(|status| status.as_ref().map(field).unwrap_or_default()))
    }

    fn path(self) -> String {
        self.shared.path(&format!("/statuses/{}", self.id))
    }

    /// Sends a change; the event that follows shows it.
    fn patch(self, body: Value) {
        let done = Callback::new(|_: Value| ());
        self.submission.send(Request::new(Method::Patch, self.path()).json(body), done);
    }

    fn locked(self) -> Signal<bool> {
        Signal::derive(move || !self.shared.can_edit())
    }
}

#[component]
fn Row(shared: Shared, submission: Submission, ids: Memo<Vec<StatusId>>, id: StatusId) -> impl IntoView {
    let status = Memo::new(move |_| shared.store.status(id));
    let column = Column { shared, submission, id, status };
    let locked = column.locked();
    let name = column.read(|status| status.name.clone());
    let rename = Callback::new(move |text: String| {
        if let Some(name) = limit::text(&text, limit::NAME) {
            column.patch(json!({ "name": name }));
        }
    });
    let mean = Callback::new(move |category: String| column.patch(json!({ "category": category })));
    let wip_limit = column.read(|status| status.wip_limit.map(|limit| limit.to_string()).unwrap_or_default());
    let set_limit = Callback::new(move |text: String| {
        let limit = text.trim().parse::<u32>().ok().filter(|limit| *limit > 0);
        column.patch(json!({ "wip_limit": limit }));
    });
    view! {
        <li class="row column-row">
            <ColorButton column name />
            <DraftInput
                id=format!("name-{id}")
                label="Name of the column"
                bare=true
                value=name
                locked
                maxlength=limit::NAME
                on_save=rename
            />
            <Select
                id=format!("category-{id}")
                label="What the column means"
                bare=true
                value=column.read(|status| word(status.category))
                choices=categories()
                disabled=locked
                on_change=mean
            />
            <DraftInput
                id=format!("limit-{id}")
                label="WIP limit"
                bare=true
                kind="number"
                placeholder="No limit"
                value=wip_limit
                locked
                on_save=set_limit
            />
            <Order column ids name />
        </li>
    }
    .into_any()
}

/// Moves a column up and down, and deletes it.
#[component]
fn Order(column: Column, ids: Memo<Vec<StatusId>>, name: Signal<String>) -> impl IntoView {
    let Column { submission, id, .. } = column;
    let asking = RwSignal::new(false);
    let place = move || ids.with(|ids| (ids.iter().position(|own| *own == id).unwrap_or_default(), ids.len()));
    let blocked = move || submission.blocked();
    let neighbour = move |at: usize| ids.with_untracked(|ids| ids.get(at).copied());
    let up = move |_| {
        if let Some(before) = untrack(place).0.checked_sub(1).and_then(neighbour) {
            column.patch(json!({ "before_id": before }));
        }
    };
    let down = move |_| {
        if let Some(after) = neighbour(untrack(place).0 + 1) {
            column.patch(json!({ "after_id": after }));
        }
    };
    let delete = Callback::new(move |()| {
        let done = Callback::new(|_: Value| ());
        submission.send(Request::new(Method::Delete, column.path()), done);
    });
    view! {
        <div class="row-actions" hidden=move || column.locked().get()>
            <button
                class="icon-button"
                type="button"
                aria-label=move || format!("Move {} up", name.get())
                title="Move up"
                disabled=move || blocked() || place().0 == 0
                on:click=up
            >
                <Icon name="arrow-up" />
            </button>
            <button
                class="icon-button"
                type="button"
                aria-label=move || format!("Move {} down", name.get())
                title="Move down"
                disabled=move || { blocked() || place().0 + 1 >= place().1 }
                on:click=down
            >
                <Icon name="arrow-down" />
            </button>
            <button
                class="icon-button"
                type="button"
                aria-label=move || format!("Delete {}", name.get())
                title="Delete column"
                disabled=move || blocked() || place().1 <= 1
                on:click=move |_| asking.set(true)
            >
                <Icon name="trash" />
            </button>
            <Confirm
                open=asking
                id=format!("delete-{id}")
                title=Signal::derive(move || format!("Delete the column “{}”?", name.get()))
                text=Signal::stored("Only an empty column can be deleted.".to_owned())
                action="Delete column"
                on_confirm=delete
            />
        </div>
    }
    .into_any()
}

/// The dot in the column's colour; on it, the colours to choose from.
#[component]
fn ColorButton(column: Column, name: Signal<String>) -> impl IntoView {
    let id = format!("color-{}", column.id);
    let color = column.read(|status| status.color.clone());
    let target = id.clone();
    let swatches = COLORS.map(|(hex, label)| {
        view! {
            <button
                class="swatch"
                type="button"
                aria-label=label
                title=label
                aria-pressed=move || color.with(|color| color.eq_ignore_ascii_case(hex)).to_string()
                popovertarget=id.clone()
                popovertargetaction="hide"
                on:click=move |_| column.patch(json!({ "color": hex }))
            >
                <Dot color=Signal::stored(hex.to_owned()) />
            </button>
        }
    });
    let swatches = swatches.into_iter().collect_view();
    view! {
        <button
            class="icon-button"
            type="button"
            popovertarget=target
            aria-label=move || format!("Colour of {}", name.get())
            title="Colour"
            disabled=move || column.locked().get() || column.submission.blocked()
        >
            <Dot color />
        </button>
        <div class="menu swatches" id=id popover="auto" role="group" aria-label="Colours">{swatches}</div>
    }
    .into_any()
}

/// A dot in a colour of the users'. As an attribute of SVG, because the page's policy allows no inline style.
#[component]
fn Dot(color: Signal<String>) -> impl IntoView {
    view! {
        <svg class="dot" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
            <circle cx="6" cy="6" r="6" fill=move || color.get()></circle>
        </svg>
    }
    .into_any()
}

#[component]
fn Add(shared: Shared) -> impl IntoView {
    let submission = Submission::idle();
    let name = RwSignal::new(String::new());
    let category = RwSignal::new(word(Category::Doing));
    let done = Callback::new(move |_: Value| name.set(String::new()));
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let text = name.get_untracked();
        let Some(text) = limit::text(&text, limit::NAME) else { return };
        // A colour that its neighbours are unlikely to have.
        let count = shared.store.statuses().with_untracked(Vec::len);
        let (color, _) = COLORS[count % COLORS.len()];
        let body = json!({ "name": text, "color": color, "category": category.get_untracked() });
        submission.send(Request::new(Method::Post, shared.path("/statuses")).json(body), done);
    };
    view! {
        <form class="form invite" method="post" on:submit=send>
            <TextField label="New column" name="name" value=name submission required=true maxlength=limit::NAME />
            <div class="field">
                <Select
                    id="new-category"
                    label="Meaning"
                    value=category
                    choices=categories()
                    on_change=Callback::new(move |value| category.set(value))
                />
            </div>
            <SubmitButton label="Add column" busy="Adding…" submission />
            <FormError submission fields=&["name"] />
        </form>
    }
    .into_any()
}
