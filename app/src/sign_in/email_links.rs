//! The pages that links in e-mails lead to: confirming an address, and choosing a new password.
//!
//! Confirming takes a button, because virus scanners follow every link.

use engine::{Method, Request};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::Sheet;
use crate::ui::{
    field::PasswordField,
    form::{FormError, Submission, SubmitButton},
};

/// The token behind the `#` of this page's address, where no server and no log sees it. It is removed from the address,
/// so that it stays in no history.
pub(super) fn link_token() -> RwSignal<String> {
    let token = RwSignal::new(String::new());
    Effect::new(move || {
        let location = window().location();
        let hash = location.hash().unwrap_or_default();
        let found = hash.trim_start_matches('#');
        if found.is_empty() {
            return;
        }
        token.set(found.to_owned());
        let path = location.pathname().unwrap_or_default();
        // Fails only in a browser without a history.
        let replaced = window()
            .history()
            .and_then(|history| history.replace_state_with_url(&history.state().unwrap_or_default(), "", Some(&path)));
        let _ = replaced;
    });
    token
}

/// `/verify-email`
pub(crate) fn verify_email() -> AnyView {
    view! { <Verify /> }.into_any()
}

#[component]
fn Verify() -> impl IntoView {
    let submission = Submission::idle();
    let token = link_token();
    let confirmed = RwSignal::new(None::<String>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let done = Callback::new(move |answer: Value| {
            let email = answer.get("email").and_then(Value::as_str).unwrap_or("Your address");
            confirmed.set(Some(email.to_owned()));
        });
        let body = json!({ "token": token.get_untracked() });
        submission.send(Request::new(Method::Post, "/api/auth/verify-email").json(body), done);
    };
    view! {
        <Sheet title="Confirm your address">
            {move || match confirmed.get() {
                Some(email) => {
                    view! {
                        <p class="notice info sign-in-note" role="status">
                            <span><strong>{email}</strong>" is confirmed."</span>
                        </p>
                        // A new document, which has the new address.
                        <a class="button primary sign-in-next" href="/" rel="external">"Go to your projects"</a>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <form class="form" method="post" on:submit=send>
                            <p class="quiet">"Confirm that this e-mail address is yours."</p>
                            <FormError submission />
                            <SubmitButton label="Confirm address" busy="Confirming…" submission />
                        </form>
                    }
                        .into_any()
                }
            }}
        </Sheet>
    }
    .into_any()
}

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
