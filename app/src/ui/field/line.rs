//! A line of text, a number or a time that saves itself.

use leptos::prelude::*;

use super::{
    rule::Rule,
    saved::{Save, SavedField, Takes},
};

/// An input that is saved on blur or on Enter. Escape restores what everyone sees.
#[component]
pub(crate) fn LineField(
    /// The id of the input.
    #[prop(into)]
    id: String,
    /// The label.
    #[prop(into)]
    label: String,
    /// Whether the label is only for assistive technology.
    #[prop(optional)]
    bare: bool,
    /// The placeholder.
    #[prop(default = "")]
    placeholder: &'static str,
    /// The value that everyone sees, in the canonical form of its rule.
    value: Signal<String>,
    /// Whether it is read-only.
    locked: Signal<bool>,
    /// What it accepts.
    takes: Rule,
    /// Saves a value that differs from the one that everyone sees.
    save: Save,
    /// Stores what is typed and not saved.
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
                // Never `number`: a wheel would change it, and an invalid number would read as an empty text.
                type="text"
                inputmode=takes.input_mode()
                dir=takes.is_prose().then_some("auto")
                // The server's HTML has no properties, and has to show the value.
                value=field.outside()
                placeholder=placeholder
                autocomplete="off"
                aria-describedby=field.described_by()
                aria-invalid=move || field.is_invalid().then_some("true")
                readonly=move || locked.get()
                prop:value=move || field.shown()
                on:input=move |event| field.write(event_target_value(&event))
                on:blur=move |_| {
                    // Also when it is removed: its card was deleted, and the draft is what is left.
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
