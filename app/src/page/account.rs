//! The page of one's own account.

mod notifications;

use std::sync::Arc;

use engine::User;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    avatar::Avatar,
    header::{Header, SignOut},
};
use notifications::Notifications;

/// `/account`
pub(crate) fn account() -> AnyView {
    super::signed_in(Arc::new(|user| view! { <Account user /> }.into_any()))
}

#[component]
fn Account(user: User) -> impl IntoView {
    view! {
        <Title text="Account" />
        <Header user=user.clone() />
        <main class="page narrow">
            <h1>"Account"</h1>
            <section class="panel account-card">
                <Avatar user=user.id name=user.name.clone() decorative=true class="avatar-large" />
                <div>
                    <p class="account-name">{user.name}</p>
                    <p class="quiet">{user.email}</p>
                </div>
                <SignOut user=user.id class="button" />
            </section>
            <Notifications />
        </main>
    }
    .into_any()
}
