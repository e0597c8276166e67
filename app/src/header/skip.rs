//! A way past the header for those who go by keys.

use leptos::prelude::*;

use crate::ui::dom::find;

/// A link that is seen while it has the focus. `go` puts the focus on what it names.
pub(crate) fn skip_link(words: &'static str, go: fn()) -> AnyView {
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        go();
    };
    view! { <a class="skip-link" href="#main" on:click=skip>{words}</a> }.into_any()
}

/// Puts the focus on what the page is about.
pub(super) fn to_content() {
    if let Some(main) = find("#main") {
        // Cannot fail: the name is valid.
        let _ = main.set_attribute("tabindex", "-1");
        let _ = main.focus();
    }
}
