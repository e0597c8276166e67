//! A text area whose text a button sends: a new card, a comment.

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

/// The ids of the list that is open below a text, and of its entry that a key would choose.
pub(crate) type ListIds = (Signal<Option<String>>, Signal<Option<String>>);

/// A text area that saves nothing by itself: its owner sends the text.
#[component]
pub(crate) fn WriteArea(
    /// The id of the element.
    #[prop(optional, into)]
    id: Option<String>,
    /// Its CSS classes.
    class: &'static str,
    /// The number of lines without text.
    rows: &'static str,
    /// The label.
    label: &'static str,
    /// The placeholder.
    #[prop(into)]
    placeholder: String,
    /// The id of its description.
    described_by: String,
    /// The text.
    value: Signal<String>,
    /// Whether the text is invalid.
    invalid: Signal<bool>,
    /// Whether it is read-only.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// The element.
    node: NodeRef<html::Textarea>,
    /// The test id.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// The label of the Enter key on a phone.
    #[prop(optional)]
    enter_hint: Option<&'static str>,
    /// The list that opens while the user types.
    #[prop(optional)]
    list: Option<ListIds>,
    /// Receives the typed text.
    on_input: Callback<String>,
    /// Receives each key.
    on_key: Callback<KeyboardEvent>,
    /// Called on blur.
    on_blur: Callback<()>,
    /// Called when the caret may have moved.
    #[prop(optional)]
    on_click: Option<Callback<()>>,
) -> impl IntoView {
    let (controls, active) = list.unzip();
    view! {
        <textarea
            class=class
            id=id
            rows=rows
            dir="auto"
            node_ref=node
            aria-label=label
            aria-describedby=described_by
            aria-autocomplete=list.map(|_| "list")
            aria-haspopup=list.map(|_| "listbox")
            aria-controls=move || controls.and_then(|id| id.get())
            aria-activedescendant=move || active.and_then(|id| id.get())
            aria-invalid=move || invalid.get().then_some("true")
            placeholder=placeholder
            enterkeyhint=enter_hint
            data-testid=testid
            readonly=move || locked.get()
            // Never as content: Leptos 0.8 does not escape the content of a textarea.
            prop:value=move || value.get()
            on:input=move |event| on_input.run(event_target_value(&event))
            on:click=move |_| on_click.iter().for_each(|click| click.run(()))
            on:blur=move |_| {
                on_blur.try_run(());
            }
            on:keydown=move |event| on_key.run(event)
        ></textarea>
    }
    .into_any()
}
