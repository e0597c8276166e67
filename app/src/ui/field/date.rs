//! A date: typed as people write it, or chosen from a month.

use engine::Day;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::{
    picker::DatePicker,
    saved::{Save, SavedField, Takes},
};

/// A date that is saved on blur, on Enter, when it is chosen, or when its last digit is typed. It shows the words that
/// the card shows.
#[component]
pub(crate) fn DateField(
    /// The id of the input.
    #[prop(into)]
    id: String,
    /// The label.
    label: &'static str,
    /// Whether the label is only for assistive technology.
    #[prop(optional)]
    bare: bool,
    /// The placeholder.
    #[prop(default = "No date")]
    placeholder: &'static str,
    /// The value that everyone sees: `2026-11-24`, or empty.
    value: Signal<String>,
    /// Whether it is read-only.
    #[prop(optional, into)]
    locked: Signal<bool>,
    /// Whether it may be empty.
    #[prop(default = true)]
    optional: bool,
    /// The reader's date.
    today: Signal<Day>,
    /// Receives `2026-11-24`, or an empty text.
    on_save: Callback<String>,
) -> impl IntoView {
    let field = SavedField::new(id.clone(), value, Takes::Date { today, optional }, Save::Now(on_save));
    let picker = DatePicker::new(id.clone(), value, optional, today, Callback::new(move |day| field.choose(day)));
    let pressed = move |event: KeyboardEvent| {
        // As in the browser's own date fields.
        if event.key() == "ArrowDown" && !locked.get_untracked() {
            event.prevent_default();
            field.leave();
            picker.show();
        } else {
            field.pressed(&event);
        }
    };
    let long = move || value.with(|value| value.parse::<Day>().map(crate::date::DayWords::long).unwrap_or_default());
    view! {
        <label id=format!("{id}-label") class=if bare { "visually-hidden" } else { "label" } for=id.clone()>{label}</label>
        <div class="field-box">
            <div class="date-field">
                <input
                    class="input"
                    id=id.clone()
                    type="text"
                    autocomplete="off"
                    // The server's HTML has no properties, and has to show the value.
                    value=field.outside()
                    placeholder=placeholder
                    title=long
                    data-day=move || value.get()
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
                    on:keydown=pressed
                />
                {picker.view(locked)}
            </div>
            {field.notes()}
        </div>
    }
    .into_any()
}
