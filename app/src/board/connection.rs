//! How the connection stands, in the header.

use leptos::prelude::*;

use super::store::BoardStore;

/// Live, Reconnecting n/5, or Offline with Retry, and how many changes are unsent.
#[component]
pub fn ConnectionPill(
    /// The board whose connection it is.
    store: BoardStore,
) -> impl IntoView {
    let _ = store;
    view! { <span class="connection"></span> }
}
