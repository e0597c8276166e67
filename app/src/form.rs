//! Forms: fields with a label, and what becomes of a request.

use std::{borrow::Cow, sync::Arc};

use engine::{ApiError, Request};
use leptos::{html, prelude::*, task::spawn_local};
use serde_json::Value;
use web_sys::HtmlSelectElement;

use crate::{app::Hydrated, backend::Backend, icon::Icon, message::sentence, session::backend};

/// A request that a form sends: under way or not, and why it was refused.
#[derive(Clone, Copy)]
pub struct Submission {
    backend: StoredValue<Arc<dyn Backend>>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
    ready: Hydrated,
}

impl Submission {
    /// Nothing sent yet.
    pub fn idle() -> Self {
        Self {
            // Kept here because the context is not there when an event is handled.
            backend: StoredValue::new(backend()),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            ready: expect_context(),
        }
    }

    /// Sends `request`, unless one is under way, and hands the answer to `done`.
    pub fn send(self, request: Request, done: Callback<Value>) {
        if self.busy.try_get_untracked() != Some(false) {
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        let reply = self.backend.with_value(|backend| backend.send(request));
        spawn_local(async move {
            let answer = reply.await;
            // The form may be gone by now, and its signals with it.
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                // So may the part of the page that asked: the event of a change can come before its answer.
                Ok(value) => {
                    done.try_run(value);
                }
                Err(error) => self.refuse(error),
            }
        });
    }

    /// Shows a refusal.
    pub fn refuse(self, error: ApiError) {
        self.error.try_set(Some(error));
    }

    /// Tracks whether the form cannot be sent now: a request is under way, or events are not handled yet.
    pub fn blocked(self) -> bool {
        self.busy.get() || !self.ready.get()
    }

    /// Tracks whether a request is under way.
    pub fn busy(self) -> bool {
        self.busy.get()
    }

    /// Forgets a refusal.
    pub fn forget(self) {
        self.error.set(None);
    }

    /// Tracks a refusal, whole.
    pub fn failed(self) -> Option<ApiError> {
        self.error.get()
    }

    /// Tracks the sentence for a refusal that is about the field `name`.
    pub fn error_on(self, name: &str) -> Option<Cow<'static, str>> {
        self.error.with(|error| error.as_ref().filter(|error| error.field.as_deref() == Some(name)).map(sentence))
    }

    /// Tracks the sentence for a refusal that is about none of the fields in `names`.
    pub fn error_beside(self, names: &[&str]) -> Option<Cow<'static, str>> {
        self.error.with(|error| {
            let error = error.as_ref()?;
            let shown_at_field = error.field.as_deref().is_some_and(|field| names.contains(&field));
            (!shown_at_field).then(|| sentence(error))
        })
    }
}

/// Why a form was refused, where the reason is not shown at a field.
#[component]
pub fn FormError(
    /// The form's request.
    submission: Submission,
    /// The names of the form's fields, which show their own refusals.
    #[prop(default = &[])]
    fields: &'static [&'static str],
) -> impl IntoView {
    view! {
        <div class="form-error-area" role="alert">
            {move || {
                submission
                    .error_beside(fields)
                    .map(|text| view! { <p class="form-error"><Icon name="alert" />{text}</p> }.into_any())
            }}
        </div>
    }
    .into_any()
}

/// A line of text with its label, a hint, and what is wrong with it.
#[component]
pub fn TextField(
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
    /// The least number of characters.
    #[prop(optional)]
    minlength: Option<usize>,
    /// The greatest number of characters.
    #[prop(optional)]
    maxlength: Option<usize>,
    /// The input itself, for focus.
    #[prop(optional)]
    node: NodeRef<html::Input>,
) -> impl IntoView {
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
                autocomplete=autocomplete
                required=required
                minlength=minlength.map(|n| n.to_string())
                maxlength=maxlength.map(|n| n.to_string())
                aria-describedby=described
                aria-invalid=move || submission.error_on(name).map(|_| "true")
                // Before the property is there, the server's HTML has to show it.
                value=value.get_untracked()
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> }.into_any())}
            <p class="field-error" id=error_id role="alert">
                {move || submission.error_on(name)}
            </p>
        </div>
    }
    .into_any()
}

/// The button that sends a form. Disabled while it would do nothing.
#[component]
pub fn SubmitButton(
    /// What it does.
    label: &'static str,
    /// The same while it is being done.
    busy: &'static str,
    /// The form's request.
    submission: Submission,
) -> impl IntoView {
    view! {
        <button class="button primary" type="submit" disabled=move || submission.blocked()>
            {move || if submission.busy() { busy } else { label }}
        </button>
    }
    .into_any()
}

/// One of a [`Select`]'s choices: the value, and the text.
pub type Choice = (String, String);

/// A choice of one, with a label. Shows `value`, whatever was chosen: `on_change` has to change it.
#[component]
pub fn Select(
    /// The id of the control.
    #[prop(into)]
    id: String,
    /// What is chosen.
    #[prop(into)]
    label: String,
    /// Whether the label is only for assistive technology.
    #[prop(optional)]
    bare: bool,
    /// The value that is chosen now.
    #[prop(into)]
    value: Signal<String>,
    /// What there is to choose from.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// Whether nothing can be chosen.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// What a choice does.
    on_change: Callback<String>,
) -> impl IntoView {
    view! {
        <label class=if bare { "visually-hidden" } else { "label" } for=id.clone()>{label}</label>
        <span class="select">
            <select id=id disabled=move || disabled.get() on:change=move |event| {
                on_change.run(event_target_value(&event));
                // Back to what is so: where the choice is taken at once, that is the choice.
                event_target::<HtmlSelectElement>(&event).set_value(&value.get_untracked());
            }>
                {move || {
                    choices
                        .get()
                        .into_iter()
                        .map(|(own, text)| {
                            let is_chosen = own.clone();
                            let chosen = Memo::new(move |_| value.with(|value| *value == is_chosen));
                            // The attribute is for the server's HTML, the property for what happens after.
                            view! {
                                <option value=own selected=chosen.get_untracked() prop:selected=move || chosen.get()>
                                    {text}
                                </option>
                            }
                        })
                        .collect_view()
                        .into_any()
                }}
            </select>
            <Icon name="chevron-down" />
        </span>
    }
    .into_any()
}
