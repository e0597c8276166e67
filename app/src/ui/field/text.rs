//! A line of text that is part of a form.

use std::borrow::Cow;

use engine::line;
use leptos::{html, prelude::*};

use super::{
    missing::Missing,
    rule::{one_line, too_long},
};
use crate::ui::form::Submission;

/// A line of text in a form, with its label, a hint, and what is wrong with it.
#[component]
pub(crate) fn TextField(
    /// What to enter.
    #[prop(into)]
    label: String,
    /// The name that the server uses for it in refusals; also its id.
    name: &'static str,
    /// The text.
    value: RwSignal<String>,
    /// The form's request.
    submission: Submission,
    /// The type of the input.
    #[prop(default = "text")]
    kind: &'static str,
    /// What a browser may fill in.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The rule, when there is one.
    #[prop(optional, into)]
    hint: Option<String>,
    /// Whether the form makes no sense without it.
    #[prop(optional)]
    required: bool,
    /// The greatest number of characters. What is longer is marked, and never cut.
    max: usize,
    /// The input itself, for focus.
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
                // Before the property is there, the server's HTML has to show it.
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

/// The line in a field of a form. Where it is none, the field says why, and the form is not sent.
pub(crate) fn line_of(submission: Submission, name: &'static str, text: &str, max: usize) -> Option<String> {
    match one_line(text, max, false) {
        Ok(line) => Some(line),
        Err(reason) => {
            submission.refuse(engine::ApiError::new(422, "invalid", reason).on(name));
            None
        }
    }
}
