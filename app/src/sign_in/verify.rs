//! Confirming an e-mail address by the link in an e-mail. With a button, because virus scanners follow every link.

use engine::{Method, Request};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::{Sheet, link::link_token};
use crate::ui::form::{FormError, Submission, SubmitButton};

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
