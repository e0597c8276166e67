//! Icons: one sprite, stroked in the colour of the text.

use leptos::prelude::*;

/// An icon of `style/assets/icons.svg`, by its id. Decorative: the control around it has the name.
#[component]
pub fn Icon(
    /// The id of the symbol.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true" width="16" height="16">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
    .into_any()
}
