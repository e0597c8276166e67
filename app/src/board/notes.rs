//! The note on a board without visible cards: first steps, or that the filter hides everything.

use engine::Role;
use leptos::prelude::*;
use leptos_router::components::A;

use super::{board_state::BoardState, filter::BoardFilter};
use crate::ui::icon::Icon;

/// Why no card is visible.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Emptiness {
    /// The board has no cards.
    NoCards,
    /// No card matches the filter.
    NoMatch,
}

/// The note over a board on which no card is visible.
pub(super) fn empty_note(state: BoardState) -> AnyView {
    let filter = use_context::<BoardFilter>();
    let emptiness = Memo::new(move |_| {
        let store = state.store;
        let ids: Vec<_> =
            store.statuses().with(|all| all.iter().flat_map(|status| store.column(status.id).get()).collect());
        if ids.is_empty() {
            return Some(Emptiness::NoCards);
        }
        let filter = filter.filter(|filter| filter.is_active())?;
        let shown = |id| store.card(id).is_some_and(|card| card.with(|card| filter.shows(&card.task)));
        (!ids.into_iter().any(shown)).then_some(Emptiness::NoMatch)
    });
    // While a first card is being typed there is no note.
    let note = move || match emptiness.get().filter(|_| state.composing.get().is_none()) {
        Some(Emptiness::NoCards) => Some(first_steps(state)),
        Some(Emptiness::NoMatch) => filter.map(no_match),
        None => None,
    };
    view! { <div class="board-note-area">{note}</div> }.into_any()
}

fn first_steps(state: BoardState) -> AnyView {
    let members = format!("/projects/{}/settings#members", state.store.project_id());
    let add = move |_| {
        state.composing.set(state.order.ids_untracked().first().copied());
    };
    let owner = move || state.store.role() == Role::Owner;
    let steps = move || {
        if state.can_edit.get() {
            view! {
                <p class="quiet">
                    {if owner() { "Add your first card, then invite the people you work with." } else { "Add the first card." }}
                </p>
                <div class="board-note-actions">
                    <button class="button primary" type="button" on:click=add>
                        <Icon name="plus"/>
                        "Add a card"
                    </button>
                    {owner().then(|| view! {
                        <A href=members.clone() attr:class="button">
                            <Icon name="users"/>
                            "Invite people"
                        </A>
                    }.into_any())}
                </div>
            }
            .into_any()
        } else {
            view! { <p class="quiet">"Cards appear here as soon as someone adds them."</p> }.into_any()
        }
    };
    view! {
        <div class="board-note" data-testid="empty-board">
            <h2>"This board is empty"</h2>
            {steps}
        </div>
    }
    .into_any()
}

fn no_match(filter: BoardFilter) -> AnyView {
    view! {
        <div class="board-note" role="status" data-testid="no-match">
            <h2>"No cards match the filter"</h2>
            <p class="quiet">{move || filter.words()}</p>
            <div class="board-note-actions">
                <button class="button" type="button" on:click=move |_| filter.clear()>
                    "Clear filter"
                </button>
            </div>
        </div>
    }
    .into_any()
}
