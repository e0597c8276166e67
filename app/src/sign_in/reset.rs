//! Choosing a new password by the link in an e-mail.

use engine::{Method, Request};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{Sheet, link::link_token};
use crate::ui::{
    field::PasswordField,
    form::{FormError, Submission, SubmitButton},
};

/// `/reset-password`
pub(crate) fn reset_password() -> AnyView {
    view! { <Reset /> }.into_any()
}

#[component]
fn Reset() -> impl IntoView {
    let submission = Submission::idle();
    let token = link_token();
    let password = RwSignal::new(String::new());
    let done = RwSignal::new(false);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let body = json!({ "token": token.get_untracked(), "password": password.get_untracked() });
        let changed = Callback::new(move |_: Value| {
            password.set(String::new());
            done.set(true);
        });
        submission.send(Request::new(Method::Post, "/api/auth/reset-password").json(body), changed);
    };
    view! {
        <Sheet title="Choose a new password">
            <Show
                when=move || done.get()
                fallback=move || {
                    view! {
                        <form class="form" method="post" on:submit=send>
                            <PasswordField label="New password" name="password" new=true value=password submission />
                            <FormError submission fields=&["password"] />
                            <SubmitButton label="Change password" busy="Changing…" submission />
                        </form>
                        <p class="sign-in-other">
                            "Link expired? " <a href="/forgot-password">"Ask for a new one"</a>
                        </p>
                    }
                }
            >
                <p class="notice info sign-in-note" role="status">
                    "Your password was changed. You're signed out everywhere."
                </p>
                <a class="button primary sign-in-next" href="/login?switch=1">"Sign in"</a>
            </Show>
        </Sheet>
    }
    .into_any()
}
