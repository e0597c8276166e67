//! The accounts of the demo data, to sign in as with one click.

use leptos::prelude::*;

use crate::{
    backend::DemoAccount,
    ui::{avatar::initials, form::Submission},
};

#[component]
pub(super) fn DemoAccounts(
    accounts: Vec<DemoAccount>,
    submission: Submission,
    send: Callback<(String, String)>,
) -> impl IntoView {
    if accounts.is_empty() {
        return ().into_any();
    }
    let rows = accounts.into_iter().enumerate().map(|(index, account)| {
        let DemoAccount { name, email, password } = account;
        let short = initials(&name);
        let class = if index % 2 == 0 { "avatar avatar-large hue-8" } else { "avatar avatar-large hue-5" };
        let shown = email.clone();
        view! {
            <li>
                <button
                    class="demo-account"
                    type="button"
                    disabled=move || submission.blocked()
                    on:click=move |_| send.run((email.clone(), password.clone()))
                >
                    <span class=class aria-hidden="true">{short}</span>
                    <span class="demo-who">
                        <span class="demo-name">{name}</span>
                        <span class="quiet">{shown}</span>
                    </span>
                    <span class="demo-action" aria-hidden="true">"Sign in"</span>
                </button>
            </li>
        }
        .into_any()
    });
    view! {
        <section class="demo" aria-labelledby="demo-title">
            <h2 id="demo-title">"Try the demo"</h2>
            <ul>{rows.collect_view()}</ul>
        </section>
        <p class="divider"><span>"or with your own account"</span></p>
    }
    .into_any()
}
