//! The bar on top of every page: navigation, the bell and the account.

pub mod account;

use engine::{ProjectId, User};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};

use crate::ui::{dom::find, icon::Icon};

pub use crate::bell::Bell;
pub use account::{AccountMenu, SignOut};

/// The bar of the pages other than boards. A board has its own bar, with the same ends.
#[component]
pub fn Header(
    /// Who is signed in.
    user: User,
) -> impl IntoView {
    view! {
        <header class="header">
            {skip_link("Skip to content", to_content)}
            <Home />
            <span class="header-gap"></span>
            <OversightLink />
            <Bell user=user.id />
            <AccountMenu user />
        </header>
    }
    .into_any()
}

/// The link to oversight: workload, heatmap, report and flow.
#[component]
pub fn OversightLink(
    /// The project of this page, if it belongs to one.
    #[prop(optional)]
    project: Option<ProjectId>,
) -> impl IntoView {
    let path = use_location().pathname;
    // Marked on every oversight page, not only on the one that the link leads to.
    let here = move || path.with(|path| path.starts_with("/oversight")).then_some("");
    let query = project.map(|project| format!("?project={project}")).unwrap_or_default();
    view! {
        <A href=format!("/oversight/workload{query}") attr:class="header-link" attr:title="Oversight" attr:data-here=here>
            <Icon name="oversight" />
            <span class="header-link-name">"Oversight"</span>
        </A>
    }
    .into_any()
}

/// The link to the list of projects.
#[component]
pub fn Home() -> impl IntoView {
    view! {
        <A href="/" attr:class="home" attr:aria-label="Lockstep, all projects">
            <Logo />
            <span class="home-name">"Lockstep"</span>
        </A>
    }
    .into_any()
}

/// The logo: three columns, two of them in step.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
            <rect class="logo-ground" width="32" height="32" rx="8"></rect>
            <g class="logo-columns">
                <rect x="7" y="8" width="5" height="10" rx="2"></rect>
                <rect x="13.5" y="8" width="5" height="16" rx="2"></rect>
                <rect x="20" y="8" width="5" height="10" rx="2"></rect>
            </g>
        </svg>
    }
    .into_any()
}

/// A link that is visible while focused. `go` moves the focus to its target.
pub(crate) fn skip_link(words: &'static str, go: fn()) -> AnyView {
    let skip = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        go();
    };
    view! { <a class="skip-link" href="#main" on:click=skip>{words}</a> }.into_any()
}

/// Focuses the main content.
fn to_content() {
    if let Some(main) = find("#main") {
        // Cannot fail: the name is valid.
        let _ = main.set_attribute("tabindex", "-1");
        let _ = main.focus();
    }
}
