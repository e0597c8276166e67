//! The bar on top of a board.

use engine::User;
use leptos::prelude::*;
use leptos_router::components::A;

use super::filter_bar::{FilterBar, FilterToggle};
use crate::{
    board::{BoardStore, ConnectionPill, MemberFaces, filter::BoardFilter, focus_board},
    header::{AccountMenu, Bell, Home, OversightLink, skip_link},
    ui::icon::Icon,
};

/// The bar: navigation, the members, the filter, the state of the connection, the bell and the account.
#[component]
pub(super) fn BoardHeader(store: BoardStore, filter: BoardFilter, user: User) -> impl IntoView {
    // On a narrow page the filter is a row below, behind a button.
    let filter_open = RwSignal::new(false);
    let settings = format!("/projects/{}/settings", store.project_id());
    view! {
        <header class="header board-header">
            {skip_link("Skip to the board", focus_board)}
            <Home />
            <h1 class="board-name">{move || store.project().with(|project| project.name.clone())}</h1>
            <A href=settings attr:class="icon-button header-settings" attr:aria-label="Project settings" attr:title="Project settings">
                <Icon name="gear" />
            </A>
            <MemberFaces store filter />
            // In place of a gap: it takes the remaining room, so that nothing moves when its text changes.
            <ConnectionPill store />
            <FilterBar store filter open=filter_open />
            <FilterToggle filter open=filter_open />
            <OversightLink project=store.project_id() />
            <Bell user=user.id />
            <AccountMenu user project=store.project_id() />
        </header>
    }
    .into_any()
}
