//! Forms: the state of a request, and the button that sends it. Their inputs are in `field`.

use std::{borrow::Cow, sync::Arc};

use engine::{ApiError, Request};
use leptos::{prelude::*, task::spawn_local};
use serde_json::Value;

use super::{hydrated::Hydrated, icon::Icon};
use crate::{backend::Backend, message::sentence, session::backend};

/// A form's request: whether one is under way, and why the last one was refused.
#[derive(Clone, Copy)]
pub struct Submission {
    backend: StoredValue<Arc<dyn Backend>>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
    ready: Hydrated,
}

impl Submission {
    /// No request yet.
    pub fn idle() -> Self {
        Self {
            // Looked up here, because event handlers have no context.
            backend: StoredValue::new(backend()),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            ready: expect_context(),
        }
    }

    /// Sends `request`, unless one is under way, and passes the response to `done`.
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
                // The caller may be gone as well: the event of a change can arrive before its response.
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

    /// Clears the refusal.
    pub fn forget(self) {
        self.error.set(None);
    }

    /// Tracks the refusal.
    pub fn failed(self) -> Option<ApiError> {
        self.error.get()
    }

    /// Tracks the sentence for a refusal of the field `name`.
    pub fn error_on(self, name: &str) -> Option<Cow<'static, str>> {
        self.error.with(|error| error.as_ref().filter(|error| error.field.as_deref() == Some(name)).map(sentence))
    }

    /// Tracks the sentence for a refusal of something else than the fields in `names`.
    pub fn error_beside(self, names: &[&str]) -> Option<Cow<'static, str>> {
        self.error.with(|error| {
            let error = error.as_ref()?;
            let shown_at_field = error.field.as_deref().is_some_and(|field| names.contains(&field));
            (!shown_at_field).then(|| sentence(error))
        })
    }
}

/// The refusal of a form, if no field shows it.
#[component]
pub fn FormError(
    /// The form's request.
    submission: Submission,
    /// The names of the fields that show their own refusals.
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

/// The button that sends a form. Disabled while it would do nothing.
#[component]
pub fn SubmitButton(
    /// The label.
    label: &'static str,
    /// The label while the request is under way.
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
