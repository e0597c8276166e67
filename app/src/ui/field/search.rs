//! A search field, whose results follow each key, and a read-only text.

use leptos::{html, prelude::*};

/// A search field. Its text takes effect at once and is not saved. Escape empties it.
#[component]
pub(crate) fn SearchField(
    /// The label.
    label: &'static str,
    /// The placeholder.
    placeholder: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// The element, for focus.
    node: NodeRef<html::Input>,
    /// Called when Escape has emptied it.
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
                    // Whatever is around the field stays open.
                    event.prevent_default();
                    value.set(String::new());
                    on_escape.run(());
                }
            }
        />
    }
    .into_any()
}

/// A read-only text that can be selected and copied.
pub(crate) fn read_only(
    class: &'static str,
    label: &'static str,
    value: String,
    node: NodeRef<html::Input>,
) -> AnyView {
    view! { <input class=class readonly=true aria-label=label value=value node_ref=node /> }.into_any()
}
