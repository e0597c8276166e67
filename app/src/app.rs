//! The root component: the routes, and the contexts that every page finds.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    account,
    bell::{BellState, mark_icon, window_title},
    board, card,
    other_user::OtherUser,
    oversight::{self, Tab},
    page::problem,
    project::{self, LeftProjects},
    session::AuthSession,
    sign_in,
    ui::{
        field::{Reader, keep_compositions_apart},
        focus,
        hydrated::Hydrated,
        toast::{ToastStack, provide_toasts},
    },
};

/// The whole app. Reads `Arc<dyn Backend>` from the context; without one (while the server lists
/// the routes) it renders no page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let set_hydrated = Hydrated::provide();
    AuthSession::provide();
    let bell = BellState::provide();
    mark_icon(bell);
    provide_toasts();
    LeftProjects::provide();
    Reader::provide();
    // Effects run in the browser only, and after the first render: events are handled from here on.
    Effect::new(move || {
        // Before any handler of a page.
        keep_compositions_apart();
        focus::watch();
        set_hydrated.set(true);
        if let Some(root) = document().document_element() {
            // Cannot fail: the name is valid.
            let _ = root.set_attribute("data-hydrated", "");
        }
    });

    view! {
        <Title formatter=move |title: String| title_of(&title, bell) />
        <Router>
            // Every page is rendered whole before the first byte leaves: it can then redirect or answer 404,
            // and it reads without JavaScript.
            <FlatRoutes fallback=|| problem::missing().into_any()>
                <Route path=path!("/") view=|| project::list().into_any() ssr=SsrMode::Async />
                <Route path=path!("/login") view=|| sign_in::login().into_any() ssr=SsrMode::Async />
                <Route path=path!("/register") view=|| sign_in::register().into_any() ssr=SsrMode::Async />
                <Route path=path!("/invitations/:token") view=|| project::invitation().into_any() ssr=SsrMode::Async />
                <Route path=path!("/forgot-password") view=|| sign_in::forgot_password().into_any() ssr=SsrMode::Async />
                <Route path=path!("/reset-password") view=|| sign_in::reset_password().into_any() ssr=SsrMode::Async />
                <Route path=path!("/verify-email") view=|| sign_in::verify_email().into_any() ssr=SsrMode::Async />
                <Route path=path!("/account") view=|| account::account().into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight") view=|| oversight::oversight_home().into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/workload") view=|| oversight::oversight(Tab::Workload).into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/heatmap") view=|| oversight::oversight(Tab::Heatmap).into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/report") view=|| oversight::oversight(Tab::Report).into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/flow") view=|| oversight::oversight(Tab::Flow).into_any() ssr=SsrMode::Async />
                <Route path=path!("/projects/:id") view=|| board::board(card::panel).into_any() ssr=SsrMode::Async />
                <Route path=path!("/projects/:id/settings") view=|| project::settings().into_any() ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
        <OtherUser />
        <ToastStack />
    }
}

/// The window's title: the page's own, with the number of unread notifications.
fn title_of(title: &str, bell: BellState) -> String {
    // The server writes the title after the page is rendered, when signals can no longer be read. It knows no count
    // anyway.
    if cfg!(feature = "ssr") { escaped(&window_title(title, 0)) } else { window_title(title, bell.unread()) }
}

/// leptos_meta writes the title into the HTML as it is, so a task named `</title><script>…` would
/// be markup. In the browser the title is set as text, and must not be escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
