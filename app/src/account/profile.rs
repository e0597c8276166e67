//! The account's name and e-mail address.

use engine::{Account, Method, Request, limit};
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use crate::{
    session::AuthSession,
    ui::{
        field::{PasswordField, TextField, line_of},
        form::{FormError, Submission, SubmitButton},
        toast::{Toast, use_toasts},
    },
};

/// The section of the account page.
#[component]
pub(super) fn Profile(account: RwSignal<Account>) -> impl IntoView {
    let submission = Submission::idle();
    let (session, toasts) = (AuthSession::expect(), use_toasts());
    let user = account.with_untracked(|account| account.user.clone());
    let (name, email) = (RwSignal::new(user.name), RwSignal::new(user.email));
    let current = RwSignal::new(String::new());
    let moves = Memo::new(move |_| account.with(|account| email.get().trim() != account.user.email));
    let done = Callback::new(move |answer: Value| {
        // Through text, like everything else: another deserialiser would be downloaded for this alone.
        let Some(changed) =
            answer.get("account").and_then(|own| serde_json::from_str::<Account>(&own.to_string()).ok())
        else {
            return;
        };
        let before = account.get_untracked();
        current.set(String::new());
        email.set(changed.user.email.clone());
        toasts.show(Toast::done(match &changed.new_email {
            Some(new) if before.new_email.as_ref() != Some(new) => {
                format!("Saved. To confirm {new}, open the link we sent there.")
            }
            _ => "Saved".to_owned(),
        }));
        let user = changed.user.clone();
        account.set(changed);
        if user != before.user {
            session.renamed(user);
        }
    });
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let before = account.with_untracked(|account| account.user.clone());
        let mut body = Map::new();
        let Some(name) = line_of(submission, "name", &name.get_untracked(), limit::NAME) else { return };
        if name != before.name {
            body.insert("name".into(), json!(name));
        }
        if moves.get_untracked() {
            body.insert("email".into(), json!(email.get_untracked()));
            body.insert("current".into(), json!(current.get_untracked()));
        }
        if !body.is_empty() {
            submission.send(Request::new(Method::Patch, "/api/account").json(Value::Object(body)), done);
        }
    };
    view! {
        <section class="panel account-part" aria-labelledby="profile-title">
            <h2 id="profile-title">"Name and address"</h2>
            <form class="form" method="post" on:submit=save>
                <TextField
                    label="Name"
                    name="name"
                    autocomplete="name"
                    value=name
                    submission
                    required=true
                    max=limit::NAME
                />
                <TextField
                    label="E-mail"
                    name="email"
                    kind="email"
                    autocomplete="username"
                    value=email
                    submission
                    required=true
                    max=limit::EMAIL
                />
                <Show when=move || moves.get()>
                    <PasswordField
                        label="Password (to change the e-mail)"
                        name="current"
                        id="profile-current"
                        value=current
                        submission
                    />
                </Show>
                <FormError submission fields=&["name", "email", "current"] />
                <div class="form-actions">
                    <SubmitButton label="Save" busy="Saving…" submission />
                </div>
            </form>
        </section>
    }
    .into_any()
}
