//! A column: its head, its cards, and the field for a new one.

mod head;

use engine::{Status, StatusId};
use leptos::prelude::*;

use super::{board_state::BoardState, card::card, composer::composer};
use head::head;

pub(super) use head::HELP;

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
            aria-labelledby=head::heading(id)
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
