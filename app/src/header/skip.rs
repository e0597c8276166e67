//! A link past the header, for keyboard users.

use leptos::prelude::*;

use crate::ui::dom::find;

/// A link that is visible while focused. `go` moves the focus to its target.
pub(crate) fn skip_link(words: &'static str, go: fn()) -> AnyView {
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        go();
    };
    view! { <a class="skip-link" href="#main" on:click=skip>{words}</a> }.into_any()
}

/// Focuses the main content.
pub(super) fn to_content() {
    if let Some(main) = find("#main") {
        // Cannot fail: the name is valid.
        let _ = main.set_attribute("tabindex", "-1");
        let _ = main.focus();
    }
}
