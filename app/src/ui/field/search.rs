//! A field that shows at each key what it finds.

use leptos::{html, prelude::*};

/// A field for searching. Nothing is saved: what it says counts at once. Esc empties it.
#[component]
pub(crate) fn SearchField(
    /// What it does.
    label: &'static str,
    /// What it says while it is empty.
    placeholder: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// The element, for focus.
    node: NodeRef<html::Input>,
    /// Called when Esc has emptied it.
    on_escape: Callback<()>,
) -> impl IntoView {
    view! {
        <input
            type="search"
            class="input"
            dir="auto"
            aria-label=label
            placeholder=placeholder
            autocomplete="off"
            node_ref=node
            prop:value=move || value.get()
            on:input=move |event| value.set(event_target_value(&event))
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    // What lies around it stays open.
                    event.prevent_default();
                    value.set(String::new());
                    on_escape.run(());
                }
            }
        />
    }
    .into_any()
}

/// A text that can be selected and copied, and nothing else.
pub(crate) fn read_only(
    class: &'static str,
    label: &'static str,
    value: String,
    node: NodeRef<html::Input>,
) -> AnyView {
    view! { <input class=class readonly=true aria-label=label value=value node_ref=node /> }.into_any()
}
