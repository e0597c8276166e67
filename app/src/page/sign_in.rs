//! Signing in, and making an account.

mod demo;
mod forgot;
mod link;
mod next;
mod register;
mod reset;
mod verify;

use engine::{Method, Request, User, limit};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use serde_json::{Value, json};

use crate::{
    backend::Site,
    form::{FormError, Submission, SubmitButton, TextField},
    header::Logo,
    page::{escape, problem},
    password_field::PasswordField,
    session::{Session, backend},
};
use demo::DemoAccounts;
pub(crate) use forgot::forgot_password;
use register::Register;
pub(crate) use reset::reset_password;
pub(crate) use verify::verify_email;

/// `/login`
pub(crate) fn login() -> AnyView {
    outside(|site, next| view! { <SignIn site next /> }.into_any())
}

/// `/register`
pub(crate) fn register() -> AnyView {
    outside(|site, next| view! { <Register site next /> }.into_any())
}

/// A page for signing in, also as another user (`?switch=1`). A signed-in user is redirected, at once or after the
/// form has signed them in.
fn outside(page: fn(Site, String) -> AnyView) -> AnyView {
    let session = Session::expect();
    let backend = backend();
    let site = Resource::new(|| (), move |()| backend.site());
    let query = use_query_map();
    let next = Memo::new(move |_| query.with(|query| next::local(query.get_str("next"))));
    view! {
        <Suspense>
            {move || {
                let stays = query.with(|query| query.get_str("switch").is_some()) && !session.has_entered();
                Suspend::new(async move {
                match (session.user().await, site.await) {
                    (Ok(Some(_)), _) if !stays => view! { <Redirect path=next.get_untracked() /> }.into_any(),
                    (Ok(_), Ok(site)) => page(site, next.get_untracked()),
                    (Err(error), _) | (_, Err(error)) => problem::view(&error),
                }
                })
            }}
        </Suspense>
    }
    .into_any()
}

/// Takes the user out of the answer to signing in.
fn signed_in(submission: Submission) -> Callback<Value> {
    let session = Session::expect();
    Callback::new(move |answer: Value| {
        // From text, as everything else is read: another deserialiser would be downloaded for this alone.
        match answer.get("user").and_then(|user| serde_json::from_str::<User>(&user.to_string()).ok()) {
            Some(user) => session.signed_in(user),
            // Never seen, but better said than a page that does nothing.
            None => submission.refuse(engine::ApiError::new(
                502,
                "bad_answer",
                "The server gave an answer that this page does not know.",
            )),
        }
    })
}

fn query(next: &str) -> String {
    if next == "/" { String::new() } else { format!("?next={}", escape(next)) }
}

#[component]
fn Sheet(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title />
        <main class="sign-in">
            <div class="sign-in-sheet">
                <p class="sign-in-brand">
                    <Logo />
                    "Lockstep"
                </p>
                <h1>{title}</h1>
                {children()}
            </div>
        </main>
    }
    .into_any()
}

/// The address that an account is known by.
#[component]
fn EmailField(value: RwSignal<String>, submission: Submission) -> impl IntoView {
    view! {
        <TextField
            label="E-mail"
            name="email"
            kind="email"
            autocomplete="username"
            value
            submission
            required=true
            maxlength=limit::EMAIL
        />
    }
    .into_any()
}

#[component]
fn SignIn(site: Site, next: String) -> impl IntoView {
    let submission = Submission::idle();
    let done = signed_in(submission);
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let send = Callback::new(move |(email, password): (String, String)| {
        let request = Request::new(Method::Post, "/api/auth/login");
        submission.send(request.json(json!({ "email": email, "password": password })), done);
    });
    let Site { registration_open, demo, .. } = site;
    view! {
        <Sheet title="Sign in">
            <DemoAccounts accounts=demo submission send />
            <form
                class="form"
                method="post"
                on:submit=move |event| {
                    event.prevent_default();
                    send.run((email.get_untracked(), password.get_untracked()));
                }
            >
                <EmailField value=email submission />
                <PasswordField label="Password" name="password" value=password submission />
                <FormError submission fields=&["email", "password"] />
                <SubmitButton label="Sign in" busy="Signing in…" submission />
            </form>
            <p class="sign-in-other"><a href="/forgot-password">"Forgot your password?"</a></p>
            {registration_open
                .then(|| {
                    view! {
                        <p class="sign-in-other">
                            "New here? " <a href=format!("/register{}", query(&next))>"Create an account"</a>
                        </p>
                    }
                })}
        </Sheet>
    }
    .into_any()
}
