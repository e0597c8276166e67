//! Who is on the board.

use leptos::prelude::*;

use super::store::BoardStore;

/// The initials of everybody who is on the board now, stacked.
#[component]
pub fn PeopleHere(
    /// The board.
    store: BoardStore,
) -> impl IntoView {
    let _ = store;
    view! { <ul class="people"></ul> }
}
