//! Oversight: who has how much work, where work is stuck, and what a week brought.
//!
//! ```text
//! filter    the query, kept in the address           live_query  a query that refetches itself
//! workload  people × weeks, with their tasks         heatmap     the same as colours, by day too
//! report    one week                                 flow        flow metrics of the columns
//! toolbar   the controls of each view                words       figures in words
//! ```

mod filter;
mod flow;
mod heatmap;
mod live_query;
mod report;
mod toolbar;
mod words;
mod workload;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use engine::User;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

use crate::{
    bell::BellState,
    header::Header,
    page::signed_in,
    response::PageUser,
    ui::{
        dom::{find, focus},
        icon::Icon,
    },
};
use filter::OversightFilter;
pub(crate) use filter::Tab;

/// Whether this page was chosen by its tab: the focus then continues from there.
static CHOSEN: AtomicBool = AtomicBool::new(false);

/// `/oversight`
pub(crate) fn oversight_home() -> AnyView {
    view! { <Redirect path="/oversight/workload" /> }.into_any()
}

/// `/oversight/workload` and the other views
pub(crate) fn oversight(tab: Tab) -> AnyView {
    signed_in(Arc::new(move |user| view! { <Oversight user tab /> }.into_any()))
}

#[component]
fn Oversight(user: User, tab: Tab) -> impl IntoView {
    let filter = OversightFilter::of_page();
    provide_context(PageUser(user.id));
    let bell: BellState = expect_context();
    // Effects run in the browser only.
    Effect::new(move || {
        bell.oversee(true);
        // A reader who came by a tab still has the focus there.
        if CHOSEN.swap(false, Ordering::Relaxed)
            && let Some(link) = find(".tab[aria-current]")
        {
            focus(&link);
        }
    });
    on_cleanup(move || bell.oversee(false));
    view! {
        <Title text=tab.name() />
        <Header user />
        <main id="main" class="page oversight">
            <div class="oversight-head">
                <h1>"Oversight"</h1>
                <nav class="tabs" aria-label="Views">
                    {Tab::ALL.map(|each| link(filter, each, each == tab)).into_iter().collect_view()}
                </nav>
            </div>
            {body(tab, filter)}
        </main>
        <div class="drag-layer" data-drag-layer="" aria-hidden="true"></div>
    }
    .into_any()
}

/// Adds the page's user to the address of a download: a link cannot send the header.
fn download() -> impl Fn(String) -> String + Copy {
    let user = use_context::<PageUser>().map(|PageUser(user)| user);
    move |mut address| {
        if let Some(user) = user {
            let mark = if address.contains('?') { "&" } else { "?" };
            address.push_str(&format!("{mark}page_user={user}"));
        }
        address
    }
}

fn body(tab: Tab, filter: OversightFilter) -> AnyView {
    match tab {
        Tab::Workload => workload::workload(filter),
        Tab::Heatmap => heatmap::heatmap(filter),
        Tab::Report => report::report(filter),
        Tab::Flow => flow::flow(filter),
    }
}

fn link(filter: OversightFilter, tab: Tab, current: bool) -> AnyView {
    // Tabs keep the project. The rest of the query belongs to one view.
    let href = move || {
        let project = filter.get("project").map(|id| format!("?project={id}")).unwrap_or_default();
        format!("/oversight/{}{project}", tab.segment())
    };
    view! {
        // No `<A>`: it compares paths only, and would not know whether it is the current one.
        <a
            class="tab"
            href=href
            aria-current=current.then_some("page")
            data-noscroll=""
            on:click=|_| CHOSEN.store(true, Ordering::Relaxed)
        >
            <Icon name=tab.icon() />
            {tab.name()}
        </a>
    }
    .into_any()
}
