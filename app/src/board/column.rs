//! A column: its head, its cards, and the place to add one.

use engine::{Status, StatusId};
use leptos::prelude::*;

use super::{card::card, composer::composer, desk::Desk};
use crate::icon::Icon;

/// One column. It scrolls by itself; its head and its foot stay.
pub(super) fn column(desk: Desk, id: StatusId) -> AnyView {
    let store = desk.store;
    let status = Memo::new(move |_| store.status(id));
    let cards = store.column(id);
    let read = move |field: fn(&Status) -> String| status.with(|status| status.as_ref().map(field));
    let count = {
        let cards = cards.clone();
        Memo::new(move |_| cards.with(Vec::len))
    };
    let limit = move || status.with(|status| status.as_ref().and_then(|status| status.wip_limit));
    let over = move || limit().is_some_and(|limit| count.get() > limit as usize);
    let heading = format!("column-{id}");

    view! {
        <section class="column" data-testid="status-column" data-status-id=id.to_string() aria-labelledby=heading.clone()>
            <svg class="column-edge" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 1 1">
                <rect width="1" height="1" fill=move || read(|status| status.color.clone())/>
            </svg>
            <header class="column-head">
                <svg class="column-dot" viewBox="0 0 10 10" aria-hidden="true">
                    <circle cx="5" cy="5" r="4" fill=move || read(|status| status.color.clone())/>
                </svg>
                <h2 class="column-name" id=heading.clone() dir="auto">
                    {move || read(|status| status.name.clone())}
                </h2>
                <span class="column-count" class:column-count-over=move || over()>
                    {move || count_words(count.get(), limit())}
                </span>
                {move || desk.can_edit.get().then(|| menu_button(id, move || read(|status| status.name.clone())))}
            </header>
            <ul class="column-cards" tabindex="-1" data-cards-of=id.to_string()>
                <For each=move || cards.get() key=|id| *id children=move |id| card(desk, id)/>
            </ul>
            <p class="column-empty" hidden=move || count.get() != 0>
                "No cards here."
            </p>
            {move || desk.can_edit.get().then(|| composer(desk, id))}
        </section>
    }
    .into_any()
}

fn menu_button(id: StatusId, name: impl Fn() -> Option<String> + Send + 'static) -> AnyView {
    view! {
        <button
            class="column-menu-button"
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

fn count_words(count: usize, limit: Option<u32>) -> AnyView {
    let spoken = match limit {
        Some(limit) if count > limit as usize => " cards, over the limit",
        _ if count == 1 => " card",
        _ => " cards",
    };
    let shown = match limit {
        Some(limit) => format!("{count} / {limit}"),
        None => count.to_string(),
    };
    view! {
        {shown}
        <span class="visually-hidden">{spoken}</span>
    }
    .into_any()
}
