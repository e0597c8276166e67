//! The columns of the board: name, colour, category, WIP limit, order.

use engine::{Category, Method, Request, StatusId, limit};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::Shared;
use crate::{
    board::column_editor::{Column, Side},
    ui::{
        field::{Choice, Select, TextField, dot, line_of, next_color},
        form::{FormError, Submission, SubmitButton},
        icon::Icon,
    },
};

const CATEGORIES: [(Category, &str, &str); 3] = [
    (Category::Todo, "todo", "Not started"),
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

/// The list of columns, and the form for a new one.
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
                "Cards in a “Done” column count as completed. Limits are shown but not enforced."
            </p>
            <ul class="rows">
                <For each=move || ids.get() key=|id| *id let:id>
                    <Row shared submission id />
                </For>
            </ul>
            <FormError submission />
            {move || shared.can_edit().then(|| view! { <Add shared /> })}
        </section>
    }
    .into_any()
}

#[component]
fn Row(shared: Shared, submission: Submission, id: StatusId) -> impl IntoView {
    let column = Column { store: shared.store, id };
    let locked = Signal::derive(move || !shared.can_edit());
    // The event that follows shows the change.
    let done = Callback::new(|_: Value| ());
    let send = Callback::new(move |request: Request| submission.send(request, done));
    let mean = Callback::new(move |category: String| send.run(column.patch(json!({ "category": category }))));
    let text = move || {
        let limit = column.limit().get();
        let limit = if limit.is_empty() { String::new() } else { format!(" · limit {limit}") };
        let meaning = shared.store.status(id).and_then(|status| {
            CATEGORIES.iter().find(|(category, ..)| *category == status.category).map(|(.., text)| *text)
        });
        format!("{}{limit}", meaning.unwrap_or_default())
    };
    // A reader without the right to change columns sees text instead of disabled fields.
    let read = move || {
        view! {
            <li class="row column-read">
                {dot(column.color())}
                <div class="row-text">
                    <p class="row-name" dir="auto">{move || column.name().get()}</p>
                    <p class="quiet">{text}</p>
                </div>
            </li>
        }
    };
    let change = move || {
        view! {
            <li class="row column-row">
                <ColorButton column locked submission send />
                {column.name_field(format!("name-{id}"), true, locked)}
                <Select
                    id=format!("category-{id}")
                    label="Column type"
                    bare=true
                    value=column.read(|status| word(status.category))
                    choices=categories()
                    disabled=locked
                    saves=true
                    on_change=mean
                />
                {column.limit_field(format!("limit-{id}"), true, locked)}
                <Order column locked submission send />
            </li>
        }
    };
    move || if locked.get() { read().into_any() } else { change().into_any() }
}

/// The buttons that move a column up and down, and delete it.
#[component]
fn Order(column: Column, locked: Signal<bool>, submission: Submission, send: Callback<Request>) -> impl IntoView {
    let name = column.name();
    let blocked = move || submission.blocked();
    let lonely = move || column.neighbour(Side::Left).is_none() && column.neighbour(Side::Right).is_none();
    let order = |side: Side, way: &'static str, icon: &'static str| {
        view! {
            <button
                class="icon-button"
                type="button"
                aria-label=move || format!("Move {} {way}", name.get())
                title=format!("Move {way}")
                disabled=move || blocked() || column.neighbour(side).is_none()
                on:click=move |_| column.shift(side).into_iter().for_each(|request| send.run(request))
            >
                <Icon name=icon />
            </button>
        }
        .into_any()
    };
    view! {
        <div class="row-actions" hidden=move || locked.get()>
            {order(Side::Left, "up", "arrow-up")}
            {order(Side::Right, "down", "arrow-down")}
            <button
                class="icon-button"
                type="button"
                aria-label=move || format!("Delete {}", name.get())
                title="Delete column"
                disabled=move || blocked() || lonely()
                on:click=move |_| column.store.delete_column(column.id)
            >
                <Icon name="trash" />
            </button>
        </div>
    }
    .into_any()
}

/// The dot in the column's colour, which opens the colours to choose from.
#[component]
fn ColorButton(column: Column, locked: Signal<bool>, submission: Submission, send: Callback<Request>) -> impl IntoView {
    let id = format!("color-{}", column.id);
    let name = column.name();
    view! {
        <button
            class="icon-button"
            type="button"
            popovertarget=id.clone()
            aria-label=move || format!("Colour of {}", name.get())
            title="Colour"
            disabled=move || locked.get() || submission.blocked()
        >
            {dot(column.color())}
        </button>
        <div class="menu swatches" id=id.clone() popover="auto" role="group" aria-label="Colours">
            {column.color_field(Some(id.clone()), send)}
        </div>
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
        let Some(text) = line_of(submission, "name", &name.get_untracked(), limit::NAME) else { return };
        // A colour that the neighbouring columns are unlikely to have.
        let count = shared.store.statuses().with_untracked(Vec::len);
        let body = json!({ "name": text, "color": next_color(count), "category": category.get_untracked() });
        submission.send(Request::new(Method::Post, shared.path("/statuses")).json(body), done);
    };
    view! {
        <form class="form invite" method="post" on:submit=send>
            <TextField label="New column" name="name" value=name submission required=true max=limit::NAME />
            <div class="field">
                <Select
                    id="new-category"
                    label="Type"
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
