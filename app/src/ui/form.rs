//! Forms: what becomes of a request, and the button that sends it. Their fields are in `field`.

use std::{borrow::Cow, sync::Arc};

use engine::{ApiError, Request};
use leptos::{prelude::*, task::spawn_local};
use serde_json::Value;

use super::{hydrated::Hydrated, icon::Icon};
use crate::{backend::Backend, message::sentence, session::backend};

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
