//! A column: its head, its cards, and the field for a new one.
//!
//! The head drags, renames and collapses the column, and counts the cards.

use engine::{Status, StatusId, limit};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{FocusEvent, HtmlInputElement, KeyboardEvent};

use super::{board_state::BoardState, card::card, composer::composer, elements, filter::BoardFilter};
use crate::ui::{
    dom,
    field::{LineField, Rule, Save},
    focus::nothing_has_focus,
    icon::Icon,
};

/// One column. Its cards scroll, its head and foot stay. Collapsed, it is a strip with its name and its count.
pub(super) fn column(state: BoardState, id: StatusId) -> AnyView {
    let status = Memo::new(move |_| state.store.status(id));
    let cards = state.store.column(id);
    let color = move || status.with(|status| status.as_ref().map(|Status { color, .. }| color.clone()));
    view! {
        <section
            class="column"
            data-testid="status-column"
            data-status-id=id.to_string()
            data-collapsed=move || state.collapsed.has(id).then_some("")
            aria-labelledby=heading(id)
        >
            <svg class="column-edge" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 1 1">
                <rect width="1" height="1" fill=color/>
            </svg>
            {head(state, id, status)}
            <ul class="column-cards" tabindex="-1" data-cards-of=id.to_string()>
                <For each=move || cards.get() key=|id| *id children=move |id| card(state, id)/>
            </ul>
            {move || state.can_edit.get().then(|| composer(state, id))}
        </section>
    }
    .into_any()
}

/// The id of the sentence that describes the keys to assistive technology.
pub(super) const HELP: &str = "board-column-help";

/// The id of a column's heading.
fn heading(id: StatusId) -> String {
    format!("column-{id}")
}

/// The id of the input for a column's name.
fn field(id: StatusId) -> String {
    format!("rename-{id}")
}

pub(super) fn head(state: BoardState, id: StatusId, status: Memo<Option<Status>>) -> AnyView {
    let read = move |field: fn(&Status) -> String| status.with(|status| status.as_ref().map(field));
    let name = move || state.order.name(id);
    let renaming = Memo::new(move |_| state.renaming.get() == Some(id));
    view! {
        <header class="column-head">
            <svg class="column-dot" viewBox="0 0 10 10" aria-hidden="true">
                <circle cx="5" cy="5" r="4" fill=move || read(|status| status.color.clone())/>
            </svg>
            <h2 class="column-name" class:visually-hidden=move || renaming.get() id=heading(id) dir="auto">
                {move || {
                    if state.can_edit.get() {
                        // Not a <button>: Space lifts the column, as it lifts a card.
                        view! {
                            <span
                                class="column-handle"
                                role="button"
                                tabindex=move || if renaming.get() { "-1" } else { "0" }
                                data-column-handle=id.to_string()
                                aria-describedby=HELP
                            >
                                {name}
                            </span>
                        }
                        .into_any()
                    } else {
                        name.into_any()
                    }
                }}
            </h2>
            {move || renaming.get().then(|| name_field(state, id))}
            {count(state, id, status)}
            <span class="column-actions">
                {collapse_button(state, id, name)}
                {move || state.can_edit.get().then(|| menu_button(id, name))}
            </span>
        </header>
    }
    .into_any()
}

/// Edits the name in place, until it is blurred, or Enter or Escape is pressed. A refused text stays.
fn name_field(state: BoardState, id: StatusId) -> AnyView {
    let value = Signal::derive(move || state.order.name(id).unwrap_or_default());
    let rename = Callback::new(move |name: String| state.order.rename(id, name));
    let locked = Signal::derive(move || !state.can_edit.get());
    Effect::new(move |_| {
        dom::next_frame(move || {
            if let Some(input) = dom::find(&format!("[id=\"{}\"]", field(id))) {
                dom::focus(&input);
                input.unchecked_ref::<HtmlInputElement>().select();
            }
        });
    });
    // After the field's own handler, which saves.
    let close = move |back: bool| {
        dom::next_frame(move || {
            let refused = dom::find(&format!("[id=\"{}\"][aria-invalid=true]", field(id))).is_some();
            if !refused && state.renaming.try_get_untracked() == Some(Some(id)) {
                state.renaming.set(None);
                if back {
                    dom::after_render(move || {
                        if let Some(handle) = elements::handle(id).filter(|_| nothing_has_focus()) {
                            dom::focus(&handle);
                        }
                    });
                }
            }
        });
    };
    view! {
        <div
            class="column-rename"
            on:focusout=move |_: FocusEvent| close(false)
            on:keydown:capture=move |event: KeyboardEvent| {
                if matches!(event.key().as_str(), "Enter" | "Escape") {
                    close(true);
                }
            }
        >
            <LineField
                id=field(id)
                label="Column name"
                bare=true
                value
                locked
                takes=Rule::Line { max: limit::NAME, optional: false }
                save=Save::Now(rename)
            />
        </div>
    }
    .into_any()
}

/// The number of cards, or of those that the filter shows, beside the WIP limit if there is one.
fn count(state: BoardState, id: StatusId, status: Memo<Option<Status>>) -> AnyView {
    let cards = state.store.column(id);
    let filter = use_context::<BoardFilter>();
    let count = {
        let cards = cards.clone();
        Memo::new(move |_| cards.with(Vec::len))
    };
    let shown = Memo::new(move |_| {
        let filter = filter.filter(|filter| filter.is_active())?;
        let shows = |id| state.store.card(id).is_some_and(|card| card.with(|card| filter.shows(&card.task)));
        Some(cards.with(|ids| ids.iter().filter(|id| shows(**id)).count()))
    });
    let limit = move || status.with(|status| status.as_ref().and_then(|status| status.wip_limit));
    let over = move || limit().is_some_and(|limit| count.get() > limit as usize);
    view! {
        <span class="column-count" class:column-count-over=over>
            {move || count_words(count.get(), shown.get(), limit())}
        </span>
    }
    .into_any()
}

fn count_words(count: usize, shown: Option<usize>, limit: Option<u32>) -> AnyView {
    let spoken = match limit {
        Some(limit) if count > limit as usize => " cards, over the limit",
        _ if count == 1 => " card",
        _ => " cards",
    };
    let counted = shown.map_or_else(|| count.to_string(), |shown| format!("{shown} of {count}"));
    let written = match limit {
        Some(limit) => format!("{counted} / {limit}"),
        None => counted,
    };
    view! {
        {written}
        <span class="visually-hidden">{spoken}</span>
    }
    .into_any()
}

fn collapse_button(
    state: BoardState,
    id: StatusId,
    name: impl Fn() -> Option<String> + Copy + Send + Sync + 'static,
) -> AnyView {
    let collapsed = move || state.collapsed.has(id);
    let label = move || {
        let act = if collapsed() { "Expand" } else { "Collapse" };
        format!("{act} column {}", name().unwrap_or_default())
    };
    view! {
        <button
            class="column-button"
            type="button"
            data-collapse=id.to_string()
            aria-expanded=move || (!collapsed()).to_string()
            aria-label=label
            title=move || if collapsed() { "Expand" } else { "Collapse" }
        >
            {move || if collapsed() { view! { <Icon name="uncollapse"/> } } else { view! { <Icon name="collapse"/> } }}
        </button>
    }
    .into_any()
}

fn menu_button(id: StatusId, name: impl Fn() -> Option<String> + Send + 'static) -> AnyView {
    view! {
        <button
            class="column-button column-menu-button"
            type="button"
            data-column-menu-of=id.to_string()
            aria-haspopup="dialog"
            aria-label=move || format!("Change column {}", name().unwrap_or_default())
        >
            <Icon name="dots"/>
        </button>
    }
    .into_any()
}
