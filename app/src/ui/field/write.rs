//! Text that is written to be sent: a new card, a comment.

use leptos::{html, prelude::*};
use web_sys::KeyboardEvent;

/// The ids of a list that opens below a text, while it is open, and of the entry in it that a key would choose.
pub(crate) type ListIds = (Signal<Option<String>>, Signal<Option<String>>);

/// A text area that saves nothing by itself: whoever shows it sends what it says.
#[component]
pub(crate) fn WriteArea(
    /// The id of the element.
    #[prop(optional, into)]
    id: Option<String>,
    /// Its classes.
    class: &'static str,
    /// How many lines it has without text.
    rows: &'static str,
    /// What it is.
    label: &'static str,
    /// What it says while it is empty.
    #[prop(into)]
    placeholder: String,
    /// The id of what is said about it.
    described_by: String,
    /// The text.
    value: Signal<String>,
    /// Whether it cannot be sent as it is.
    invalid: Signal<bool>,
    /// Whether it cannot be changed.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// The element itself.
    node: NodeRef<html::Textarea>,
    /// The mark that tests find it by.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// What the key that sends it is called on a phone.
    #[prop(optional)]
    enter_hint: Option<&'static str>,
    /// The list that opens while it is typed.
    #[prop(optional)]
    list: Option<ListIds>,
    /// Takes what was typed.
    on_input: Callback<String>,
    /// Hears each key.
    on_key: Callback<KeyboardEvent>,
    /// Called when it is left.
    on_blur: Callback<()>,
    /// Called when the caret may have been put elsewhere.
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
            // Never as content: Leptos 0.8 does not escape what stands in a textarea.
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
