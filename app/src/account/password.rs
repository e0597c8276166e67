//! Changing the password.

use engine::{Method, Request};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::ui::{
    field::{PasswordField, password_owner},
    form::{FormError, Submission, SubmitButton},
    toast::{Toast, use_toasts},
};

/// The section of the account page. `changed` is called after a change: all other sessions have ended.
#[component]
pub(super) fn Password(email: String, changed: Callback<()>) -> impl IntoView {
    let submission = Submission::idle();
    let toasts = use_toasts();
    let (current, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let done = Callback::new(move |_: Value| {
        current.set(String::new());
        password.set(String::new());
        toasts.show(Toast::done("Password changed. You're signed out everywhere else."));
        changed.run(());
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let body = json!({ "current": current.get_untracked(), "password": password.get_untracked() });
        submission.send(Request::new(Method::Post, "/api/auth/password").json(body), done);
    };
    view! {
        <section class="panel account-part" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <form class="form" method="post" on:submit=save>
                {password_owner(email)}
                <PasswordField label="Current password" name="current" value=current submission />
                <PasswordField label="New password" name="password" new=true value=password submission />
                <FormError submission fields=&["current", "password"] />
                <div class="form-actions">
                    <SubmitButton label="Change password" busy="Changing…" submission />
                </div>
            </form>
        </section>
    }
    .into_any()
}
