//! The root component: the routes, and what every page can find in the context.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    bell::{BellState, mark_icon, window_title},
    board, card,
    left_projects::LeftProjects,
    other_user::OtherUser,
    page::{self, Tab},
    session::AuthSession,
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
    // Effects run in the browser only, and after the first render: from here on events are handled.
    Effect::new(move || {
        // Before any handler of a page.
        keep_compositions_apart();
        focus::keep();
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
            <FlatRoutes fallback=|| page::missing().into_any()>
                <Route path=path!("/") view=|| page::projects().into_any() ssr=SsrMode::Async />
                <Route path=path!("/login") view=|| page::login().into_any() ssr=SsrMode::Async />
                <Route path=path!("/register") view=|| page::register().into_any() ssr=SsrMode::Async />
                <Route path=path!("/invitations/:token") view=|| page::invitation().into_any() ssr=SsrMode::Async />
                <Route path=path!("/forgot-password") view=|| page::forgot_password().into_any() ssr=SsrMode::Async />
                <Route path=path!("/reset-password") view=|| page::reset_password().into_any() ssr=SsrMode::Async />
                <Route path=path!("/verify-email") view=|| page::verify_email().into_any() ssr=SsrMode::Async />
                <Route path=path!("/account") view=|| page::account().into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight") view=|| page::oversight_home().into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/workload") view=|| page::oversight(Tab::Workload).into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/heatmap") view=|| page::oversight(Tab::Heatmap).into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/report") view=|| page::oversight(Tab::Report).into_any() ssr=SsrMode::Async />
                <Route path=path!("/oversight/flow") view=|| page::oversight(Tab::Flow).into_any() ssr=SsrMode::Async />
                <Route path=path!("/projects/:id") view=|| board::board(card::panel).into_any() ssr=SsrMode::Async />
                <Route path=path!("/projects/:id/settings") view=|| page::settings().into_any() ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
        <OtherUser />
        <ToastStack />
    }
}

/// The window's title around a page's own, with the number of unread notifications.
fn title_of(title: &str, bell: BellState) -> String {
    // The server writes the title when the page is made, where no signal can be read any more; it knows of none unread.
    if cfg!(feature = "ssr") { escaped(&window_title(title, 0)) } else { window_title(title, bell.unread()) }
}

/// leptos_meta writes the title into the HTML as it is, so a task named `</title><script>…` would
/// be markup. In the browser the title is set as text, and must not be escaped.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
