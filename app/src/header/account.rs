//! Who is signed in, and what they can do about it: theme, account, sign out.

use engine::{Method, Request, User};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::{avatar::Avatar, form::Submission, icon::Icon, theme::Theme};

/// The account menu behind the avatar at the right end of the header.
#[component]
pub fn AccountMenu(
    /// Who is signed in.
    user: User,
) -> impl IntoView {
    let label = format!("Account of {}", user.name);
    view! {
        <button class="icon-button account-button" type="button" popovertarget="account-menu" aria-label=label>
            <Avatar user=user.id name=user.name.clone() decorative=true />
        </button>
        <div class="menu account-menu" id="account-menu" popover="auto">
            <div class="menu-head">
                <p class="menu-name">{user.name}</p>
                <p class="quiet">{user.email}</p>
            </div>
            <ThemeChoice />
            <A href="/account" attr:class="menu-item">
                <Icon name="user" />
                "Account"
            </A>
            <SignOut class="menu-item" />
        </div>
    }
    .into_any()
}

/// Light, dark, or as the system says.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    // The server cannot know: the stored choice is read once events are handled.
    let theme = RwSignal::new(Theme::System);
    Effect::new(move || theme.set(Theme::load()));
    let choices = Theme::ALL.map(|choice| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="theme"
                    prop:checked=move || theme.get() == choice
                    on:change=move |_| {
                        theme.set(choice);
                        choice.apply();
                    }
                />
                <Icon name=choice.icon() />
                <span>{choice.label()}</span>
            </label>
        }
    });
    view! {
        <fieldset class="segments">
            <legend class="visually-hidden">"Theme"</legend>
            {choices.into_iter().collect_view()}
        </fieldset>
    }
    .into_any()
}

/// Ends the session and goes to the sign-in page.
#[component]
pub fn SignOut(
    /// The class of the button.
    class: &'static str,
) -> impl IntoView {
    let submission = Submission::idle();
    // A fresh document: nothing of this account stays in memory, and every socket closes.
    let leave = Callback::new(|_| {
        // Fails only for an address that is none.
        let _ = window().location().assign("/login");
    });
    view! {
        <button
            class=class
            type="button"
            disabled=move || submission.blocked()
            on:click=move |_| submission.send(Request::new(Method::Post, "/api/auth/logout"), leave)
        >
            <Icon name="sign-out" />
            {move || submission.error_beside(&[]).unwrap_or("Sign out".into())}
        </button>
    }
    .into_any()
}
