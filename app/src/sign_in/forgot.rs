//! Requesting an e-mail that resets a forgotten password.

use engine::{Method, Request};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{EmailField, Sheet};
use crate::{
    backend::Site,
    page::problem,
    session::backend,
    ui::form::{FormError, Submission, SubmitButton},
};

/// `/forgot-password`
pub(crate) fn forgot_password() -> AnyView {
    let backend = backend();
    let site = Resource::new(|| (), move |()| backend.site());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match site.await {
                    Ok(site) => view! { <Forgot site /> }.into_any(),
                    Err(error) => problem::view(&error),
                }
            })}
        </Suspense>
    }
    .into_any()
}

#[component]
fn Forgot(site: Site) -> impl IntoView {
    if !site.email_available {
        return view! {
            <Sheet title="Forgot your password?">
                <p class="quiet">"E-mail isn't set up on this server. Ask its admin for a link to reset your password."</p>
                <p class="sign-in-other"><a href="/login">"Back to sign in"</a></p>
            </Sheet>
        }
        .into_any();
    }
    let submission = Submission::idle();
    let email = RwSignal::new(String::new());
    let sent_to = RwSignal::new(None::<String>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let address = email.get_untracked();
        let body = json!({ "email": address });
        let done = Callback::new(move |_: Value| sent_to.set(Some(address.clone())));
        submission.send(Request::new(Method::Post, "/api/auth/forgot-password").json(body), done);
    };
    view! {
        <Sheet title="Forgot your password?">
            <div role="status">
                {move || {
                    sent_to
                        .get()
                        .map(|email| {
                            view! {
                                <p class="notice info sign-in-note">
                                    <span>
                                        "If "<strong>{email}</strong>
                                        " has an account, an e-mail with a link is on its way. The link works once, for 30 minutes."
                                    </span>
                                </p>
                            }
                        })
                }}
            </div>
            <form class="form" method="post" on:submit=send>
                <p class="quiet" hidden=move || sent_to.with(Option::is_some)>"We'll send you a link to choose a new one."</p>
                <EmailField value=email submission />
                <FormError submission fields=&["email"] />
                <SubmitButton label="Send link" busy="Sending…" submission />
            </form>
            <p class="sign-in-other"><a href="/login">"Back to sign in"</a></p>
        </Sheet>
    }
    .into_any()
}
