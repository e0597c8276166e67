//! A text area that grows with its text: a title, a description.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::{key::sends, saved::SavedField};

/// The text area of a field that saves itself. Nothing in it is cut or rewritten while the user types.
#[component]
pub(crate) fn TextArea(
    /// The id of the element.
    id: &'static str,
    /// The field's text, and how it is saved.
    field: SavedField,
    /// Its CSS classes.
    class: &'static str,
    /// The number of lines without text.
    rows: &'static str,
    /// The label, unless `labelled_by` is set.
    #[prop(optional)]
    label: Option<&'static str>,
    /// The id of the element that is its label.
    #[prop(optional)]
    labelled_by: Option<&'static str>,
    /// The placeholder.
    #[prop(into)]
    placeholder: Signal<String>,
    /// Whether it is read-only.
    #[prop(into)]
    locked: Signal<bool>,
    /// Called with whether it has the focus.
    on_focus: Callback<bool>,
    /// Called when a key has saved or cancelled the editing, or there was none.
    #[prop(optional)]
    on_done: Option<Callback<()>>,
) -> impl IntoView {
    let pressed = move |event: KeyboardEvent| {
        let ends = event.key() == "Escape" || sends(&event);
        field.pressed(&event);
        if let Some(on_done) = on_done.filter(|_| ends && !untrack(|| field.is_edited())) {
            event.prevent_default();
            event.stop_propagation();
            on_done.run(());
        }
    };
    view! {
        <textarea
            class=class
            id=id
            rows=rows
            dir="auto"
            aria-label=label
            aria-labelledby=labelled_by
            aria-describedby=field.described_by()
            aria-invalid=move || field.is_invalid().then_some("true")
            placeholder=move || placeholder.get()
            readonly=move || locked.get()
            // Never as content: Leptos 0.8 does not escape the content of a textarea.
            prop:value=move || field.shown()
            on:input=move |event| field.write(event_target_value(&event))
            on:focus=move |_| on_focus.run(true)
            on:blur=move |_| {
                // Also when it is removed: its card was deleted, and the draft is what is left.
                if locked.try_get_untracked() == Some(false) {
                    field.leave();
                }
                on_focus.try_run(false);
            }
            on:keydown=pressed
        ></textarea>
        {field.notes()}
    }
    .into_any()
}
