//! A hint that an e-mail address is unconfirmed, with a button that sends the e-mail again.

use engine::{Account, Method, Request};
use leptos::prelude::*;
use serde_json::{Value, json};

use crate::{
    session::backend,
    ui::{
        form::{FormError, Submission},
        icon::Icon,
    },
};

/// The hint on a page that has not fetched the account.
#[component]
pub fn ConfirmAddressHint() -> impl IntoView {
    let backend = backend();
    let account = Resource::new(
        || (),
        move |()| {
            let backend = backend.clone();
            async move { backend.account().await }
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                // Without a response there is no hint: the page itself reports the error.
                account.await.ok().map(|account| view! { <ConfirmAddress account=RwSignal::new(account) /> })
            })}
        </Suspense>
    }
    .into_any()
}

/// The hint, while an address of this account is unconfirmed.
#[component]
pub fn ConfirmAddress(
    /// The account.
    account: RwSignal<Account>,
) -> impl IntoView {
    let waits = Memo::new(move |_| account.with(|account| account.unconfirmed().map(str::to_owned)));
    move || waits.get().map(|email| view! { <Hint account email /> })
}

#[component]
fn Hint(account: RwSignal<Account>, email: String) -> impl IntoView {
    let submission = Submission::idle();
    let sent = RwSignal::new(false);
    let changes = account.with_untracked(|account| account.new_email.is_some());
    let again = move |_| {
        sent.set(false);
        let done = Callback::new(move |_: Value| sent.set(true));
        submission.send(Request::new(Method::Post, "/api/account/verification"), done);
    };
    let cancel = move |_| {
        let present = account.with_untracked(|account| account.user.email.clone());
        let done = Callback::new(move |_: Value| account.update(|account| account.new_email = None));
        submission.send(Request::new(Method::Patch, "/api/account").json(json!({ "email": present })), done);
    };
    view! {
        <section class="notice info confirm-address" aria-label="Confirm your address">
            <Icon name="at" />
            <p>
                <strong>"Confirm your address. "</strong>
                "Open the link we sent to "
                <span class="confirm-address-email">{email}</span>
                "."
            </p>
            <span class="confirm-address-actions">
                <button class="button small" type="button" disabled=move || submission.blocked() on:click=again>
                    "Send again"
                </button>
                {changes
                    .then(|| {
                        view! {
                            <button class="button small" type="button" disabled=move || submission.blocked() on:click=cancel>
                                "Keep the old one"
                            </button>
                        }
                    })}
            </span>
            <p class="confirm-address-state" role="status">{move || sent.get().then_some("Sent. It may take a minute.")}</p>
            <FormError submission />
        </section>
    }
    .into_any()
}
