//! A password field whose text can be shown.

use std::borrow::Cow;

use engine::limit;
use leptos::prelude::*;

use super::{missing::Missing, rule::too_long};
use crate::ui::form::Submission;

/// A password with its label, a button that shows it, a hint, and its error.
#[component]
pub(crate) fn PasswordField(
    /// The label.
    label: &'static str,
    /// The server's name for it in refusals.
    name: &'static str,
    /// The id of the input.
    #[prop(default = name)]
    id: &'static str,
    /// Whether it is a new password, which has rules.
    #[prop(optional)]
    new: bool,
    /// The text.
    value: RwSignal<String>,
    /// The form's request.
    submission: Submission,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    let too_much = move || {
        let count = value.with(|text| text.chars().count());
        (count > limit::PASSWORD_MAX).then(|| too_long(count, limit::PASSWORD_MAX))
    };
    let missing = Missing::new();
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described = if new { format!("{hint_id} {error_id}") } else { error_id.clone() };
    let hint = format!("At least {} characters. A few unrelated words work well.", limit::PASSWORD_MIN);
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <div class="password">
                <input
                    class="input"
                    id=id
                    name=name
                    type=move || if shown.get() { "text" } else { "password" }
                    autocomplete=if new { "new-password" } else { "current-password" }
                    autocapitalize="off"
                    spellcheck="false"
                    required=true
                    aria-describedby=described
                    aria-invalid=move || (submission.error_on(name).is_some() || too_much().is_some() || missing.get().is_some()).then_some("true")
                    prop:value=move || value.get()
                    on:input=move |event| {
                        missing.clear();
                        value.set(event_target_value(&event));
                    }
                    on:invalid=move |event| missing.found(&event)
                />
                <button
                    class="password-show"
                    type="button"
                    aria-controls=id
                    on:click=move |_| shown.update(|shown| *shown = !*shown)
                >
                    {move || if shown.get() { "Hide" } else { "Show" }}
                    <span class="visually-hidden">" "{label}</span>
                </button>
            </div>
            {new.then(|| view! { <p class="hint" id=hint_id>{hint}</p> }.into_any())}
            <p class="field-error" id=error_id role="alert">
                {move || too_much().or_else(|| missing.get()).or_else(|| submission.error_on(name).map(Cow::into_owned))}
            </p>
        </div>
    }
    .into_any()
}

/// Tells password managers whose password a form is about.
pub(crate) fn password_owner(email: String) -> AnyView {
    view! { <input type="text" name="username" autocomplete="username" value=email readonly=true hidden=true /> }
        .into_any()
}
