//! The page of the signed-in user's account.

mod notifications;
mod password;
mod profile;
mod sessions;

use std::sync::Arc;

use engine::User;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    announce_others::AnnounceOthers,
    confirm_address::ConfirmAddress,
    header::{Header, SignOut},
    page::problem,
    session::backend,
    ui::avatar::Avatar,
};
use notifications::Notifications;
use password::Password;
use profile::Profile;
use sessions::Sessions;

/// `/account`
pub(crate) fn account() -> AnyView {
    crate::page::signed_in(Arc::new(|user| view! { <Own user /> }.into_any()))
}

#[component]
fn Own(user: User) -> impl IntoView {
    let revision = backend();
    let account = Resource::new(
        || (),
        move |()| {
            let backend = revision.clone();
            async move { backend.account().await }
        },
    );
    let sessions = RwSignal::new(0);
    let again = Callback::new(move |()| sessions.update(|count| *count += 1));
    let email = user.email.clone();
    view! {
        <Title text="Account" />
        <Header user=user.clone() />
        <main id="main" class="page narrow">
            <h1>"Account"</h1>
            <section class="panel account-card">
                <Avatar user=user.id name=user.name.clone() decorative=true class="avatar-large" />
                <div>
                    <p class="account-name">{user.name}</p>
                    <p class="quiet">{user.email}</p>
                </div>
                <SignOut user=user.id class="button" />
            </section>
            <Suspense fallback=|| view! { <span class="skeleton account-skeleton"></span> }>
                {move || Suspend::new(async move {
                    match account.await {
                        Ok(account) => {
                            let account = RwSignal::new(account);
                            view! {
                                <ConfirmAddress account />
                                <Profile account />
                            }
                                .into_any()
                        }
                        Err(error) => problem::notice(&error),
                    }
                })}
            </Suspense>
            <Password email changed=again />
            <Sessions revision=sessions />
            <Notifications />
            <AnnounceOthers />
        </main>
    }
    .into_any()
}
