//! A line of text, a number or a time that saves itself.

use leptos::prelude::*;

use super::{
    rule::Rule,
    saved::{Save, SavedField, Takes},
};

/// An input that is saved when it is left, or on Enter. Esc restores what everybody sees.
#[component]
pub(crate) fn LineField(
    /// The id of the input.
    #[prop(into)]
    id: String,
    /// What it is.
    #[prop(into)]
    label: String,
    /// Whether the label is only for assistive technology.
    #[prop(optional)]
    bare: bool,
    /// What an empty input says.
    #[prop(default = "")]
    placeholder: &'static str,
    /// What everybody sees, in the one spelling of its rule.
    value: Signal<String>,
    /// Whether it cannot be changed.
    locked: Signal<bool>,
    /// What it takes.
    takes: Rule,
    /// Saves a value that differs from the one that everybody sees.
    save: Save,
    /// Keeps what is typed and not saved.
    #[prop(optional)]
    drafts: Option<super::Drafts>,
) -> impl IntoView {
    let field = SavedField::new(id.clone(), value, Takes::Rule(takes), save);
    let field = drafts.map_or(field, |drafts| field.with_drafts(drafts));
    view! {
        <label class=if bare { "visually-hidden" } else { "label" } for=id.clone()>
            {label}
        </label>
        <div class="field-box">
            <input
                class="input"
                class:input-number=!takes.is_prose()
                id=id
                // Never `number`: a wheel would change it, and what is no number would be an empty text.
                type="text"
                inputmode=takes.input_mode()
                dir=takes.is_prose().then_some("auto")
                // Before the properties are there, the server's HTML has to show it.
                value=field.outside()
                placeholder=placeholder
                autocomplete="off"
                aria-describedby=field.described_by()
                aria-invalid=move || field.is_invalid().then_some("true")
                readonly=move || locked.get()
                prop:value=move || field.shown()
                on:input=move |event| field.write(event_target_value(&event))
                on:blur=move |_| {
                    // Also because it was taken away: its card was deleted, and the draft is what is left.
                    if locked.try_get_untracked() == Some(false) {
                        field.leave();
                    }
                }
                on:keydown=move |event| field.pressed(&event)
            />
            {field.notes()}
        </div>
    }
    .into_any()
}
