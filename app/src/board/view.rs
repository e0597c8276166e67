//! The board as a whole.

use std::sync::Arc;

use engine::{StatusId, TaskId};
use leptos::prelude::*;

use super::store::BoardStore;

/// What stands at the right end of a column's head: its menu.
#[derive(Clone)]
pub struct ColumnMenu(pub Arc<dyn Fn(StatusId) -> AnyView + Send + Sync>);

/// Columns of cards, kept live while it is on the page.
#[component]
pub fn BoardView(
    /// The board's signals, made from the page's snapshot: see [`BoardStore::open`].
    store: BoardStore,
    /// What a click or Enter on a card does.
    #[prop(into)]
    open: Callback<TaskId>,
    /// The address of a task, for the card's link.
    #[prop(into)]
    address: Callback<TaskId, String>,
    /// The menu in each column's head.
    #[prop(optional)]
    column_menu: Option<ColumnMenu>,
) -> impl IntoView {
    let _ = (open, address, column_menu);
    view! {
        <div class="board">
            <For each=move || store.statuses().get() key=|status| status.id let:status>
                <section class="column" data-testid="status-column" data-status-id=status.id.to_string()>
                    <h2>{status.name}</h2>
                </section>
            </For>
        </div>
    }
}
