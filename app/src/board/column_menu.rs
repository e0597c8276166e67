//! The popover for changing a column from its head: one for all columns.

use engine::{Request, StatusId};
use leptos::{prelude::*, task::spawn_local};

use super::{
    board_state::BoardState,
    column_editor::{Column, Side},
};
use crate::{
    message::sentence,
    session::backend,
    ui::{
        dom,
        icon::Icon,
        popover::Popover,
        toast::{Toast, use_toasts},
    },
};

const MENU: Popover = Popover { mark: "data-column-menu", opener: "data-column-menu-of" };

/// The popover. [`show`] opens it.
pub(super) fn column_menu(state: BoardState) -> AnyView {
    MENU.clear_when_closed(state.column_menu);
    // Looked up here, because event handlers have no context.
    let (backend, toasts) = (StoredValue::new(backend()), use_toasts());
    let send = Callback::new(move |request: Request| {
        let reply = backend.with_value(|backend| backend.send(request));
        spawn_local(async move {
            if let Err(error) = reply.await {
                toasts.show(Toast::problem(sentence(&error)));
            }
        });
    });
    view! {
        <div class="menu column-menu" popover="auto" role="dialog" aria-label="Column" tabindex="-1" data-column-menu="">
            {move || state.column_menu.get().map(|id| content(state, Column { store: state.store, id }, send))}
        </div>
    }
    .into_any()
}

fn content(state: BoardState, column: Column, send: Callback<Request>) -> AnyView {
    let id = column.id;
    // It follows its column when that moves, and closes when it goes.
    Effect::new(move |_| {
        let gone = state.store.statuses().with(|all| all.iter().all(|status| status.id != id));
        dom::after_render(move || if gone { leave() } else { place(id) });
    });
    let delete = move |_| {
        MENU.hide();
        // Before the column goes: the focus, which is back on its button, then moves to the next column.
        state.column_menu.set(None);
        state.store.delete_column(id);
    };
    let add = move |_| {
        MENU.hide();
        state.composing.set(Some(id));
    };
    let item = |side: Side, icon: &'static str, label: &'static str| {
        view! {
            <button
                class="menu-item"
                type="button"
                // Not `disabled`: the button may have the focus when the column reaches the end.
                aria-disabled=move || column.neighbour(side).is_none().then_some("true")
                on:click=move |_| column.shift(side).into_iter().for_each(|request| send.run(request))
            >
                <Icon name=icon />
                {label}
            </button>
        }
        .into_any()
    };
    let locked = Signal::derive(move || !state.can_edit.get());
    view! {
        <div class="column-fields">
            {column.name_field("column-name".to_owned(), false, locked)}
            {column.limit_field("column-limit".to_owned(), false, locked)}
        </div>
        <div class="column-colors" role="group" aria-label="Colour">
            {column.color_field(None, send)}
        </div>
        <hr class="menu-line" />
        <button class="menu-item" type="button" on:click=add>
            <Icon name="plus" />
            "Add card"
        </button>
        {item(Side::Left, "chevron-left", "Move left")}
        {item(Side::Right, "chevron-right", "Move right")}
        <button class="menu-item menu-danger" type="button" on:click=delete>
            <Icon name="trash" />
            "Delete column"
        </button>
    }
    .into_any()
}

/// Opens the popover beside a column's button. The popover itself takes the focus: on a phone a focused field would
/// open the keyboard.
pub(super) fn show(state: BoardState, column: StatusId) {
    state.column_menu.set(Some(column));
    dom::after_render(move || {
        if let Some(menu) = MENU.show(&column.to_string()) {
            dom::focus(&menu);
        }
    });
}

/// Closes the popover of a column that is gone. If the focus was there, another column's button gets it.
fn leave() {
    MENU.hide();
    let lost = document().active_element().is_none_or(|active| active.tag_name() == "BODY");
    if let Some(button) = dom::find(&format!("[{}]", MENU.opener)).filter(|_| lost) {
        dom::focus(&button);
    }
}

fn place(column: StatusId) {
    if let Some(column) = dom::find(&format!("[data-status-id=\"{column}\"]")) {
        dom::scroll_to(&column);
    }
    MENU.place(&column.to_string());
}
