//! Creating an account.

use engine::{Method, Request, limit};
use leptos::prelude::*;
use serde_json::json;

use super::{EmailField, Guest, Sheet, signed_in};
use crate::{
    backend::Site,
    ui::{
        field::{PasswordField, TextField},
        focus::focus_first_field,
        form::{FormError, Submission, SubmitButton},
    },
};

#[component]
pub(super) fn Register(site: Site, guest: Guest) -> impl IntoView {
    let to_login = format!("/login{}", guest.query());
    if !guest.may_register(&site) {
        return view! {
            <Sheet title="Create an account">
                <p class="quiet">
                    "Registration is closed. Ask the server's admin for an account."
                </p>
                <p class="sign-in-other"><a href=to_login>"Back to sign in"</a></p>
            </Sheet>
        }
        .into_any();
    }
    focus_first_field(".sign-in form");
    let submission = Submission::idle();
    let done = signed_in(submission);
    let name = RwSignal::new(String::new());
    let email = RwSignal::new(guest.email().unwrap_or_default());
    let token = guest.invited.as_ref().map(|(token, _)| token.clone());
    let password = RwSignal::new(String::new());
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let mut body = json!({ "name": name.get_untracked(), "email": email.get_untracked(), "password": password.get_untracked() });
        if let Some(token) = &token {
            body["invitation"] = json!(token);
        }
        submission.send(Request::new(Method::Post, "/api/auth/register").json(body), done);
    };
    view! {
        <Sheet title="Create an account">
            {guest.reason()}
            <form class="form" method="post" on:submit=send>
                <TextField
                    label="Name"
                    name="name"
                    autocomplete="name"
                    hint="Shown to others on your boards."
                    value=name
                    submission
                    required=true
                    max=limit::NAME
                />
                <EmailField value=email submission />
                <PasswordField label="Password" name="password" new=true value=password submission />
                <FormError submission fields=&["name", "email", "password"] />
                <SubmitButton label="Create account" busy="Creating…" submission />
            </form>
            <p class="sign-in-other">"Have an account? " <a href=to_login>"Sign in"</a></p>
        </Sheet>
    }
    .into_any()
}
