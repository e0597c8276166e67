//! The filter in the header: by text and by assignee.

use leptos::{html, prelude::*};

use crate::{
    board::{
        BoardStore,
        filter::{Assignee, BoardFilter},
    },
    ui::{
        field::{SearchField, Select, people_and_me},
        hydrated::Hydrated,
        icon::Icon,
    },
};

const ANYONE: &str = "";
const NOBODY: &str = "nobody";

/// The inputs of the filter.
#[component]
pub(super) fn FilterBar(
    store: BoardStore,
    filter: BoardFilter,
    /// Whether they are shown on a narrow page. On a wide one they always are.
    open: RwSignal<bool>,
) -> impl IntoView {
    let ready: Hydrated = expect_context();
    let node = NodeRef::<html::Input>::new();
    Effect::new(move || {
        if open.get()
            && let Some(input) = node.get_untracked()
        {
            // Fails only for an element that is not in the document.
            let _ = input.focus();
        }
    });
    let fixed = vec![(ANYONE.to_owned(), "Everyone".to_owned()), (NOBODY.to_owned(), "Unassigned".to_owned())];
    let choices = people_and_me(store.members(), store.me(), fixed);
    let value = Signal::derive(move || match filter.assignee.get() {
        Assignee::Anyone => ANYONE.to_owned(),
        Assignee::Nobody => NOBODY.to_owned(),
        Assignee::Member(user) => user.to_string(),
    });
    let choose = Callback::new(move |value: String| {
        filter.assignee.set(match value.as_str() {
            NOBODY => Assignee::Nobody,
            other => other.parse().map_or(Assignee::Anyone, Assignee::Member),
        });
    });
    view! {
        <search class="filter" class:filter-open=move || open.get()>
            <span class="filter-text">
                <Icon name="search" />
                <SearchField
                    label="Filter cards by text"
                    placeholder="Filter cards"
                    value=filter.text
                    node
                    on_escape=Callback::new(move |()| open.set(false))
                />
            </span>
            <Select
                id="filter-assignee"
                label="Filter cards by assignee"
                bare=true
                value
                choices
                disabled=Signal::derive(move || !ready.get())
                on_change=choose
            />
            {move || {
                filter
                    .is_active()
                    .then(|| {
                        view! {
                            <button
                                class="icon-button"
                                type="button"
                                aria-label="Clear filter"
                                title="Clear filter"
                                on:click=move |_| filter.clear()
                            >
                                <Icon name="close" />
                            </button>
                        }
                    })
            }}
        </search>
    }
    .into_any()
}

/// The button that shows and hides the filter on a narrow page.
#[component]
pub(super) fn FilterToggle(filter: BoardFilter, open: RwSignal<bool>) -> impl IntoView {
    let ready: Hydrated = expect_context();
    view! {
        <button
            class="icon-button filter-toggle"
            class:active=move || filter.is_active()
            type="button"
            aria-label="Filter cards"
            aria-expanded=move || open.get().to_string()
            disabled=move || !ready.get()
            on:click=move |_| open.update(|open| *open = !*open)
        >
            <Icon name="filter" />
        </button>
    }
    .into_any()
}
