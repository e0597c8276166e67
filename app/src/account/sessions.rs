//! The account's sessions.

use engine::{AccountSession, Method, Request, Timestamp};
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    date::{ago, full},
    message::sentence,
    session::backend,
    ui::{
        dialog::Confirm,
        form::{FormError, Submission},
        icon::Icon,
    },
};

/// The section of the account page. `revision` increases when the list may have changed.
#[component]
pub(super) fn Sessions(revision: RwSignal<u32>) -> impl IntoView {
    let backend = backend();
    let sessions = Resource::new(
        move || revision.get(),
        move |_| {
            let backend = backend.clone();
            async move { Ok::<_, engine::ApiError>((backend.account_sessions().await?, backend.now())) }
        },
    );
    let submission = Submission::idle();
    let ended = Callback::new(move |_: Value| revision.update(|count| *count += 1));
    view! {
        <section class="panel account-part" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you're signed in"</h2>
            <Transition>
                {move || Suspend::new(async move {
                    match sessions.await {
                        Ok((sessions, now)) => view! { <List sessions now submission ended /> }.into_any(),
                        Err(error) => view! { <p class="field-error" role="alert">{sentence(&error)}</p> }.into_any(),
                    }
                })}
            </Transition>
            <FormError submission />
        </section>
    }
    .into_any()
}

#[component]
fn List(
    sessions: Vec<AccountSession>,
    now: Timestamp,
    submission: Submission,
    ended: Callback<Value>,
) -> impl IntoView {
    let asking = RwSignal::new(false);
    let others = sessions.iter().any(|session| !session.current);
    let rows = sessions.into_iter().map(|session| {
        let AccountSession { id, current, device, address, last_seen_at, .. } = session;
        let label = format!("Sign out {device}");
        let end = move |_| {
            submission.send(Request::new(Method::Delete, format!("/api/account/sessions/{id}")), ended);
        };
        let place = if address.is_empty() { String::new() } else { format!(" · {address}") };
        view! {
            <li class="row session-row">
                <Icon name="monitor" />
                <div class="row-text">
                    <p class="row-name">{device}</p>
                    <p class="quiet">
                        {if current {
                            view! { <span>"This browser"</span> }.into_any()
                        } else {
                            view! { <span title=full(last_seen_at)>{format!("Last seen {}", ago(last_seen_at, now))}</span> }
                                .into_any()
                        }}
                        {place}
                    </p>
                </div>
                {(!current)
                    .then(|| {
                        view! {
                            <button
                                class="button small"
                                type="button"
                                aria-label=label
                                disabled=move || submission.blocked()
                                on:click=end
                            >
                                "Sign out"
                            </button>
                        }
                    })}
            </li>
        }
        .into_any()
    });
    view! {
        <ul class="rows">{rows.collect_view()}</ul>
        {others
            .then(|| {
                view! {
                    <button
                        class="button"
                        type="button"
                        disabled=move || submission.blocked()
                        on:click=move |_| asking.set(true)
                    >
                        "Sign out everywhere else"
                    </button>
                    <Confirm
                        open=asking
                        id="end-sessions"
                        title="Sign out everywhere else?".to_owned()
                        text="Your other browsers and devices have to sign in again.".to_owned()
                        action="Sign out"
                        on_confirm=Callback::new(move |()| {
                            submission.send(Request::new(Method::Delete, "/api/account/sessions"), ended);
                        })
                    />
                }
            })}
    }
    .into_any()
}
