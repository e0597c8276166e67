//! A line of text in a form.

use std::borrow::Cow;

use engine::line;
use leptos::{html, prelude::*};

use super::{
    missing::Missing,
    rule::{one_line, too_long},
};
use crate::ui::form::Submission;

/// A line of text in a form, with its label, a hint, and its error.
#[component]
pub(crate) fn TextField(
    /// The label.
    #[prop(into)]
    label: String,
    /// The server's name for it in refusals; also its id.
    name: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// The form's request.
    submission: Submission,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// The value of `autocomplete`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// A hint with the rule, if there is one.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether the form requires it.
    #[prop(optional)]
    required: bool,
    /// The most characters. A longer text is marked, and never cut.
    max: usize,
    /// The element, for focus.
    #[prop(optional)]
    node: NodeRef<html::Input>,
) -> impl IntoView {
    let too_much = move || {
        let count = value.with(|text| line::trim(text).chars().count());
        (count > max).then(|| too_long(count, max))
    };
    let missing = Missing::new();
    let hint_id = format!("{name}-hint");
    let error_id = format!("{name}-error");
    let described = if hint.is_some() { format!("{hint_id} {error_id}") } else { error_id.clone() };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input
                class="input"
                id=name
                name=name
                node_ref=node
                type=kind
                dir="auto"
                autocomplete=autocomplete
                required=required
                aria-describedby=described
                aria-invalid=move || (submission.error_on(name).is_some() || too_much().is_some() || missing.get().is_some()).then_some("true")
                // The server's HTML has no property yet, and has to show the text.
                value=value.get_untracked()
                prop:value=move || value.get()
                on:input=move |event| {
                    missing.clear();
                    value.set(event_target_value(&event));
                }
                on:invalid=move |event| missing.found(&event)
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> }.into_any())}
            <p class="field-error" id=error_id role="alert">
                {move || too_much().or_else(|| missing.get()).or_else(|| submission.error_on(name).map(Cow::into_owned))}
            </p>
        </div>
    }
    .into_any()
}

/// The line in a field of a form. When it is invalid, the field shows the reason, and the form is not sent.
pub(crate) fn line_of(submission: Submission, name: &'static str, text: &str, max: usize) -> Option<String> {
    match one_line(text, max, false) {
        Ok(line) => Some(line),
        Err(reason) => {
            submission.refuse(engine::ApiError::new(422, "invalid", reason).on(name));
            None
        }
    }
}
