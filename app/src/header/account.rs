//! The account menu: theme, account, sign out.

use engine::{Method, ProjectId, Request, User, UserId};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::components::A;

use crate::{
    session::backend,
    theme::Theme,
    ui::{
        avatar::{Avatar, initials},
        field::segments,
        form::Submission,
        icon::Icon,
    },
};

/// The account menu behind the avatar at the right end of the header.
#[component]
pub fn AccountMenu(
    /// Who is signed in.
    user: User,
    /// The project of this page, if it belongs to one.
    #[prop(optional)]
    project: Option<ProjectId>,
) -> impl IntoView {
    // Contains the visible initials, so that voice control can use them.
    let label = format!("Account of {} ({})", user.name, initials(&user.name));
    let query = project.map(|project| format!("?project={project}")).unwrap_or_default();
    // A phone's header has no room for this link.
    let settings = project.map(|project| {
        view! {
            <A href=format!("/projects/{project}/settings") attr:class="menu-item account-settings">
                <Icon name="gear" />
                "Project settings"
            </A>
        }
        .into_any()
    });
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
            {settings}
            <A href=format!("/oversight/workload{query}") attr:class="menu-item account-oversight">
                <Icon name="oversight" />
                "Oversight"
            </A>
            <A href="/account" attr:class="menu-item">
                <Icon name="user" />
                "Account"
            </A>
            // The server redirects to the source of the build it runs: the licence requires a link to it.
            <a href="/source" class="menu-item" rel="external">
                <Icon name="link" />
                "Source code"
            </a>
            <SignOut user=user.id class="menu-item" />
        </div>
    }
    .into_any()
}

/// Chooses the light, the dark or the system's theme.
#[component]
pub fn ThemeChoice() -> impl IntoView {
    // The server cannot know the stored choice: it is read once events are handled.
    let theme = RwSignal::new(Theme::System);
    Effect::new(move || theme.set(Theme::load()));
    let segment = |choice: Theme| (choice.label(), choice.label(), Some(choice.icon()));
    let value = Signal::derive(move || theme.get().label());
    let choose = Callback::new(move |label: &'static str| {
        if let Some(choice) = Theme::ALL.into_iter().find(|choice| choice.label() == label) {
            theme.set(choice);
            choice.apply();
        }
    });
    segments("Theme", "theme", &Theme::ALL.map(segment), value, choose)
}

/// Ends the session, deletes what this browser stores for the user, and goes to the sign-in page. When unsent changes
/// would be lost, it asks first.
#[component]
pub fn SignOut(
    /// Who is signed in.
    user: UserId,
    /// The class of the button.
    class: &'static str,
) -> impl IntoView {
    let submission = Submission::idle();
    let backend = StoredValue::new(backend());
    // How many changes would be lost, once counted.
    let unsent = RwSignal::new(0);
    let leave = Callback::new(move |_| {
        let forgotten = backend.with_value(|backend| backend.forget(user));
        spawn_local(async move {
            let _ = forgotten.await;
            // A new document: nothing of this account stays in memory, and every socket closes.
            // Fails only for an invalid address.
            let _ = window().location().assign("/login");
        });
    });
    let sign_out = move |_| {
        let sure = unsent.get_untracked() > 0;
        let unsent_count = backend.with_value(|backend| backend.unsent(user));
        spawn_local(async move {
            let waiting = if sure { 0 } else { unsent_count.await.unwrap_or_default() };
            if waiting == 0 {
                submission.send(Request::new(Method::Post, "/api/auth/logout"), leave);
            } else {
                unsent.try_set(waiting);
            }
        });
    };
    let label = move || match (submission.error_beside(&[]), unsent.get()) {
        (Some(error), _) => error,
        (None, 0) => "Sign out".into(),
        (None, 1) => "Sign out and lose 1 change".into(),
        (None, count) => format!("Sign out and lose {count} changes").into(),
    };
    view! {
        <button
            class=class
            type="button"
            disabled=move || submission.blocked()
            on:click=sign_out
        >
            <Icon name="sign-out" />
            {label}
        </button>
    }
    .into_any()
}
