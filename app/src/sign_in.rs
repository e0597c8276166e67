//! Signing in, and creating an account.

mod demo;
mod email_links;
mod forgot;
mod next;
mod register;

use engine::{InvitationOffer, Method, Request, User, invitation::token_of, limit, request::escape};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};
use serde_json::{Value, json};

use crate::{
    backend::Site,
    header::Logo,
    page::problem,
    session::{AuthSession, backend},
    ui::{
        field::{PasswordField, TextField},
        focus::focus_first_field,
        form::{FormError, Submission, SubmitButton},
    },
};
use demo::DemoAccounts;
pub(crate) use email_links::{reset_password, verify_email};
pub(crate) use forgot::forgot_password;
use register::Register;

/// `/login`
pub(crate) fn login() -> AnyView {
    outside(|site, guest| view! { <SignIn site guest /> }.into_any())
}

/// `/register`
pub(crate) fn register() -> AnyView {
    outside(|site, guest| view! { <Register site guest /> }.into_any())
}

/// A reader who is not signed in, or who wants to switch to another user.
#[derive(Clone, Debug)]
struct Guest {
    /// The path to go to afterwards.
    next: String,
    /// Whether they are signed in as another user.
    switches: bool,
    /// The invitation that they want to accept, with its token.
    invited: Option<(String, InvitationOffer)>,
}

impl Guest {
    /// The query string for the link between the two pages.
    fn query(&self) -> String {
        let next = (self.next != "/").then(|| format!("next={}", escape(&self.next)));
        let parts: Vec<String> = self.switches.then(|| "switch=1".to_owned()).into_iter().chain(next).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The e-mail address that they were invited by.
    fn email(&self) -> Option<String> {
        self.invited.as_ref().and_then(|(_, offer)| offer.email.clone())
    }

    /// Whether they can create an account: where registration is open, or with an invitation for their address.
    fn may_register(&self, site: &Site) -> bool {
        site.registration_open || self.email().is_some()
    }

    /// The sentence that says why they are here.
    fn reason(&self) -> AnyView {
        let project = self.invited.as_ref().map(|(_, offer)| offer.project.clone());
        project.map(|project| view! { <p class="sign-in-why">"To join "<strong>{project}</strong></p> }).into_any()
    }
}

/// The frame of the sign-in and registration pages, also for switching users (`?switch=1`). Redirects a signed-in user,
/// at once or after the form has signed them in.
fn outside(page: fn(Site, Guest) -> AnyView) -> AnyView {
    let session = AuthSession::expect();
    let backend = backend();
    let query = use_query_map();
    let next = Memo::new(move |_| query.with(|query| next::local(query.get_str("next"))));
    let offer = Resource::new(
        move || next.get(),
        move |next| {
            let backend = backend.clone();
            async move {
                let site = backend.site().await?;
                let token = token_of(&next).map(str::to_owned);
                // An expired invitation has its own page.
                let invited = match token {
                    Some(token) => backend.invitation(token.clone()).await.ok().map(|offer| (token, offer)),
                    None => None,
                };
                Ok::<_, engine::ApiError>((site, invited))
            }
        },
    );
    view! {
        <Suspense>
            {move || {
                let switches = query.with(|query| query.get_str("switch").is_some());
                let stays = switches && !session.has_entered();
                Suspend::new(async move {
                match (session.user().await, offer.await) {
                    (Ok(Some(_)), _) if !stays => view! { <Redirect path=next.get_untracked() /> }.into_any(),
                    (Ok(_), Ok((site, invited))) => page(site, Guest { next: next.get_untracked(), switches, invited }),
                    (Err(error), _) | (_, Err(error)) => problem::view(&error),
                }
                })
            }}
        </Suspense>
    }
    .into_any()
}

/// Reads the user from the response to signing in.
fn signed_in(submission: Submission) -> Callback<Value> {
    let session = AuthSession::expect();
    Callback::new(move |answer: Value| {
        // Through text, like everything else: another deserialiser would be downloaded for this alone.
        match answer.get("user").and_then(|user| serde_json::from_str::<User>(&user.to_string()).ok()) {
            Some(user) => session.signed_in(user),
            // Should not happen, but a message is better than a page that does nothing.
            None => {
                submission.refuse(engine::ApiError::new(502, "bad_answer", "The server gave an unexpected answer."))
            }
        }
    })
}

#[component]
fn Sheet(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <Title text=title />
        <main id="main" class="sign-in">
            <div class="sign-in-sheet">
                <p class="sign-in-brand">
                    <Logo />
                    "Lockstep"
                </p>
                <h1>{title}</h1>
                {children()}
                <p class="sign-in-source"><a href="/source" rel="external">"Source code"</a></p>
            </div>
        </main>
    }
    .into_any()
}

/// The e-mail address of an account.
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
            max=limit::EMAIL
        />
    }
    .into_any()
}

#[component]
fn SignIn(site: Site, guest: Guest) -> impl IntoView {
    let submission = Submission::idle();
    let done = signed_in(submission);
    let email = RwSignal::new(guest.email().unwrap_or_default());
    let password = RwSignal::new(String::new());
    let send = Callback::new(move |(email, password): (String, String)| {
        let request = Request::new(Method::Post, "/api/auth/login");
        submission.send(request.json(json!({ "email": email, "password": password })), done);
    });
    focus_first_field(".sign-in form");
    let may_register = guest.may_register(&site);
    let Site { demo, .. } = site;
    view! {
        <Sheet title="Sign in">
            {guest.reason()}
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
            {may_register
                .then(|| {
                    view! {
                        <p class="sign-in-other">
                            "New here? " <a href=format!("/register{}", guest.query())>"Create an account"</a>
                        </p>
                    }
                })}
        </Sheet>
    }
    .into_any()
}
